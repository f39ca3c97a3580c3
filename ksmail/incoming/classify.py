"""What sort of mail it is: a person's, or a machine's that must not be answered."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from ksmail.address import Address, is_mailbox
from ksmail.capability import Keyring, find_tokens
from ksmail.incoming.form import Form
from ksmail.incoming.message import Message
from ksmail.incoming.signs import (
    LIST_ROBOT,
    NO_REPLY,
    OUT_OF_OFFICE,
    REPORT_SUBJECT,
    REPORT_TEXT,
    REPORTERS,
    ROLE_LOCALS,
    comma_words,
    first_word,
)
from ksmail.incoming.verdict import Silence, Sort, Verdict

_REPORTS = frozenset({"delivery-status", "disposition-notification"})
_AUTORESPONDER_HEADERS = ("x-autoreply", "x-autorespond")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """One message, and what the classifiers need to know of the desk it came to."""

    message: Message
    keyring: Keyring
    ourselves: tuple[Address, ...]
    form: Form | None
    require_return_path: bool

    @property
    def local(self) -> str:
        """The local part of the sender, case folded; empty when nobody can be named."""
        return self.message.sender.local.casefold() if self.message.sender else ""

    @property
    def subject(self) -> str:
        """The subject with one way to write each accent and each space."""
        return " ".join(unicodedata.normalize("NFKC", self.message.subject[:1000]).split())

    @property
    def null_return_path(self) -> bool:
        return self.message.return_path is not None and not self.message.return_path.strip("<> \t")

    @property
    def from_ourselves(self) -> bool:
        sender = self.message.sender
        return sender is not None and any(is_mailbox(sender, own) for own in self.ourselves)

    @property
    def passed_on(self) -> bool:
        """Whether a person sends us a report as a part of his own mail: "what does this bounce mean?"."""
        kind = self.message.content_type.casefold()
        wrapped = kind.startswith("multipart/") and kind != "multipart/report"
        machine = self.null_return_path or self.local in REPORTERS or bool(self.message.header("auto-submitted"))
        return wrapped and not machine


Classifier = Callable[[_Mail], Verdict | None]


def classify(
    message: Message,
    keyring: Keyring,
    ourselves: tuple[Address, ...],
    require_return_path: bool = False,
    form: Form | None = None,
) -> Verdict:
    """The first classifier that knows the mail decides; a mail that none of them knows is a person's.

    `form` is the web form that sent it: a form always has a machine's sender and may call itself automatic, and
    neither says anything about the person who filled it in.
    """
    mail = _Mail(
        message=message, keyring=keyring, ourselves=ourselves, form=form, require_return_path=require_return_path
    )
    found = (verdict for classifier in CLASSIFIERS if (verdict := classifier(mail)) is not None)
    verdict = next(found, Verdict(Sort.PERSON, "no sign of a machine"))
    if form is not None and verdict.sort is Sort.PERSON:
        return replace(verdict, because=f"a person, through a known web form; {verdict.because}")
    return verdict


def _own_mail(mail: _Mail) -> Verdict | None:
    # Only what we signed counts: a mark that anybody can copy would let anybody hide a mail. And only under our own
    # name: whoever got a letter of ours knows its Message-ID.
    if mail.from_ourselves and any(mail.keyring.read(token) for token in find_tokens(mail.message.message_id)):
        return Verdict(Sort.OWN, "its Message-ID is one that we signed")
    return None


def _report(mail: _Mail) -> Verdict | None:
    """Delivery and disposition reports (RFC 3464, RFC 8098)."""
    message = mail.message
    report_type = message.report_type.casefold()
    if mail.passed_on:
        return None
    if report_type in _REPORTS:
        return Verdict(Sort.BOUNCE, f"a report: {report_type}")
    if report_type or message.content_type.casefold() == "multipart/report":
        return Verdict(Sort.AUTOMATIC, "a report about something else")
    if message.header("x-failed-recipients"):
        return Verdict(Sort.BOUNCE, "X-Failed-Recipients")
    return None


def _report_without_form(mail: _Mail) -> Verdict | None:
    """What mail servers wrote before RFC 3464, and still write."""
    message = mail.message
    return_path = (message.return_path or "").strip("<> \t").casefold()
    if mail.local == "mailer-daemon" or return_path.startswith("mailer-daemon@"):
        return Verdict(Sort.BOUNCE, "from mailer-daemon")
    reports = bool(REPORT_SUBJECT.search(mail.subject))
    if mail.null_return_path and (reports or REPORT_TEXT.search(message.text[:10_000])):
        return Verdict(Sort.BOUNCE, "null return path, and it reads like a delivery report")
    if mail.local == "postmaster" and reports:
        return Verdict(Sort.BOUNCE, "from postmaster, and the subject is a delivery report's")
    return None


_AUTO_SUBMITTED = ("auto-generated", "auto-replied", "auto-notified")  # RFC 3834 5, RFC 5436 2.7.1


def _auto_submitted(mail: _Mail) -> Verdict | None:
    """RFC 3834 5: "no" means that a person wrote it, and every other word, known or not, that no person did."""
    values = mail.message.header("auto-submitted")
    if not values or mail.form is not None:
        return None
    if len(values) > 1:
        return Verdict(Sort.AUTOMATIC, "more than one Auto-Submitted")
    word = first_word(values[0])
    told = word if word in _AUTO_SUBMITTED else "another word"  # theirs might be anything, and ours goes into the log
    return None if word == "no" else Verdict(Sort.AUTOMATIC, f"Auto-Submitted: {told}")


def _autoresponder(mail: _Mail) -> Verdict | None:
    name = next((name for name in _AUTORESPONDER_HEADERS if mail.message.header(name)), None)
    return Verdict(Sort.AUTOMATIC, f"{name} is there") if name else None


def _out_of_office(mail: _Mail) -> Verdict | None:
    """Clients that announce an absence in the subject only."""
    if OUT_OF_OFFICE.match(mail.subject):
        return Verdict(Sort.AUTOMATIC, "the subject is an out-of-office reply's")
    return None


def _null_return_path(mail: _Mail) -> Verdict | None:
    """RFC 5321 4.5.5: who sends with the null path wants no answer, ever."""
    return Verdict(Sort.AUTOMATIC, "null return path") if mail.null_return_path else None


def _precedence(mail: _Mail) -> Verdict | None:
    words = {first_word(value).replace("_", "-") for value in mail.message.header("precedence")}
    if "auto-reply" in words:
        return Verdict(Sort.AUTOMATIC, "Precedence: auto_reply")
    word = next((word for word in ("bulk", "junk", "list") if word in words), None)
    return Verdict(Sort.BULK, f"Precedence: {word}") if word else None


def _mailing_list(mail: _Mail) -> Verdict | None:
    """RFC 2369 and RFC 2919: any List-* field."""
    is_list = any(name.startswith("list-") for name, _ in mail.message.headers)
    return Verdict(Sort.BULK, "a List- header") if is_list else None


def _list_robot(mail: _Mail) -> Verdict | None:
    """Addresses that only a list's software writes from (RFC 5230 4.6)."""
    if mail.form is None and LIST_ROBOT.fullmatch(mail.local):
        return Verdict(Sort.AUTOMATIC, "the sender is a list's software")
    return None


def _no_reply(mail: _Mail) -> Verdict | None:
    """A machine's address, but maybe a person's words: those are held for staff and never lost."""
    if mail.form is not None or not NO_REPLY.search(mail.local):
        return None
    if mail.message.text.strip():
        return Verdict(Sort.MACHINE_LIKE, "a no-reply sender, with words that a person may have written")
    return Verdict(Sort.AUTOMATIC, "a no-reply sender, without a word")


def _suppressed(mail: _Mail) -> Verdict | None:
    """MS-OXCMAIL 2.1.3.2.20: the sender asks for no automatic answers. DR, RN and None ask for nothing of ours."""
    words = comma_words(mail.message.header("x-auto-response-suppress"))
    word = next((word for word in ("all", "autoreply", "oof") if word in words), None)
    return _silent(Silence.SUPPRESSED, f"X-Auto-Response-Suppress: {word}") if word else None


def _marked_spam(mail: _Mail) -> Verdict | None:
    marked = any(first_word(value) == "yes" for value in mail.message.header("x-spam-flag"))
    return _silent(Silence.MARKED_SPAM, "X-Spam-Flag: yes") if marked else None


def _own_people(mail: _Mail) -> Verdict | None:
    if mail.from_ourselves:
        return _silent(Silence.OUR_OWN_PEOPLE, "From is our own address, but we did not sign the mail")
    return None


def _role_address(mail: _Mail) -> Verdict | None:
    """RFC 5230 4.6: a person may read postmaster's mail, and a machine may answer it."""
    return _silent(Silence.ROLE_ADDRESS, f"from {mail.local}") if mail.local in ROLE_LOCALS else None


def _not_addressed(mail: _Mail) -> Verdict | None:
    """RFC 5230 4.5: mail that names us nowhere came by a list or as a blind copy."""
    recipients = mail.message.recipients
    if any(is_mailbox(recipient, own) for recipient in recipients for own in mail.ourselves):
        return None
    return _silent(Silence.NOT_ADDRESSED, "our address is nowhere in To or Cc")


def _no_return_path(mail: _Mail) -> Verdict | None:
    if mail.require_return_path and mail.message.return_path is None:
        return _silent(Silence.NO_RETURN_PATH, "no Return-Path")
    return None


def _silent(reason: Silence, because: str) -> Verdict:
    return Verdict(Sort.PERSON, because, silent=reason)


# Order is meaning: what is surely a machine's, then what may be, then persons who get no automatic letter.
CLASSIFIERS: tuple[Classifier, ...] = (
    _own_mail,
    _report,
    _report_without_form,
    _auto_submitted,
    _autoresponder,
    _out_of_office,
    _null_return_path,
    _precedence,
    _mailing_list,
    _list_robot,
    _no_reply,
    _suppressed,
    _marked_spam,
    _own_people,
    _role_address,
    _not_addressed,
    _no_return_path,
)
