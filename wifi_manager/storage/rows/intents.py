"""Layers of intent, every version: who wanted what, who approved it, since when it holds; and secrets they name."""

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
intent_secret = sa.Table(
    "intent_secret",
    metadata,
    number_column(),
    city_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("value_sealed", sa.LargeBinary, nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("set_at", Moment, nullable=False),
    sa.UniqueConstraint("city_id", "name"),
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
