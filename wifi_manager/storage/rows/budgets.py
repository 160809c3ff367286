"""What was spent of budgets, codes that were sent by text message, and whether their provider answers."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata

budget = sa.Table(  # a row counts one thing for one digest in one span, and is forgotten after days
    "budget",
    metadata,
    city_column(),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("whom", sa.LargeBinary, nullable=False),
    sa.Column("since", Moment, nullable=False, index=True),
    sa.Column("used", BigId, nullable=False),
    sa.PrimaryKeyConstraint("city_id", "what", "whom", "since"),
)

sms_code = sa.Table(  # the newest code of a device, until it is used or too old
    "sms_code",
    metadata,
    city_column(),
    sa.Column("device", sa.LargeBinary, nullable=False),  # keyed digests, all three
    sa.Column("holder", sa.LargeBinary, nullable=False),
    sa.Column("code", sa.LargeBinary, nullable=False),
    sa.Column("number_sealed", sa.LargeBinary, nullable=False),
    sa.Column("sent_at", Moment, nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("city_id", "device"),
)

sms_provider = sa.Table(  # one row a city: how often in a row the provider has failed
    "sms_provider",
    metadata,
    sa.Column("city_id", BigId, sa.ForeignKey("city.id"), primary_key=True, autoincrement=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", Moment, nullable=False),
)
