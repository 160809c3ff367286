"""Devices by pseudonym, their visits, what gateways must hear of them, and the tickets that were used."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column, reference

device = sa.Table(
    "device",
    metadata,
    number_column(),  # is also the packet mark at every gateway, so it is never given to another device
    city_column(),
    sa.Column("pseudonym", sa.LargeBinary, nullable=False),  # keyed digest of the device's address
    sa.Column("first_seen_at", Moment, nullable=False),
    # The row of the key that made the pseudonym; empty: the one of the master key. Rows of keys are never deleted.
    sa.Column("key_id", BigId, index=True),
    sa.UniqueConstraint("city_id", "pseudonym"),
    sqlite_autoincrement=True,
)

visit = sa.Table(
    "visit",
    metadata,
    number_column(),
    city_column(),
    sa.Column("public_id", sa.Text, nullable=False),
    reference("device_id", "device", nullable=True),  # empty once the citizen had their data deleted
    reference("gateway_id", "gateway"),
    sa.Column("plan_id", BigId, sa.ForeignKey("plan.id"), nullable=False),  # no index: nobody looks for it
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("terms_version", sa.Text, nullable=False),
    sa.Column("terms_language", sa.Text, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("asker_sealed", sa.LargeBinary),  # the device's addresses, only while the visit is active
    sa.Column("up_bytes", BigId, nullable=False),
    sa.Column("down_bytes", BigId, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("end_reason", sa.Text),
    sa.Column("network", sa.Text, nullable=False, server_default=""),
    sa.Column("stay", sa.Integer, nullable=False, server_default="1"),  # grows with each move to another gateway
    sa.Column("carried_up_bytes", BigId, nullable=False, server_default="0"),  # what earlier stays counted
    sa.Column("carried_down_bytes", BigId, nullable=False, server_default="0"),
    sa.Column("holder", sa.LargeBinary),  # keyed digest of the number, voucher or account behind it
    sa.Column("own_volume_bytes", sa.BigInteger),  # where its proof allows less than its plan
    sa.Column("ends_by", Moment),  # where its proof ends: it is never extended beyond
    sa.Column("extensions", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("city_id", "public_id"),
)
_active = sa.text("ended_at IS NULL")
sa.Index(
    "uq_visit_active_device",  # two taps of one phone may race; only one visit comes of it
    visit.c.city_id,
    visit.c.device_id,
    unique=True,
    sqlite_where=_active,
    postgresql_where=_active,
)
sa.Index(
    "ix_visit_active_gateway",
    visit.c.gateway_id,
    visit.c.expires_at,
    sqlite_where=_active,
    postgresql_where=_active,
)
_held = sa.text("ended_at IS NULL AND holder IS NOT NULL")
sa.Index(
    "ix_visit_active_holder",
    visit.c.city_id,
    visit.c.holder,
    sqlite_where=_held,
    postgresql_where=_held,
)
_of_holder = sa.text("holder IS NOT NULL")
sa.Index(
    "ix_visit_holder",  # what somebody has used in all their visits
    visit.c.city_id,
    visit.c.holder,
    sqlite_where=_of_holder,
    postgresql_where=_of_holder,
)
sa.Index("ix_visit_city_id_opened_at", visit.c.city_id, visit.c.opened_at)

stay = (
    sa.Table(  # where a visit was before it moved on, and what that gateway has counted: its last word may come late
        "stay",
        metadata,
        city_column(),
        sa.Column("visit_id", BigId, sa.ForeignKey("visit.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stay", sa.Integer, nullable=False),
        reference("gateway_id", "gateway"),
        sa.Column("up_bytes", BigId, nullable=False),
        sa.Column("down_bytes", BigId, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "stay"),
    )
)

grant_change = sa.Table(  # whose grant is another one since which revision of a gateway; forgotten after some minutes
    "grant_change",
    metadata,
    city_column(),
    sa.Column("gateway_id", BigId, sa.ForeignKey("gateway.id"), nullable=False),
    sa.Column("revision", BigId, nullable=False),
    sa.Column("number", BigId, nullable=False),  # of a device, which may have been erased since
    sa.PrimaryKeyConstraint("gateway_id", "revision", "number"),
    sqlite_with_rowid=False,  # each row is written in one place, not two
)

block = sa.Table(
    "block",
    metadata,
    number_column(),
    city_column(),
    sa.Column("number", BigId, nullable=False),  # the device's, as in grant_change; a citizen may have it erased
    sa.Column("pseudonym", sa.LargeBinary, nullable=False),
    sa.Column("device_sealed", sa.LargeBinary, nullable=False),  # gateways must know the address itself
    sa.Column("key_id", BigId),  # as of `device`
    sa.Column("since", Moment, nullable=False),
    sa.Column("until", Moment),  # empty: for good; past: lifted
    sa.Column("set_by", sa.Text, nullable=False),
    sa.UniqueConstraint("city_id", "pseudonym"),
)

remembered_device = sa.Table(  # whose citizen agreed that it comes back online without a page
    "remembered_device",
    metadata,
    sa.Column("device_id", BigId, sa.ForeignKey("device.id", ondelete="CASCADE"), primary_key=True),
    city_column(),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("holder", sa.LargeBinary),
    sa.Column("terms_version", sa.Text, nullable=False),
    sa.Column("terms_language", sa.Text, nullable=False),
    sa.Column("agreed_at", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False, index=True),
)
_remembered_holder = sa.text("holder IS NOT NULL")
sa.Index(
    "ix_remembered_device_holder",
    remembered_device.c.city_id,
    remembered_device.c.holder,
    sqlite_where=_remembered_holder,
    postgresql_where=_remembered_holder,
)

used_ticket = sa.Table(
    "used_ticket",
    metadata,
    city_column(),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("used_at", Moment, nullable=False, index=True),
    sa.PrimaryKeyConstraint("city_id", "nonce"),
    sqlite_with_rowid=False,  # as above
)
