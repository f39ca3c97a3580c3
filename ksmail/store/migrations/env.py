"""Runs the revisions on the connection that `revisions.py` hands over."""

from alembic import context

from ksmail.store.columns import Base
from ksmail.store.tables import ticket  # noqa: F401 -- makes the tables known

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # The caller's transaction holds all of it: a run that is killed leaves the old tables.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
