"""Alembic's room. A migration imports nothing of ours: it must do the same for ever. Each has a data test."""
