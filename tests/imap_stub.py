"""An IMAP server that goes wrong in the ways in which real ones go wrong too seldom for a test."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace

from tests.stub import HANG_UP, SILENCE, Line, Stub

FULL = "IMAP4rev1 UIDPLUS MOVE IDLE NAMESPACE"


@dataclass(slots=True)
class StubMail:
    """`size` is what the server says it measures; `literal` what it announces when it hands the mail over.

    `refusal` is its answer to whoever wants the body. One that `vanishes` is gone as soon as its size was asked for.
    """

    raw: bytes = b"From: asker@example.net\r\n\r\nquestion\r\n"
    when: str = "01-Jun-2026 08:15:00 +0200"
    size: int = -1
    literal: int = -1
    refusal: str = ""
    vanishes: bool = False
    deleted: bool = False

    @property
    def said_size(self) -> int:
        return self.size if self.size >= 0 else len(self.raw)

    def meets(self, message_id: str | None, smaller: str | None, larger: str | None) -> bool:
        """Whether a SEARCH finds it (RFC 9051 6.4.4)."""
        sizes = range(int(larger) + 1 if larger else 0, int(smaller) if smaller else 2**32)
        return self.said_size in sizes and (not message_id or message_id.encode() in self.raw.partition(b"\r\n\r\n")[0])


_CRITERIA = re.compile(r'(?:HEADER Message-ID "([^"\\]*)")? ?(?:SMALLER (\d+))?(?: LARGER (\d+))?')


def _finished(reply: str) -> str:
    """With the text that every status response must have (RFC 9051 7.1)."""
    return f"{reply} done\r\n" if reply.endswith((" OK", " NO", " BAD")) else f"{reply}\r\n"


class ImapStub(Stub):
    """One account with INBOX (`mails`) and whatever folders clients make (`filed`)."""

    uidvalidity = 7  # of INBOX; the other folders have 70
    greeting = "* OK at your service\r\n"
    capabilities = FULL
    injected = b""  # said in the clear, in the same breath as the consent to STARTTLS

    def __init__(self, *args: object, capabilities: str = FULL, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # passed through as it came
        self.capabilities = capabilities
        self.mails: dict[int, StubMail] = {}
        self.filed: dict[str, dict[int, StubMail]] = {}
        self.selected = ""
        self._uids = itertools.count(1)

    @property
    def folders(self) -> dict[str, list[bytes]]:
        """What lies in the folders that clients made."""
        return {name: [mail.raw for mail in mails.values()] for name, mails in self.filed.items()}

    def put(self, name: str, *mails: StubMail) -> None:
        """Put mails into a folder that is made if need be."""
        self.filed.setdefault(name, {}).update((next(self._uids), mail) for mail in mails)

    @property
    def _here(self) -> dict[int, StubMail]:
        """The mails of the selected folder."""
        return self.mails if self.selected == "INBOX" else self.filed[self.selected]

    def converse(self, line: Line) -> None:
        self.selected = ""
        line.say(self.greeting)
        while words := line.reader.readline().decode("latin-1").rstrip("\r\n"):
            tag, _, command = words.partition(" ")
            self.commands.append(command)
            name, _, rest = command.partition(" ")
            if name.upper() == "UID":
                name, _, rest = f"UID {rest}".partition(" ")[2].partition(" ")
                name = f"UID {name}"
            if self._answer(line, tag, name.upper(), rest) is HANG_UP:
                return

    def _answer(self, line: Line, tag: str, name: str, rest: str) -> str | None:
        reply = self.rule(name)
        if reply == HANG_UP:
            return HANG_UP
        if reply == SILENCE:
            self.be_silent()
            return HANG_UP
        if reply is not None:
            line.say(_finished(reply.replace("{tag}", tag)))
            return None
        if name.startswith("UID ") and not self.selected:
            line.say(_finished(f"{tag} BAD no folder is selected"))
            return None
        method = getattr(self, f"do_{name.lower().replace(' ', '_')}", None)
        said = method(line, tag, rest) if method else f"{tag} BAD what?"
        if said:
            line.say(_finished(said))
        return HANG_UP if name == "LOGOUT" else None

    def do_capability(self, line: Line, tag: str, _: str) -> str:
        line.say(f"* CAPABILITY {self.capabilities}\r\n")
        return f"{tag} OK"

    def do_starttls(self, line: Line, tag: str, _: str) -> str:
        if self.context is None:
            return f"{tag} BAD no TLS here"
        line.say(f"{tag} OK go ahead\r\n".encode() + self.injected)
        line.encrypt(self.context)
        self.capabilities = self.capabilities.replace(" STARTTLS", "").replace(" LOGINDISABLED", "")
        return ""

    def do_login(self, _line: Line, tag: str, rest: str) -> str:
        return f"{tag} OK" if rest.endswith('"right"') else f"{tag} NO [AUTHENTICATIONFAILED] no such login"

    def do_authenticate(self, line: Line, tag: str, _: str) -> str:
        line.say("+ \r\n")
        self.commands.append(line.reader.readline().decode().strip())
        return f"{tag} OK"

    def do_namespace(self, line: Line, tag: str, _: str) -> str:
        line.say('* NAMESPACE (("" "/")) NIL NIL\r\n')
        return f"{tag} OK"

    def do_list(self, line: Line, tag: str, rest: str) -> str:
        wanted = rest.split(" ")[-1].strip('"')
        for name in ["INBOX", *self.filed]:
            if name == wanted:
                line.say(f'* LIST () "/" "{name}"\r\n')
        return f"{tag} OK"

    def do_create(self, _line: Line, tag: str, rest: str) -> str:
        self.filed[rest.strip('"')] = {}
        return f"{tag} OK"

    def do_subscribe(self, _line: Line, tag: str, _: str) -> str:
        return f"{tag} OK"

    def do_select(self, line: Line, tag: str, rest: str) -> str:
        name = rest.strip('"')
        if name not in ["INBOX", *self.filed]:
            self.selected = ""  # RFC 9051 6.3.2
            return f"{tag} NO [NONEXISTENT] no such folder"
        self.selected = name
        uidvalidity = self.uidvalidity if name == "INBOX" else 70
        line.say(
            f"* {len(self._here)} EXISTS\r\n* OK [UIDVALIDITY {uidvalidity}] ok\r\n"
            f"* OK [UIDNEXT {max(self._here, default=0) + 1}] ok\r\n"
        )
        return f"{tag} OK [READ-WRITE] selected"

    def do_noop(self, _line: Line, tag: str, _: str) -> str:
        return f"{tag} OK"

    def do_idle(self, line: Line, tag: str, _: str) -> str:
        line.say("+ idling\r\n")
        ended = line.reader.readline().strip().upper() == b"DONE"
        if self.rule("DONE") == SILENCE:
            self.be_silent()
        return f"{tag} OK idled" if ended else f"{tag} BAD"

    def do_logout(self, line: Line, tag: str, _: str) -> str:
        line.say("* BYE\r\n")
        return f"{tag} OK"

    def do_uid_search(self, line: Line, tag: str, rest: str) -> str:
        if rest == "ALL":
            found = list(self._here)
        elif rest.startswith("UID "):
            found = self._among(rest.removeprefix("UID "))
        elif criteria := _CRITERIA.fullmatch(rest):
            found = [uid for uid, mail in self._here.items() if mail.meets(*criteria.groups())]
        else:
            return f"{tag} BAD what?"
        line.say(f"* SEARCH {' '.join(map(str, found))}".rstrip() + "\r\n")
        return f"{tag} OK"

    def do_uid_fetch(self, line: Line, tag: str, rest: str) -> str:
        which, _, items = rest.partition(" ")
        wants_body = "BODY" in items
        refusals = []
        for uid in self._among(which):
            mail = self._here[uid]
            if wants_body and mail.refusal:
                refusals.append(mail.refusal)
                continue
            line.say(self._described(uid, mail, items) if wants_body else self._measured(uid, mail))
            if mail.vanishes:
                del self._here[uid]
        return f"{tag} NO {refusals[0]}" if refusals else f"{tag} OK"

    def _measured(self, uid: int, mail: StubMail) -> str:
        return f'* {self._place(uid)} FETCH (UID {uid} RFC822.SIZE {mail.said_size} INTERNALDATE "{mail.when}")\r\n'

    def _described(self, uid: int, mail: StubMail, items: str) -> bytes:
        part = re.search(r"<0\.(\d+)>", items)
        raw, name = (mail.raw[: int(part[1])], "BODY[]<0>") if part else (mail.raw, "BODY[]")
        announced = mail.literal if mail.literal >= 0 else len(raw)
        head = f"* {self._place(uid)} FETCH (UID {uid} {name} {{{announced}}}\r\n"
        return head.encode() + raw + b")\r\n"

    def do_uid_move(self, _line: Line, tag: str, rest: str) -> str:
        which, _, name = rest.partition(" ")
        self.put(name.strip('"'), *[self._here.pop(uid) for uid in self._among(which)])
        return f"{tag} OK"

    def do_uid_copy(self, _line: Line, tag: str, rest: str) -> str:
        which, _, name = rest.partition(" ")
        self.put(name.strip('"'), *[replace(self._here[uid]) for uid in self._among(which)])
        return f"{tag} OK"

    def do_uid_store(self, _line: Line, tag: str, rest: str) -> str:
        for uid in self._among(rest.partition(" ")[0]):
            self._here[uid].deleted = True
        return f"{tag} OK"

    def do_uid_expunge(self, _line: Line, tag: str, rest: str) -> str:
        for uid in [uid for uid in self._among(rest) if self._here[uid].deleted]:
            del self._here[uid]
        return f"{tag} OK"

    def _place(self, uid: int) -> int:
        return sorted(self._here).index(uid) + 1

    def _among(self, which: str) -> list[int]:
        """The UIDs of a sequence-set that are there (RFC 9051 9)."""
        last = max(self._here, default=0)
        wanted: set[int] = set()
        for part in which.split(","):
            ends = [last if end == "*" else int(end) for end in part.split(":")]
            wanted.update(range(min(ends), max(ends) + 1))
        return sorted(wanted & set(self._here))
