"""Run by Alembic: uses the connection that `migrate` hands over, in the transaction that it has begun."""

from alembic import context

from wifi_manager.storage.rows import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=False,  # SQLite forgets most types; the data tests hold them
)
context.run_migrations()
