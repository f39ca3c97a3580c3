"""What time needs: things done once per date, numbered lists, and since when we wait for an asker.

Revision ID: 0004
Revises: 0003
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_TICKET = sa.table(
    "ticket",
    sa.column("reference", sa.Text()),
    sa.column("status", sa.Text()),
    *(sa.column(name, _MOMENT) for name in ("received_at", "active_at", "ended_at", "waiting_since")),
)
_HISTORY = sa.table(
    "history", sa.column("id", sa.Integer()), sa.column("ticket", sa.Text()), sa.column("change", sa.Text())
)


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
    _fill_those_that_were_late()


def _fill_those_that_were_late() -> None:
    """A promise that was broken before we asked its asker has no clock that stopped. The history says when we asked;
    where it does not, we wait since somebody did something last."""
    db = op.get_bind()
    last = sa.func.coalesce(_TICKET.c.ended_at, _TICKET.c.active_at, _TICKET.c.received_at)
    late = sa.select(_TICKET.c.reference, last).where(
        _TICKET.c.status == "waiting_asker", _TICKET.c.waiting_since.is_(None)
    )
    for reference, fallback in db.execute(late).all():
        since = _asked_at(db, reference) or fallback
        db.execute(sa.update(_TICKET).where(_TICKET.c.reference == reference).values(waiting_since=since))


def _asked_at(db: sa.Connection, reference: str) -> datetime | None:
    """When a mail server took our last question to the asker."""
    asked = sa.select(_HISTORY.c.change).where(
        _HISTORY.c.ticket == reference, _HISTORY.c.change.like('%"type":"InfoAsked"%')
    )
    for text in db.scalars(asked.order_by(_HISTORY.c.id.desc())):
        change = json.loads(text)
        if change["type"] == "InfoAsked":
            return datetime.fromisoformat(change["at"]).astimezone(UTC)
    return None
