"""Layers of intent, every version of them: who wanted what, who approved it, and since when it holds."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import Moment, city_column, metadata, number_column

intent_layer = sa.Table(
    "intent_layer",
    metadata,
    number_column(),
    city_column(),
    sa.Column("scope", sa.Text, nullable=False),  # as domain/intent_layers.py writes it
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("text_sealed", sa.LargeBinary, nullable=False),  # TOML as it was given; it may hold passphrases
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", Moment, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", Moment),
    sa.UniqueConstraint("city_id", "scope", "version"),
)
_in_force = sa.text("state = 'approved'")
sa.Index(
    "uq_intent_layer_in_force",  # one version of a scope holds at a time
    intent_layer.c.city_id,
    intent_layer.c.scope,
    unique=True,
    sqlite_where=_in_force,
    postgresql_where=_in_force,
)
