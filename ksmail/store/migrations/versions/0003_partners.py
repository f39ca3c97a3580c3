"""What consultations of partners need: one row for each, whose words a text has, and what a letter carries.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry", sa.Column("partner", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("outbox", sa.Column("carries", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("sent_to_name", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identity", sa.Boolean(), nullable=False),
        sa.Column("attachments", sa.Boolean(), nullable=False),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.reference"], name=op.f("fk_consultation_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("ticket", "partner", name=op.f("uq_consultation_ticket_partner")),
    )
    op.create_index(op.f("ix_consultation_stage"), "consultation", ["stage"], unique=False)
