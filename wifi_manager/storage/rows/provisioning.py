"""Pushes, what each access point should run, what it was last seen to run, and how to sign in to it."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column, reference

rollout = sa.Table(
    "rollout",
    metadata,
    number_column(),
    city_column(),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("waves", sa.Integer, nullable=False),
    sa.Column("wave", sa.Integer, nullable=False),  # the newest that was let go
    sa.Column("soak_seconds", sa.Integer, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", Moment, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("undoes", BigId),  # the number of the rollout that it takes back
    sa.Column(
        "any_hour", sa.Text, nullable=False, server_default=""
    ),  # why windows do not hold for it; empty: they do
    sa.Column("score", sa.Integer, nullable=False, server_default="0"),
    sa.Column(
        "summary", sa.JSON, nullable=False, server_default="{}"
    ),  # of its plan: reasons of the score, unchanged, wrong
)

rollout_group = sa.Table(
    "rollout_group",  # access points that change alike
    metadata,
    number_column(),
    city_column(),
    reference("rollout_id", "rollout"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("touched", sa.JSON, nullable=False),
    sa.Column("diff", sa.Text, nullable=False),  # keys masked
    sa.Column("size", sa.Integer, nullable=False),
)

maintenance_window = sa.Table(
    "maintenance_window",
    metadata,
    number_column(),
    city_column(),
    sa.Column("scope", sa.Text, nullable=False),  # city, kind:park, site:DISTRICT/NAME
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.UniqueConstraint("city_id", "scope"),
)

push = sa.Table(
    "push",
    metadata,
    number_column(),
    city_column(),
    reference("access_point_id", "access_point"),
    sa.Column("intent_sealed", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", Moment, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", Moment, nullable=False),  # not to be claimed before: back-off of unreachable devices
    sa.Column("claimed_by", sa.Text, nullable=False),
    sa.Column("heartbeat_at", Moment),
    sa.Column("ended_at", Moment),
    reference("rollout_id", "rollout", nullable=True),
    sa.Column("wave", sa.Integer),  # of its rollout, from 1
    sa.Column("group_position", sa.Integer),  # of its group in its rollout
    sa.Column("sort", sa.Text),  # a digest: what behaves alike in its rollout has the same
    sa.Column("any_hour", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("window_at", Moment),  # when the maintenance window opens that it waits for
    sa.Column("before_sealed", sa.LargeBinary),  # the intent in force when its rollout was planned: the way back
)
_open = sa.text("ended_at IS NULL")
sa.Index("ix_push_open", push.c.city_id, push.c.state, push.c.due_at, sqlite_where=_open, postgresql_where=_open)
sa.Index(
    "uq_push_running",  # never two pushes at one access point at once
    push.c.access_point_id,
    unique=True,
    sqlite_where=sa.text("state = 'running'"),
    postgresql_where=sa.text("state = 'running'"),
)

wanted = sa.Table(
    "wanted",
    metadata,
    sa.Column("access_point_id", BigId, sa.ForeignKey("access_point.id"), primary_key=True),
    city_column(),
    sa.Column("intent_sealed", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
)

observation = sa.Table(
    "observation",
    metadata,
    sa.Column("access_point_id", BigId, sa.ForeignKey("access_point.id"), primary_key=True),
    city_column(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("is_up", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("last_seen_at", Moment),
    sa.Column("uptime_seconds", BigId),
    sa.Column("load_ratio", sa.Float),
    sa.Column("digest", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("firmware", sa.Text),
    sa.Column("is_pending", sa.Boolean),  # a pushed change waits for its confirmation
    sa.Column("readings", sa.JSON(none_as_null=True)),
    sa.Index(None, "city_id", "at"),  # what is new since the last scrape
)

credential = sa.Table(
    "credential",
    metadata,
    sa.Column("access_point_id", BigId, sa.ForeignKey("access_point.id"), primary_key=True),
    city_column(),
    sa.Column("private_key_sealed", sa.LargeBinary, nullable=False),  # OpenSSH or PEM text of an Ed25519 key
    sa.Column("next_sealed", sa.LargeBinary),  # not proved yet; it may be on the device already
    sa.Column("previous_sealed", sa.LargeBinary),  # it may still be on the device
)
