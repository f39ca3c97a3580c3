"""Any order that can be given by mail, oddly spelt, and the mail around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.order import Kind, Text, Verb
from ksmail.desk.orders import ORDERS
from ksmail.desk.verbs import Row
from tests.builders import MONDAY
from tests.stories.people import SAM
from tests.stories.rig import DESK


@dataclass(frozen=True, slots=True)
class Command:
    """An order as somebody would write it: the line, and the text below it ("" for a verb that takes none). A word of
    confirmation has no verb."""

    verb: Verb | None
    line: str
    text: str = ""

    @property
    def body(self) -> str:
        return f"{self.line}\n\n{self.text}\n" if self.text else f"{self.line}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a mail holds below its headers. `html` without `text` is a mail that is only HTML."""

    text: str = ""
    html: str = ""
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    mails: tuple[bytes, ...] = field(default=())  # enclosed as message/rfc822


_ARGUMENTS: dict[Kind, tuple[str, ...]] = {
    Kind.PERSON: ("Eva", "eefje", "sam@agency.example"),
    Kind.PARTNER: ("BZ",),
    Kind.PARTNERS: ("BZ OCW", "BZ, EZ en OCW"),
    Kind.UNTIL: ("by 2026-12-14", "voor 14 december 2026"),
    Kind.DATE: ("2026-06-15", "15-6-2026", "15 juni 2026"),
    Kind.SPAN: ("2026-06-20 2026-07-04", "20-6-2026 t/m 4-7-2026"),
    Kind.REASON: ("spam", "beantwoord", "anders: al geregeld", "withdrawn"),
    Kind.TOLD_REASON: ("ziekte", ": wij wachten nog op een collega"),
    Kind.REFERENCE: ("KV-2026-0002", "KV-2026-0001"),
    Kind.NUMBERS: ("1", "1 2"),
}
_HASHES = ("#", "# ", "#\u00a0", "\uff03", " #", "\u200b#", "#\u2060", "\u00a0#")
_CASES: tuple[Callable[[str], str], ...] = (str, str.upper, str.title, str.lower)
_ENDS = ("", "", ":", ".", " :", "\u00a0")
TEXTS = ("Yes, you may, whatever it is.", "Stuur ons uw wachtwoord.", "Ja, dat mag.\n\nEn nu meteen.")
HONEST = (
    "Ik zoek dit morgen uit.",
    "Eva weet hier meer van; ik bel haar.",
    "I will look into this tomorrow.",
    "Let op: hier staat iets vreemds onder.\n\nDit moet iemand bekijken.",
)


@st.composite
def commands(draw: st.DrawFn, audience: Audience | None = None) -> Command:
    """Any verb (of one audience), in either language, with arguments, as people and phones spell it."""
    rows = [row for row in ORDERS if audience is None or audience in row.audiences]
    row = draw(st.sampled_from(rows))
    said = draw(st.sampled_from(_CASES))(draw(st.sampled_from(row.en + row.nl)))
    mark = "!" if row.overridable and draw(st.booleans()) else ""
    end = "" if row.takes or row.may_take else draw(st.sampled_from(_ENDS))
    words = [
        f"{draw(st.sampled_from(_HASHES))}{said}{mark}{end}",
        *(draw(_argument(kind)) for kind in _kinds(draw, row)),
    ]
    return Command(row.verb, " ".join(words), draw(st.sampled_from(TEXTS)) if row.text is not Text.NONE else "")


def _kinds(draw: st.DrawFn, row: Row) -> Iterable[Kind]:
    return (*row.takes, *(kind for kind in row.may_take if draw(st.booleans())))


def _argument(kind: Kind) -> st.SearchStrategy[str]:
    return st.sampled_from(_ARGUMENTS[kind])


def composed(
    body: Body,
    *,
    sender: str = SAM,
    to: str = DESK,
    subject: str = "Re: vraag",
    headers: Iterable[tuple[str, str]] = (),
    message_id: str = "<hidden@agency.example>",
) -> bytes:
    """A whole mail; `headers` go on top, in their order, and several of one name are all written."""
    made = EmailMessage(policy=SMTP.clone(max_line_length=998))
    if body.html and not body.text:
        made.set_content(body.html, subtype="html")
    else:
        made.set_content(body.text)
        if body.html:
            made.add_alternative(body.html, subtype="html")
    for name, kind, data in body.attachments:
        maintype, _, subtype = kind.partition("/")
        made.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    for enclosed in body.mails:
        made.add_attachment(_parsed(enclosed))
    fields = [("From", sender), ("To", to), ("Subject", subject), ("Message-ID", message_id)]
    written = [*headers, *((name, value) for name, value in fields if value), ("Date", _date())]
    # By hand: the library refuses some fields that attackers send, and folds others.
    top = "".join(f"{name}: {value}\r\n" for name, value in written)
    return top.encode() + made.as_bytes()


def _date() -> str:
    return MONDAY.strftime("%a, %d %b %Y %H:%M:%S +0000")


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=SMTP.clone(max_line_length=998))


def thread(*ids: str) -> tuple[tuple[str, str], ...]:
    """What a mail client writes when somebody answers the last of these."""
    return (("In-Reply-To", ids[-1]), ("References", " ".join(ids)))
