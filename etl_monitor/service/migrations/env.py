"""Alembic's entry point. Uses the connection and the transaction of `migrate.upgrade`."""

from alembic import context

from etl_monitor.service.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
