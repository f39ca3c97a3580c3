"""What the orders of staff need: the life of a ticket, letters that can be called back, files that can be destroyed.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ADDED: dict[str, tuple[sa.Column[Any], ...]] = {
    "attachment": (sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),),
    "inbound": (sa.Column("released", sa.Boolean(), server_default=sa.text("0"), nullable=False),),
    "outbox": (
        sa.Column("on_sent", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("orderable", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("wish", sa.Text(), server_default=sa.text("''"), nullable=False),
    ),
    "promise": (sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),),
    "raw_mail": (sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),),
    "ticket": (
        sa.Column("assignee", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("assignee_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("remaining_days", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_because", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("merged_after", sa.Integer(), nullable=True),
        sa.Column("merge", sa.Integer(), nullable=True),
    ),
}


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, column)
    # In plain SQL: SQLite takes a foreign key with a new column and in no other way, short of making the table again.
    for name in ("merged_into", "continues"):
        op.execute(
            f"ALTER TABLE ticket ADD COLUMN {name} TEXT CONSTRAINT fk_ticket_{name} REFERENCES ticket (reference)"
        )
    op.create_index(op.f("ix_ticket_merged_into"), "ticket", ["merged_into"], unique=False)
    op.create_index(op.f("ix_outbox_envelope_from"), "outbox", ["envelope_from"], unique=False)
    op.create_table(
        "absence",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_absence")),
    )
    op.create_table(
        "confirmation",
        sa.Column("mail", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("who_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["mail"], ["inbound.number"], name=op.f("fk_confirmation_mail")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.reference"], name=op.f("fk_confirmation_ticket")),
        sa.PrimaryKeyConstraint("mail", name=op.f("pk_confirmation")),
    )
    op.create_table(
        "doomed",
        sa.Column("mail", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mail"], ["inbound.number"], name=op.f("fk_doomed_mail")),
        sa.PrimaryKeyConstraint("mail", name=op.f("pk_doomed")),
    )
    op.create_table(
        "suppression",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_suppression")),
    )
