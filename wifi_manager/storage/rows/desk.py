"""What city IT's desk works on: citizens' problem reports, and places that are open in an emergency."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column, reference

problem_report = sa.Table(
    "problem_report",
    metadata,
    number_column(),
    city_column(),
    sa.Column("nonce", sa.Text, nullable=False),  # of the ticket or the form that it came with: sent twice, kept once
    # Whose it is, so that this device alone reads the answer; a device that is forgotten leaves the report behind.
    sa.Column("device_id", BigId, sa.ForeignKey("device.id", ondelete="SET NULL"), index=True),
    reference("site_id", "site", nullable=True),
    reference("gateway_id", "gateway", nullable=True),
    sa.Column("network", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("text_sealed", sa.LargeBinary),  # people type names and numbers though nobody asked
    sa.Column("incident", sa.Text, nullable=False),
    sa.Column("access", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("assigned_to", sa.Text, nullable=False),
    sa.Column("answer_sealed", sa.LargeBinary),
    sa.Column("handled_by", sa.Text, nullable=False),
    sa.Column("handled_at", Moment),
    sa.UniqueConstraint("city_id", "nonce"),
    sa.Index("ix_problem_report_city_id_state_id", "city_id", "state", "id"),
    sa.Index("ix_problem_report_city_id_at", "city_id", "at"),
)

emergency = sa.Table(
    "emergency",
    metadata,
    number_column(),
    city_column(),
    reference("district_id", "district"),
    reference("site_id", "site", nullable=True),  # empty: the whole district
    sa.Column("since", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("opened_by", sa.Text, nullable=False),
    sa.Column("closed_at", Moment),
)
