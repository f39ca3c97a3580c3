"""What time needs: things done once per date, numbered lists, and since when we wait for an asker.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("what", "day", name=op.f("pk_claim")),
    )
    op.create_table(
        "sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
    )
    op.create_index(op.f("ix_inbound_filed_mailbox"), "inbound", ["filed", "mailbox"], unique=False)
    op.add_column("ticket", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True))
    # The clock of a promise stopped at the moment from which we wait for its asker.
    op.execute(
        "UPDATE ticket SET waiting_since = ("
        " SELECT max(settled_at) FROM promise WHERE promise.ticket = ticket.reference AND promise.state = 'paused')"
        " WHERE status = 'waiting_asker'"
    )
