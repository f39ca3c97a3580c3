"""Ministries among the people, machines and attackers: none reads a word, a name or a file that is not for it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message as Letter
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ksmail import log
from ksmail.desk.order import Verb
from ksmail.desk.repertoire import row_of
from ksmail.incoming.message import Language
from tests.builders import mail
from tests.stories.machine import (
    ADA,
    BOB,
    CLEO,
    LIAISONS,
    NAMES,
    PARTNERS,
    Ministry,
    Post,
    decoded,
    quiet_offices,
    wired_offices,
)
from tests.stories.people import border, html_only
from tests.stories.rig import DESK, Rig
from tests.stories.test_canaries import (
    BACK,
    COORDINATES,
    EVE,
    FORMS,
    FRIEND,
    LIFE,
    PERSONS,
    Rules,
    answered,
    named,
    quoting,
    reader,
    run,
    telling,
)

STEPS = int(os.environ.get("KSMAIL_CANARY_STEPS", "120"))
EXAMPLES = int(os.environ.get("KSMAIL_CANARY_EXAMPLES", "20"))

ANSWERS = (Verb.OK, Verb.OBJECT, Verb.INPUT, Verb.NOT_OURS)
SPEAKERS = st.sampled_from(("liaison", "liaison", "liaison", "colleague", "other", "friend", "asker", "forger"))
CODES = st.sampled_from(("BZ OCW", "ocw en EZK", "buza, ez", "BZ OCW EZ", "EZ", "BZ"))
OPTIONS = st.sampled_from(("", "", "+identiteit", "+bijlagen", "+identity +attachments"))


class Ministries(Rules):
    """What ministries do, and staff with them, beside what everybody else does."""

    # staff

    @rule(
        asker=st.sampled_from((ADA, BOB, CLEO)), cc=st.integers(0, 5), codes=CODES, options=OPTIONS, bare=st.booleans(),
        until=st.booleans(), says=st.lists(st.sampled_from((*ANSWERS, None)), max_size=3),
        then=st.lists(st.sampled_from((*COORDINATES, Verb.ANSWER, Verb.CLOSE, Verb.MERGE)), max_size=3),
    )  # fmt: skip
    def coordinate(
        self, asker: str, cc: int, codes: str, options: str, bare: bool, until: bool,
        says: list[Verb | None], then: list[Verb],
    ) -> None:  # fmt: skip
        """A question, whom staff ask about it, what these answer, and what comes of it; all of it leaves."""
        self._ask(asker, cc, cc % 2 == 0, 3)
        self.oracle.work()
        if not self.letter(0, "s"):
            return
        self._tell(0, "", Verb.CONSULT, f"{codes} {self._by() if until else ''} {options}", bare, "bare", asker)
        for each in says:
            if self.letter(0, "p"):
                self._respond(len(says), "liaison", each, "top", 4)
                self.oracle.work()
        for verb in then:
            code = codes.replace(",", " ").split()[0]
            if verb in COORDINATES:
                with_options = f"{code} {options if verb in COORDINATES[::2] else ''}"
                self._tell(0, "", verb, with_options, bare, "top", "")
            else:
                self._order(0, "", [verb], 0, "bare", 4)
                self._confirmed()

    @precondition(lambda self: self.letter(0, "s"))
    @rule(
        back=BACK, who=PERSONS, verb=st.sampled_from(COORDINATES), codes=CODES, options=OPTIONS, bare=st.booleans(),
        form=st.sampled_from(FORMS), mentions=st.sampled_from(("", ADA, BOB, CLEO)),
    )  # fmt: skip
    def tell(
        self, back: int, who: str, verb: Verb, codes: str, options: str, bare: bool, form: str, mentions: str
    ) -> None:
        """An order about ministries, above a quotation of all that somebody got."""
        chosen = codes.split()[0].strip(",") if verb is Verb.SHARE else codes
        self._tell(back, who, verb, f"{chosen} {options if verb in COORDINATES[::2] else ''}", bare, form, mentions)

    def _tell(self, back: int, who: str, verb: Verb, arguments: str, bare: bool, form: str, mentions: str) -> None:
        """What is to be confirmed is confirmed, and what waits leaves."""
        spelling = row_of(verb).spelling(Language.EN if back % 2 else Language.NL)
        beside = f"\nHet gaat om {NAMES[mentions]} ({mentions}), zegt zij." if mentions else ""
        bare = bare or verb in (Verb.SHARE, Verb.WITHDRAW)
        line = f"#{spelling} {arguments}".strip()
        self._order(back, who, [verb], 0, form, 3 if "+" in arguments else 4, line=line, bare=bare, beside=beside)
        self._confirmed()
        self.later(4)

    def _by(self) -> str:
        today = self.office.clock.now().date()
        return f"voor {today + timedelta(days=9 - today.weekday())}"

    def _confirmed(self) -> None:
        self.oracle.work()
        if self.letter(0, "s", "C-"):
            self.confirm(0, "", 0)
            self.oracle.work()

    @precondition(lambda self: self.notes and self.letter(0, "s"))
    @rule(
        back=BACK, who=PERSONS, verb=st.sampled_from((Verb.CONSULT, Verb.UPDATE)), codes=CODES, override=st.booleans(),
        wrapped=st.booleans(),
    )  # fmt: skip
    def paste_to_ministries(self, back: int, who: str, verb: Verb, codes: str, override: bool, wrapped: bool) -> None:
        """Words of a note or of a ministry in what others are told: refused, unless somebody says that he means it."""
        said, words, bird = self.notes[-1 - back % len(self.notes)]
        letters = [
            seen for seen in self.oracle.letters
            if seen.audience == "s" and said.kept_with
            and self.oracle.root(seen.about) == self.oracle.root(said.kept_with)
        ]  # fmt: skip
        if not letters:
            return
        self.step()
        text = self.bird("order's text")
        shown = words.replace(" over ", "\nover ").upper().replace(bird.word.upper(), bird.word) if wrapped else words
        line = f"#{verb.value}{'!' if override else ''} {codes}"
        letter, taken = letters[-1][:2]
        who = reader(who, taken.recipients)
        raw = answered(letter, f"{line}\n\nWat vindt u van {text.word}?\n\n{shown}\n", who)
        told = telling(line, words=True) or pytest.fail("no telling")
        self.send(raw, Post(
            author=who, genuine=True, text=(text,), for_partners=(text, bird) if override else (text,),
            repeats=() if override else (bird,), tellings=(told,), verbs=(verb.value,),
        ))  # fmt: skip
        self.later(4)

    # ministries

    @precondition(lambda self: self.letter(0, "p"))
    @rule(
        back=BACK, speaker=SPEAKERS, says=st.sampled_from((*ANSWERS, None)), form=st.sampled_from(FORMS),
        shape=st.integers(0, 9),
    )  # fmt: skip
    def respond(self, back: int, speaker: str, says: Verb | None, form: str, shape: int) -> None:
        """Somebody answers a letter to a ministry; as itself, or in its name."""
        self._respond(back, speaker, says, form, shape)

    def _respond(self, back: int, speaker: str, says: Verb | None, form: str, shape: int) -> None:
        self.step()
        letter, (liaison,), about = self.letter(back, "p") or pytest.fail("no letter")
        ministry = LIAISONS[liaison]
        asker = self.oracle.askers.get(about, ADA)
        who = {"liaison": liaison, "colleague": ministry.colleague, "other": _other(ministry).liaison, "asker": asker}
        self._says(letter, who.get(speaker, FRIEND if speaker == "friend" else EVE), says, form, shape, ministry, asker)

    def _says(
        self, letter: Letter, who: str, says: Verb | None, form: str, shape: int, ministry: Ministry, asker: str
    ) -> None:
        """Words with an order or without one (shape 0: misspelt, 1: two of them), with everything quoted."""
        text, more, cut = self.bird("position"), self.bird("between"), (self.bird("quoted"), self.bird("signature"))
        words = f"Wij adviseren {text.word} alleen over te nemen als een begeleider ter plaatse dat elke week nagaat."
        if shape == 2:
            words += f"\nBel mij ({NAMES.get(who, who)}, {who}, 070 348 64 86) of {_other(ministry).liaison}."
        spelling = row_of(says).spelling(Language.NL) if says else ""
        order = {0: f"#{spelling[:3]}x" if says else "", 1: f"#{spelling}\n#bezwaar" if says else ""}
        own = "\n\n".join(filter(None, (order.get(shape, f"#{spelling}" if says else ""), words)))
        sign = f"Met vriendelijke groet,\n\n{NAMES.get(who, 'Eve')}\nMinisterie\n{ministry.code} {cut[1].word}"
        plain, page = quoting(form, own, letter, f"Desk {cut[0].word}", sign, f"En {more.word} net zo.")
        proof = {3: "fail", 5: ""}.get(shape, "pass")
        copied = {6: (asker,), 7: (asker, _other(ministry).liaison), 8: (_other(ministry).colleague,)}.get(shape, ())
        raw = answered(
            letter,
            plain or "x",
            who,
            proof=proof,
            html=page,
            **({"to": DESK} if shape == 9 else {}),
            thread=shape != 9,
            headers=[("Cc", ", ".join(copied))] if copied else [],
            attachments=[("position.txt", "text/plain", self.bird("file of a ministry").word.encode())]
            if shape in (4, 6) and not page
            else (),
        )
        post = self.send(named(html_only(raw) if page else raw, who), Post(
            author=who, genuine=proof == "pass", text=(text, more, *cut), own=(text, more), copied=copied,
            verbs=(says.value,) if says and shape > 1 else (),
        ))  # fmt: skip
        self.notes.append((post, words.partition("\n")[0], text))  # whoever overrides for the rest has read it

    @precondition(lambda self: self.letter(0, "p"))
    @rule(back=BACK, away=st.booleans())
    def no_answer(self, back: int, away: bool) -> None:
        """A ministry's responder, or its mail server, answers."""
        letter, (liaison,), _ = self.letter(back, "p") or pytest.fail("no letter")
        if away:
            self._away(letter, liaison)
        else:
            self._report(letter, liaison)

    @precondition(lambda self: self.letter(0, "p"))
    @rule(back=BACK, to=st.integers(0, 2), verb=st.booleans(), colleague=st.booleans())
    def forward(self, back: int, to: int, verb: bool, colleague: bool) -> None:
        """A ministry passes on what it got, to the asker or to another ministry, and the desk is in copy."""
        self.step()
        letter, (liaison,), about = self.letter(back, "p") or pytest.fail("no letter")
        ministry = LIAISONS[liaison]
        who = ministry.colleague if colleague else liaison
        asker = self.oracle.askers.get(about, ADA)
        copied = ((asker,), (_other(ministry).liaison,), (asker, _other(ministry).liaison))[to]
        text, cut = self.bird("forwarded"), self.bird("quoted")
        own = f"{'#akkoord' if verb else ''}\n\nTer informatie: wij zien {text.word} als een zaak van ons allemaal."
        plain, _ = quoting("heading", own, letter, f"Desk {cut.word}", "", "")
        raw = answered(
            letter, plain, who, to=", ".join(copied), subject=f"Fw: {decoded(letter['Subject'])}",
            headers=[("Cc", decoded(letter["Reply-To"]))],
        )  # fmt: skip
        self.send(named(raw, who), Post(
            author=who, genuine=True, text=(text, cut), own=(text,), copied=copied, verbs=("ok",) if verb else (),
        ))  # fmt: skip

    @precondition(lambda self: self.letter(0, "a"))
    @rule(
        back=BACK, of=st.sampled_from(sorted(LIAISONS)), colleague=st.booleans(),
        says=st.sampled_from((*ANSWERS, None)),
        form=st.sampled_from(FORMS), shape=st.integers(0, 9),
    )  # fmt: skip
    def crossed(self, back: int, of: str, colleague: bool, says: Verb | None, form: str, shape: int) -> None:
        """A ministry answers what the asker got from us and passed on to it."""
        self.step()
        letter, _, about = self.letter(back, "a", "") or pytest.fail("no letter")
        ministry = LIAISONS[of]
        who = ministry.colleague if colleague else ministry.liaison
        self._says(letter, who, says, form, shape, ministry, self.oracle.askers.get(about, ADA))

    @rule(of=st.sampled_from(sorted(LIAISONS)), colleague=st.booleans(), numbered=st.booleans())
    def asks_itself(self, of: str, colleague: bool, numbered: bool) -> None:
        """A ministry writes to the desk as anybody does, perhaps with the number of another one's question."""
        self.step()
        ministry = LIAISONS[of]
        who = ministry.colleague if colleague else ministry.liaison
        text, subject = self.bird("question"), self.bird("subject")
        subject.readers = frozenset({who})
        number = f"[{next(iter(self.oracle.sides), 'KV-2026-0001')}/{_other(ministry).code}]" if numbered else ""
        raw = mail(
            sender=f"{NAMES[who]} <{who}>", subject=f"{number} {subject.word}".strip(), headers=[border(who)],
            text=f"Wat weet u van {text.word}, en van wie?\n\nGroet,\n{NAMES[who]}\n",
            message_id=f"<{text.word[2:-2]}@{who.partition('@')[2]}>",
        )  # fmt: skip
        self.send(raw, Post(author=who, genuine=True, text=(text,), subject=(subject,)))


def _other(ministry: Ministry) -> Ministry:
    return PARTNERS[PARTNERS.index(ministry) - 1]


# --- the runs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    made = io.StringIO()
    log.configure("json", "INFO", made)
    yield made
    log.configure("json")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_no_ministry_reads_what_is_not_for_it(tmp_path: Path, stream: io.StringIO) -> None:
    offices = quiet_offices(tmp_path / "desk")
    done = run(lambda: (next(offices), stream), STEPS, EXAMPLES, Ministries)
    print(sorted(done.items()))
    assert done["step"] >= 2_000
    assert {f"#{verb.value}" for verb in LIFE} <= done.keys()
    assert {f"partner #{verb.value}" for verb in ANSWERS} <= done.keys()  # each was taken for a position


def test_nor_over_servers(make_rig: Callable[..., Rig], tmp_path: Path, stream: io.StringIO) -> None:
    offices = wired_offices(make_rig, tmp_path)
    done = run(lambda: (next(offices), stream), 40, 2, Ministries)
    assert done["step"] >= 80
