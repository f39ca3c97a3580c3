"""Whatever people, machines and attackers mail, in whatever order: no word reaches somebody for whom it is not."""

from __future__ import annotations

import html
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.message import Message as Letter
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from ksmail import log
from ksmail.capability import Audience
from ksmail.desk.order import Verb
from ksmail.desk.repertoire import row_of, rows_for
from ksmail.incoming.message import Language
from tests.builders import mail
from tests.incoming.hostile import nested_multiparts
from tests.stories.machine import (
    ADA,
    ADVISER,
    BOB,
    CLEO,
    CODES,
    EMPLOYERS,
    HOME,
    LAWYER,
    NAMES,
    Bird,
    Mood,
    Office,
    Oracle,
    Post,
    Telling,
    decoded,
    quiet_offices,
    text_of,
    wired_offices,
)
from tests.stories.people import BZ, EVA, SAM, border, fresh, html_only, reply
from tests.stories.rig import DESK, FORM, TEAM, Rig
from tests.stories.test_orders import REPORT

# The run of every day is always the same one. Another one, and the shortest example of what it finds:
# KSMAIL_CANARY_SEED=7 KSMAIL_CANARY_SHRINK=1 pytest tests/stories/test_canaries.py
SEED = int(os.environ.get("KSMAIL_CANARY_SEED", "1"))
SHRINK = bool(os.environ.get("KSMAIL_CANARY_SHRINK"))
STEPS, EXAMPLES = int(os.environ.get("KSMAIL_CANARY_STEPS", "200")), int(os.environ.get("KSMAIL_CANARY_EXAMPLES", "45"))

EVE, FRIEND = "eve@evil.example", "friend@elsewhere.example"
DAEMON = "mailer-daemon@mx.uni.example"
PERSONS = st.sampled_from(("", "", "", SAM, EVA, HOME))  # "" is whoever got the letter
WRITES = frozenset({Verb.ANSWER, Verb.ASK, Verb.CORRECT})
WORDY = WRITES | {Verb.SPLIT, Verb.NOTE, Verb.UPDATE}
COORDINATES = (Verb.CONSULT, Verb.SHARE, Verb.UPDATE, Verb.WITHDRAW)
VERBS = tuple(row.verb for row in rows_for(Audience.STAFF))
# What staff do most, the commonest more than once.
PLAIN = (
    *(Verb.ANSWER, Verb.ANSWER, Verb.ANSWER, Verb.ASK, Verb.CORRECT, Verb.MERGE, Verb.MERGE, Verb.PURGE, Verb.CLOSE),
    *(Verb.EXTEND, Verb.STOP, Verb.NOW, Verb.REDIRECT, Verb.REOPEN, Verb.SPLIT, Verb.CONSULT),
)
# One life of a question in which each order has its place, as far as chance does not bring it often enough.
LIFE = (
    *(Verb.TAKE, Verb.ASSIGN, Verb.STATUS, Verb.EXTEND, *COORDINATES, Verb.ANSWER, Verb.STOP, Verb.ANSWER, Verb.NOW),
    *(Verb.CORRECT, Verb.NOW, Verb.CLOSE, Verb.REOPEN, Verb.ASK, Verb.NOW, Verb.SPLIT, Verb.REDIRECT, Verb.NOW),
    *(Verb.PURGE, Verb.NOTE, Verb.HELP, Verb.AWAY),
)
BACK = st.integers(0, 11)  # how far back in a list somebody reaches
WAY = st.integers(0, 3)


# --- how mail clients write

HEADING = "-----Oorspronkelijk bericht-----"
FIELDS = "Van: {who} <{desk}>\nVerzonden: maandag 1 juni 2026 10:03\nAan: team\nOnderwerp: nieuwe vraag\n"
GMAIL = """<div dir="ltr">{own}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">
On Mon, 1 Jun 2026 at 10:03, {who} &lt;<a href="mailto:{desk}">{desk}</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid #ccc;padding-left:1ex">
{quote}</blockquote></div>"""
IPHONE = """<html><body dir="auto">{own}<div><br id="lineBreakAtBeginningOfSignature">
<div dir="ltr">Verstuurd vanaf mijn iPhone</div><div dir="ltr"><br><blockquote type="cite">
Op 1 jun 2026 om 10:03 heeft {who} &lt;{desk}&gt; het volgende geschreven:<br><br></blockquote></div>
<blockquote type="cite"><div dir="ltr">{quote}</div></blockquote></div></body></html>"""
OUTLOOK = """<html><body lang=NL><div class=WordSection1>{own}<div>
<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>
<b>Van:</b> {who} &lt;{desk}&gt; <br><b>Verzonden:</b> maandag 1 juni 2026 10:03<br><b>Aan:</b> team<br>
<b>Onderwerp:</b> nieuwe vraag</p></div></div><p>{quote}</p></div></body></html>"""
PAGES = {"gmail": GMAIL, "iphone": IPHONE, "outlook": OUTLOOK}
FORMS = ("bare", "top", "signed", "heading", "fields", "between", "below", *PAGES)


def reader(who: str, recipients: tuple[str, ...]) -> str:
    """Who answers a letter to staff: somebody in particular, or the one who got it."""
    return who or (SAM if TEAM in recipients else recipients[0])


def answered(letter: Letter, text: str, who: str, **facts: Any) -> bytes:
    """A reply to a letter as it was read off the wire."""
    heads = {"to": decoded(letter["Reply-To"]), "subject": f"Re: {decoded(letter['Subject'])}"}
    return reply(cast(EmailMessage, letter), text, who, **(heads | facts))


def quoting(form: str, own: str, letter: Letter, who: str, sign: str, more: str) -> tuple[str, str]:
    """A reply as one of the mail clients writes it: plain text, or nothing but HTML."""
    quote = text_of(letter)
    marked = "\n".join(f"> {line}" for line in quote.splitlines())
    says = f"Op ma 1 jun 2026 om 10:03 schreef {who} <{DESK}>:"
    fields = FIELDS.format(who=who, desk=DESK)
    if form in PAGES:
        lines = {name: html.escape(text).replace("\n", "<br>\n") for name, text in (("own", own), ("quote", quote))}
        return "", PAGES[form].format(who=who, desk=DESK, **lines)
    return {
        "bare": own,
        "top": f"{own}\n\n{says}\n{marked}\n",
        "signed": f"{own}\n-- \n{sign}\nagency\n\n{says}\n{marked}\n",
        "heading": f"{own}\n\n{HEADING}\n{fields}\n{quote}\n",
        "fields": f"{own}\n\n________________________________\n{fields}\n{quote}\n",
        "between": f"{own}\n\n{says}\n{marked}\n\n{more}\n\n{marked}\n",
        "below": f"{says}\n{marked}\n\n{own}\n",
    }[form], ""


def named(raw: bytes, who: str) -> bytes:
    """The mail with the name of whoever sends it, as mail clients put it there."""
    return raw.replace(f"From: {who}\r\n".encode(), f"From: {NAMES.get(who, '')} <{who}>\r\n".encode())


def telling(line: str, words: bool) -> Telling | None:
    """What a line with an order about ministries lets out, if it is obeyed; None for any other line."""
    verb, *said = line.replace(",", " ").split()
    found = next((each for each in COORDINATES if verb.strip("#!") in (*row_of(each).nl, *row_of(each).en)), None)
    if found is None:
        return None
    return Telling(
        found.value,
        tuple(dict.fromkeys(CODES[word.casefold()] for word in said if word.casefold() in CODES)),
        identity=not {"+identity", "+identiteit"}.isdisjoint(said),
        files=not {"+attachments", "+bijlagen"}.isdisjoint(said),
        words=words,
    )


# --- what people, machines and attackers do


class Rules(RuleBasedStateMachine):
    """Each rule is one thing that somebody does; the oracle looks at all that comes of it."""

    make: Callable[[], tuple[Office, io.StringIO]]
    done: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.office, stream = type(self).make()
        self.oracle = Oracle(self.office, stream)
        self.notes: list[tuple[Post, str, Bird]] = []
        self.sent: list[tuple[bytes, Post]] = []
        self.steps = 0

    def teardown(self) -> None:
        try:
            if self.oracle.sound:
                self.oracle.end()
                self.done.update(self.oracle.tally)
        finally:
            self.office.close()

    def step(self) -> None:
        self.done["step"] += 1
        self.steps += 1
        self.office.clock.forward(seconds=20)

    def send(self, raw: bytes, post: Post) -> Post:
        """The desk finds two or three mails at a time."""
        self.sent.append((raw, post))
        self.oracle.deliver(raw, post)
        if len(self.sent) % 5 in (0, 2):
            self.oracle.work()
        return post

    def letter(self, back: int, audience: str, about: str = "K") -> tuple[Letter, tuple[str, ...], str] | None:
        """One of the newest letters to this audience."""
        newest = self.oracle.letters[-60:]
        found = [seen for seen in newest if seen.about.startswith(about) and seen.audience == audience]
        if not found:
            return None
        seen = found[-1 - back % len(found)]
        return seen.letter, seen.taken.recipients, seen.about

    def _newest(self) -> tuple[Letter, tuple[str, ...], str]:
        seen = self.oracle.letters[-1]
        return seen.letter, seen.taken.recipients, seen.about

    def bird(self, what: str, *, staff: bool = False) -> Bird:
        return self.oracle.bird(what, staff=staff)

    @initialize()
    def live(self) -> None:
        """Each order is obeyed in each run, whatever comes after it."""
        self._ask(ADA, 3, False, 3)
        self.oracle.work()
        (first,) = self.oracle.sides
        for verb in LIFE:  # bare: no words that would be a note by then
            self._order(0, "", [verb], 0, "bare", 4, bare=verb not in WORDY, about=first)
            self.oracle.work()
            if verb is Verb.PURGE:
                self.confirm(0, "", 0)
                self.oracle.work()
            if verb in (Verb.EXTEND, *COORDINATES):
                self.later(4)
            if verb is Verb.CONSULT:
                self._position(BZ)

    def _position(self, liaison: str) -> None:
        """A ministry answers the newest letter that it got."""
        newest = next(each for each in reversed(self.oracle.letters) if liaison in each.taken.recipients)
        text = self.bird("position")
        own = f"#bezwaar\n\nWij willen niet dat {text.word} zonder toezicht gebeurt.\n"
        raw = answered(newest.letter, own, liaison)
        self.send(named(raw, liaison), Post(author=liaison, genuine=True, text=(text,), verbs=("object",)))
        self.oracle.work()

    # askers

    @rule(
        asker=st.sampled_from((ADA, BOB, CLEO)), cc=st.integers(0, 5), english=st.booleans(), shape=st.integers(0, 5),
        then=st.sampled_from((*PLAIN, None)), form=st.sampled_from(FORMS),
    )  # fmt: skip
    def handle(self, asker: str, cc: int, english: bool, shape: int, then: Verb | None, form: str) -> None:
        """A question, and what staff do about it; what they wrote has left when this is over."""
        self._ask(asker, cc, english, 3 if then is Verb.PURGE else shape)
        self.oracle.work()
        orders = (Verb.ANSWER, then) if then in (Verb.STOP, Verb.NOW) else (then,)
        for verb in filter(None, orders if self.letter(0, "s") else ()):
            self._order(0, "", [verb], 0, form, 4)
            self.oracle.work()
        if then in (Verb.PURGE, Verb.MERGE) and self.letter(0, "s", "C-"):
            self.confirm(0, "", 0)
        self.later(4)

    def _ask(self, asker: str, cc: int, english: bool, shape: int) -> None:
        """A new question: with people in Cc, a file, HTML, a number of somebody else, over a web form."""
        self.step()
        text, subject, file = self.bird("question"), self.bird("subject"), self.bird("file of an asker")
        name, who = self.bird("name of a file", staff=True), NAMES[asker]
        copied = ((ADVISER,), (LAWYER,), (ADA, LAWYER), (), (), ())[cc]
        employer = EMPLOYERS.get(asker.partition("@")[2], "")
        words = f"May a colleague from abroad work on {text.word} in our laboratory next year?"
        if not english:
            words = f"Mag een collega uit het buitenland volgend jaar in ons lab aan {text.word} werken?"
        words += "".join(f"\n{NAMES[each]} ({each}) leest mee." for each in copied)
        words += f"\nIk ben {who} van {employer}, {asker}, 030 253 12 34." if asker != BOB else ""
        number = next(iter(self.oracle.sides), "KV-2026-0001") if shape == 4 else ""
        subject.readers = frozenset({asker})
        raw = mail(
            sender=FORM if shape == 5 else f"{who} <{asker}>",
            subject=f"{number} {subject.word}".strip(),
            text=f"Beste mensen,\n\n{words}\n\nMet vriendelijke groet,\n\n{who}\n{employer}\n",
            html=f"<p>{words}</p><p>Groeten, {who}</p>" if shape == 2 else "",
            message_id=f"<{text.word[2:-2]}@{asker.partition('@')[2]}>",
            attachments=[(f"plan-{name.word}.pdf", "application/pdf", file.word.encode())] if shape == 3 else (),
            headers=[
                border(FORM if shape == 5 else asker),
                *([("Reply-To", f"{who} <{asker}>")] if shape == 5 else []),
                *([("Cc", ", ".join(f"{NAMES[each]} <{each}>" for each in copied))] if copied else []),
            ],
        )
        self.send(raw, Post(
            author=FORM if shape == 5 else asker, asker=asker, form=shape == 5, copied=copied,
            text=(text,), subject=(subject,), files=(file, name),
        ))  # fmt: skip

    @precondition(lambda self: self.letter(0, "a"))
    @rule(back=BACK, who=st.integers(0, 3), shape=st.integers(0, 6))
    def follow_up(self, back: int, who: int, shape: int) -> None:
        """The asker's side answers, and quotes everything it got; also to outsiders, and only to say thanks."""
        self.step()
        letter, recipients, _ = self.letter(back, "a") or pytest.fail("no letter")
        author = (*recipients, ADVISER)[who % (len(recipients) + 1)]
        text, file = self.bird("follow-up"), self.bird("file of an asker")
        who_is = NAMES.get(author, "")
        own = "Bedankt voor het antwoord!" if shape == 0 else f"Kan dat ook met {text.word} erbij?"
        quote = "\n".join(f"> {line}" for line in text_of(letter).splitlines())
        raw = answered(
            letter,
            f"{own}\n\nGroet,\n{who_is}\n\nOp ma 1 jun 2026 om 10:03 schreef Contactpunt <{DESK}>:\n{quote}\n",
            author,
            proof=("pass", "", "none", "fail")[shape % 4],
            **({"subject": "Iets anders"} if shape == 1 else {}),
            thread=shape != 2,
            headers=[("Cc", f"{EVE}, {LAWYER}")] if shape == 4 else [],
            attachments=[("more.txt", "text/plain", file.word.encode())] if shape == 5 else (),
        )
        copied = (EVE, LAWYER) if shape == 4 else ()
        proven = shape % 4 == 0  # it matters where a colleague's own mail was let through as a question
        self.send(named(raw, author), Post(author=author, genuine=proven, text=(text,), files=(file,), copied=copied))

    @precondition(lambda self: self.sent)
    @rule(back=BACK)
    def again(self, back: int) -> None:
        """A server delivers a mail twice."""
        self.step()
        raw, post = self.sent[-1 - back % len(self.sent)]
        self.oracle.deliver(raw, replace(post, number=0, line=None))
        self.oracle.work()

    # staff

    @precondition(lambda self: self.letter(0, "s"))
    @rule(
        back=BACK, who=PERSONS, verbs=st.lists(st.sampled_from(VERBS), min_size=1, max_size=2, unique=True),
        way=WAY, form=st.sampled_from(FORMS), shape=st.integers(0, 9),
    )  # fmt: skip
    def order(self, back: int, who: str, verbs: list[Verb], way: int, form: str, shape: int) -> None:
        """Orders of staff, good and bad, above a quotation of all that they got."""
        if len(verbs) == 2 and {Verb.STOP, Verb.NOW}.intersection(verbs):
            verbs = verbs[:1]
        self._order(back, who, verbs, way, form, shape)

    @precondition(lambda self: self.letter(0, "s"))
    @rule(back=BACK, verb=st.sampled_from((*PLAIN, *VERBS)), form=st.sampled_from(FORMS), shape=st.integers(0, 9))
    def write(self, back: int, verb: Verb, form: str, shape: int) -> None:
        """What staff do most, and now and then anything else: the right one answers, with one good order."""
        self._order(back, "", [verb], 0, form, shape)

    def _order(
        self, back: int, who: str, verbs: list[Verb], way: int, form: str, shape: int, *,
        line: str = "", bare: bool = False, about: str = "K", beside: str = "",
    ) -> None:  # fmt: skip
        """Orders above a text and a quotation: those of `verbs` or the one on `line`; with words `beside` the text."""
        self.step()
        letter, recipients, about = self.letter(back, "s", about) or pytest.fail("no letter")
        who = reader(who, recipients)
        text, reason, file = self.bird("order's text"), self.bird("reason", staff=True), self.bird("file of staff")
        cut = (self.bird("quoted"), self.bird("signature"), self.bird("between"))
        lines = [line] if line else [self._line(verb, way, reason.word) for verb in verbs]
        if shape == 1:
            lines[0] = lines[0].replace("#", "#x", 1)
        words = [] if bare else ["", f"Goedendag, u mag {text.word} gebruiken als u dat eerst vastlegt.{beside}"]
        own = "\n".join([*lines, *words])
        plain, page = quoting(form, own, letter, f"Desk {cut[0].word}", f"Sam {cut[1].word}", f"En {cut[2].word}.")
        raw = answered(
            letter,
            plain or "x",
            who,
            html=page,
            headers=[("Cc", f"{EVE}, {FRIEND}")] if shape == 2 else [],
            attachments=[("answer.txt", "text/plain", file.word.encode())] if shape == 3 and not page else (),
        )
        gives: tuple[Bird, ...] = (text, file, cut[2]) if WRITES.intersection(verbs) and shape != 1 else ()
        if Verb.EXTEND in verbs and way == 0 and shape != 1:
            gives = (*gives, reason)
        tellings = [] if shape == 1 else [telling(line, words=not bare) for line in lines]
        self.send(html_only(raw) if page else raw, Post(
            author=who, genuine=True, text=(text, reason, *cut), files=(file,), for_asker=gives,
            for_partners=(text, cut[2]), tellings=tuple(filter(None, tellings)),
            verbs=tuple(verb.value for verb in verbs), merges=self._other() if Verb.MERGE in verbs else "",
            releases=int(about[2:]) if about.startswith("Q-") and Verb.RELEASE in verbs else 0,
        ))  # fmt: skip

    def _other(self) -> str:
        """One of the newest tickets, to put another one into."""
        names = list(self.oracle.sides)
        return names[-1 - self.steps % 5 % len(names)] if names else "KV-2026-0001"

    def _line(self, verb: Verb, way: int, word: str) -> str:
        """An order with arguments: the first way is a good one, the others more or less."""
        today = self.office.clock.now().date()
        day = today + timedelta(days=9 - today.weekday())  # a Wednesday
        arguments = {
            Verb.ASSIGN: ("Eva", "mij", "sam", "niemand"),
            Verb.EXTEND: (f"{day} : {word}", f"{day} {word}", f"{today} {word}", f"{day}"),
            Verb.REDIRECT: ("export", "expor", "", "export"),
            Verb.CLOSE: ("beantwoord", f"anders {word}", "ingetrokken", "spam"),
            Verb.REOPEN: ("", word, "", word),
            Verb.MERGE: (self._other(), self._other(), "KV-2026-9999", ""),
            Verb.PURGE: ("1", "1 2", "99", ""),
            Verb.STOP: ("", word, "", ""),
            Verb.DROP: (word, "", word, ""),
            Verb.AWAY: (f"{today} {day}", f"{day} {today}", f"{today}", f"{day} {day}"),
            Verb.STATUS: ("", self._other(), "", "KV-2026-9999"),
            Verb.ANSWER: ("", "", "+bronnen", "+bijlagen"),
            Verb.CONSULT: ("BZ OCW", f"EZK ocw by {day} +identity", "BZ Defensie", f"BuZa voor {today}"),
            Verb.SHARE: ("BZ", "ocw", "BZ OCW", "Defensie"),
            Verb.UPDATE: ("BZ OCW", "EZ +attachments", "BZ XYZ +identiteit", ""),
            Verb.WITHDRAW: ("OCW", "BZ EZ", "BZZ", ""),
        }
        spelling = row_of(verb).spelling(Language.EN if way == 1 else Language.NL)
        return f"#{spelling} {arguments.get(verb, ('',) * 4)[way]}".strip()

    @precondition(lambda self: self.letter(0, "s"))
    @rule(back=BACK, who=PERSONS, form=st.sampled_from(FORMS), verb=st.booleans())
    def note(self, back: int, who: str, form: str, verb: bool) -> None:
        """Words for colleagues, with the verb or without one."""
        self.step()
        letter, recipients, _ = self.letter(back, "s") or pytest.fail("no letter")
        who = reader(who, recipients)
        text, cut = self.bird("note"), self.bird("quoted")
        words = f"De promotor van {text.word} loog eerder over herkomst en financiering van zijn proefschrift."
        own = f"#notitie\n\n{words}" if verb else words
        plain, page = quoting(form, own, letter, f"Desk {cut.word}", f"Sam {cut.word}", f"En {cut.word}.")
        raw = answered(letter, plain or "x", who, html=page)
        post = self.send(html_only(raw) if page else raw, Post(author=who, genuine=True, text=(text, cut)))
        self.notes.append((post, words, text))

    @precondition(lambda self: self.notes and self.letter(0, "s"))
    @rule(back=BACK, who=PERSONS, verb=st.sampled_from(sorted(WRITES)), override=st.booleans(), wrapped=st.booleans())
    def paste(self, back: int, who: str, verb: Verb, override: bool, wrapped: bool) -> None:
        """Somebody puts the words of a note into an answer: refused, unless he says that he means it."""
        self.step()
        noted, words, bird = self.notes[-1 - back % len(self.notes)]
        if noted.kept_with == "":
            return
        here = [
            (seen.letter, seen.taken.recipients) for seen in self.oracle.letters
            if seen.audience == "s" and self.oracle.root(seen.about) == self.oracle.root(noted.kept_with)
        ]  # fmt: skip
        if not here:
            return
        text = self.bird("order's text")
        shown = words.replace(" over ", "\nover ").upper().replace(bird.word.upper(), bird.word) if wrapped else words
        own = f"#{verb.value}{'!' if override else ''}\n\nU mag {text.word} gebruiken.\n\n{shown}\n"
        letter, recipients = here[-1]
        who = reader(who, recipients)
        raw = answered(letter, own, who)
        gives = (text, bird) if override else (text,)
        self.send(raw, Post(author=who, genuine=True, text=(text,), for_asker=gives, verbs=(verb.value,)))

    @precondition(lambda self: self.letter(0, "s", "C-"))
    @rule(back=st.integers(0, 2), who=PERSONS, word=st.integers(0, 4))
    def confirm(self, back: int, who: str, word: int) -> None:
        """The one who was asked, or a colleague, or a forger, says yes, no or something else."""
        self.step()
        letter, recipients, about = self.letter(back, "s", "C-") or pytest.fail("no letter")
        who = reader(who, recipients)
        text = self.bird("word of confirmation")
        says = ("ja", "ja", "nee", "misschien", "ja")[word]
        raw = answered(
            letter, f"{says}\n\n{text.word}\n", who, proof="fail" if word == 4 else "pass",
        )  # fmt: skip
        yes = says == "ja" and word != 4
        self.send(raw, Post(author=who, genuine=word != 4, text=(text,), awaited=int(about[2:]) if yes else 0))

    @precondition(lambda self: self.letter(0, "s", "Q-"))
    @rule(back=st.integers(0, 5), who=PERSONS, free=st.booleans())
    def judge(self, back: int, who: str, free: bool) -> None:
        """Staff decide about a mail that was put aside."""
        self.step()
        letter, recipients, about = self.letter(back, "s", "Q-") or pytest.fail("no letter")
        who = reader(who, recipients)
        text = self.bird("reason", staff=True)
        own = "#vrijgeven\n" if free else f"#weg {text.word}\n"
        raw = answered(letter, own, who)
        number = int(about[2:]) if free else 0
        verbs = ("release",) if free else ("drop",)
        self.send(raw, Post(author=who, genuine=True, text=(text,), verbs=verbs, releases=number))

    @rule(
        who=st.sampled_from((SAM, EVA, HOME)),
        verb=st.sampled_from(VERBS),
        way=WAY,
        proof=st.sampled_from(("pass", "fail", "")),
    )
    def fresh_mail(self, who: str, verb: Verb, way: int, proof: str) -> None:
        """Staff, or somebody in their name, write without answering anything."""
        self.step()
        text, subject, reason = self.bird("order's text"), self.bird("subject"), self.bird("reason", staff=True)
        number = next(iter(self.oracle.sides), "") if way == 2 else ""
        own = f"{self._line(verb, way, reason.word)}\n\n{text.word}\n"
        raw = fresh(own, who, proof=proof, subject=f"{number} {subject.word}")
        self.send(raw, Post(author=who, genuine=proof == "pass", text=(text, reason), subject=(subject,)))

    # attackers

    @precondition(lambda self: self.letter(0, "s"))
    @rule(
        back=BACK,
        verb=st.sampled_from(VERBS),
        way=WAY,
        proof=st.sampled_from(("fail", "none", "")),
        asked=st.booleans(),
    )
    def spoof(self, back: int, verb: Verb, way: int, proof: str, asked: bool) -> None:
        """A mail in the name of staff, with a reference that is good."""
        self.step()
        letter, _, _ = self.letter(back, "a" if asked else "s") or self.letter(back, "s") or pytest.fail("no letter")
        text, reason, subject = (
            self.bird("spoofed text"),
            self.bird("spoofed reason", staff=True),
            self.bird("spoofed subject"),
        )
        own = f"{self._line(verb, way, reason.word)}\n\nStuur {text.word} naar de vraagsteller, en wel meteen.\n"
        raw = answered(letter, own, SAM, proof=proof, subject=f"Re: {subject.word}")
        self.send(raw, Post(author=SAM, text=(text,), subject=(subject,)))

    @precondition(lambda self: self.oracle.letters)
    @rule(
        back=BACK, who=st.sampled_from((EVE, FRIEND)), staff=st.booleans(), verb=st.sampled_from(VERBS),
        shape=st.integers(0, 4),
    )  # fmt: skip
    def stolen(self, back: int, who: str, staff: bool, verb: Verb, shape: int) -> None:
        """An outsider to whom a letter was forwarded, or who took it, answers it under one name or another."""
        self.step()
        theirs, ours = self.letter(back, "a"), self.letter(back, "s")
        letter, _, _ = (ours if staff else theirs) or ours or theirs or self._newest()
        text, subject = self.bird("outsider's text"), self.bird("outsider's subject")
        subject.readers = frozenset({who})
        own = f"{self._line(verb, 0, text.word)}\n\nWat betekent {text.word} voor deze vraag?\n"
        names = (who, f"Sam <{who}>", f"Sam <{SAM}>, Eve <{who}>", who, f"{SAM} <{who}>")
        raw = answered(
            letter, own, names[shape], proof="", subject=f"Re: {subject.word}",
            message_id=f"<{text.word[2:-2]}@evil.example>",
            headers=[border(who), *([("Reply-To", SAM)] if shape == 3 else [])],
        )  # fmt: skip
        self.send(raw, Post(author=who, asker=SAM if shape == 3 else "", text=(text,), subject=(subject,)))

    @rule(deep=st.booleans())
    def poison(self, deep: bool) -> None:
        """What no parser should see, and what nobody here can read."""
        self.step()
        text, subject = self.bird("poison"), self.bird("subject of poison")
        if deep:
            raw = f"X-{text.word}: {text.word}\r\n".encode() + nested_multiparts(80)
        else:
            armour = f"-----BEGIN PGP MESSAGE-----\n\n{text.word}\n-----END PGP MESSAGE-----\n"
            subject.readers = frozenset({EVE})
            raw = mail(
                sender=EVE, subject=subject.word, text=armour, message_id=f"<{text.word[2:-2]}@evil.example>",
                headers=[border(EVE)],
            )  # fmt: skip
        self.send(raw, Post(author=EVE, text=(text,), subject=(subject,)))

    # machines, the wire and time

    @precondition(lambda self: self.oracle.letters)
    @rule(back=BACK, to=st.integers(0, 3))
    def out_of_office(self, back: int, to: int) -> None:
        letter, taken = self.oracle.letters[-1 - back % len(self.oracle.letters)][:2]
        self._away(letter, taken.recipients[to % len(taken.recipients)])

    def _away(self, letter: Letter, who: str) -> None:
        self.step()
        text = self.bird("out of office")
        raw = answered(
            letter, f"Ik ben er niet. Voor {text.word} kunt u mijn collega bellen op maandag.\n", who,
            subject="Automatisch antwoord",
            headers=[("Auto-Submitted", "auto-replied")],
        )  # fmt: skip
        self.send(raw, Post(author=who, text=(text,), machine=True))

    @precondition(lambda self: self.oracle.letters)
    @rule(back=BACK, other=BACK, truly=st.booleans())
    def bounce(self, back: int, other: int, truly: bool) -> None:
        """A letter comes back, or a forged report says that it did."""
        letter, taken = self.oracle.letters[-1 - back % len(self.oracle.letters)][:2]
        strange = self.oracle.letters[-1 - other % len(self.oracle.letters)].taken
        self._report(letter, taken.recipients[-1] if truly else strange.recipients[0])

    def _report(self, letter: Letter, who: str) -> None:
        self.step()
        text = self.bird("report")
        said = REPORT.format(to=DESK, recipient=who, message_id=letter["Message-ID"])
        said = said.replace("<report@", f"<{text.word}@").replace("No such user", f"No {text.word} here")
        self.send(said.replace("\n", "\r\n").encode(), Post(author=DAEMON, text=(text,), machine=True))

    @rule(mood=st.sampled_from(Mood))
    def trouble(self, mood: Mood) -> None:
        """The next letter has a hard time."""
        self.step()
        self.office.expect(mood, self.oracle.bird("a server's words", staff=True).word)

    @rule(span=st.sampled_from((4, 4, 4, 1, 10, 60, 60 * 9, 60 * 24, 60 * 24 * 5, 60 * 24 * 16, 0)))
    def later(self, span: int) -> None:
        """Minutes, hours or days go by; now and then the desk stops and starts again."""
        self.step()
        self.office.clock.forward(minutes=span)
        if not span:
            self.office.restart()
        self.oracle.work()


# --- the runs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    made = io.StringIO()
    log.configure("json", "INFO", made)
    yield made
    log.configure("json")


def run(
    make: Callable[[], tuple[Office, io.StringIO]], steps: int, examples: int, rules: type[Rules] = Rules
) -> Counter[str]:
    """Let everybody loose. The count says how often each thing happened."""

    @seed(SEED)
    class Desk(rules):  # type: ignore[misc, valid-type]  # one class for each run, with a count of its own
        done: ClassVar[Counter[str]] = Counter()

    Desk.make = staticmethod(make)
    phases = (Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,)
    run_state_machine_as_test(Desk, settings=settings(
        stateful_step_count=steps, max_examples=examples, deadline=None, database=None, phases=phases,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    ))  # fmt: skip
    return Desk.done


@pytest.mark.long
@pytest.mark.timeout(900)
def test_no_word_reaches_somebody_for_whom_it_is_not(tmp_path: Path, stream: io.StringIO) -> None:
    offices = quiet_offices(tmp_path / "desk")
    done = run(lambda: (next(offices), stream), STEPS, EXAMPLES)
    print(sorted(done.items()))
    assert done["step"] >= 10_000
    assert {f"#{verb.value}" for verb in VERBS} <= done.keys()  # each was obeyed, so that there was something to leak


def test_nor_over_servers(make_rig: Callable[..., Rig], tmp_path: Path, stream: io.StringIO) -> None:
    offices = wired_offices(make_rig, tmp_path)
    done = run(lambda: (next(offices), stream), 100, 3)
    assert done["step"] >= 300
