"""The last look at what a staff member wrote, before it goes to an asker or a partner."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, islice

from ksmail.address import Address, domain_matches, is_mailbox
from ksmail.capability import find_tokens
from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.markings import find_marking
from ksmail.incoming.mailboxes import strict
from ksmail.outgoing.harmless import one_line
from ksmail.outgoing.tracked import Opened, opened
from ksmail.reference import Reference

LONGEST_LINE = 200
MOST_OF_A_KIND = 20
# Decision 0011 says why these numbers.
_SHINGLE = 6
_SHORTEST_NOTE = 3
_LETTERS_OF_A_SHORT_NOTE = 12
_KNOWN = 3
_DISTINCTIVE, _DISTINCTIVE_NUMBER = 3, 4
_YEARS = ("19", "20")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the case is made of.

    `shared` is what the recipient wrote or was sent already: to repeat that leaks nothing. `people` is everybody in the
    case, the desk's own addresses included; `own_domains` those whose addresses may be mentioned; `sealed` holds
    SHA-256 in hex, `markings` the words that stand on classified documents.
    """

    reference: Reference
    prefix: str
    shared: tuple[str, ...]
    internal: tuple[str, ...]
    partner: tuple[str, ...]
    people: tuple[Address, ...]
    own_domains: tuple[str, ...] = ()
    sealed: frozenset[str] = frozenset()
    markings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along with the text."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


def find_leaks(text: str, files: Sequence[File], known: Known) -> tuple[Leak, ...]:
    """What should not leave, in the order of LeakKind and then of place; at most 20 of a kind. Linear; never raises.

    In files, no mail addresses are looked for: letterheads and lists of contacts are what files are made of.
    """
    inside = opened((file.name, file.content_type, file.data) for file in files)
    pages = [_page("", text), *(_page(file.name, file.text) for file in inside)]
    found = [
        *(leak for page in pages for leak in page.leaks(LeakKind.TOKEN, _tokens(page))),
        *(leak for page in pages for leak in _marked(page, known)),
        *(leak for file in inside for leak in _of_file(file, known)),
        *_copied(LeakKind.INTERNAL, pages, [_own_words(text) for text in known.internal], known.shared),
        *_copied(LeakKind.PARTNER, pages, [_words(text) for text in known.partner], known.shared),
        *(leak for page in pages for leak in page.leaks(LeakKind.REFERENCE, _references(page, known))),
        *pages[0].leaks(LeakKind.ADDRESS, _addresses(pages[0], known)),
    ]
    first = dict.fromkeys(found)
    return tuple(leak for kind in LeakKind for leak in islice((x for x in first if x.kind is kind), MOST_OF_A_KIND))


def _marked(page: _Page, known: Known) -> Iterator[Leak]:
    """Only the words of the marking itself are shown: what stands beside them may be what it marks."""
    marking = find_marking("\n".join(("", *page.lines)), known.markings)  # the first line would be a subject
    if marking:
        yield Leak(LeakKind.MARKING, one_line(f"{page.name}: {marking}" if page.name else marking, LONGEST_LINE))


def _of_file(file: Opened, known: Known) -> Iterator[Leak]:
    if hashlib.sha256(file.data).hexdigest() in known.sealed:
        yield Leak(LeakKind.SEALED, one_line(file.name, LONGEST_LINE))
    if file.tracked:
        yield Leak(LeakKind.TRACKED, one_line(file.name, LONGEST_LINE))
    if not file.readable:
        yield Leak(LeakKind.UNREADABLE, one_line(file.name, LONGEST_LINE))


# --- a text, cut into lines and words


@dataclass(frozen=True, slots=True)
class _Page:
    """A text, or the name of a file and what stands in it. `at` has the line of each word; `plain` has the lines with
    other line ends, spaces and dashes made ordinary, without what is invisible."""

    name: str
    lines: list[str]
    plain: str
    words: list[str]
    at: list[int]

    def leaks(self, kind: LeakKind, lines: Iterable[int]) -> Iterator[Leak]:
        """A leak for each of these lines, up to the most of a kind."""
        return (self.leak(kind, line) for line in islice(dict.fromkeys(lines), MOST_OF_A_KIND))

    def leak(self, kind: LeakKind, line: int) -> Leak:
        """A leak on this line, in which no token can be read."""
        shown = self.lines[line][: 4 * LONGEST_LINE]
        for token in find_tokens(shown):
            shown = re.sub(re.escape(token), token.partition(".")[0] + "…", shown, flags=re.IGNORECASE)
        if self.name and line:
            shown = f"{one_line(self.name, LONGEST_LINE // 2)}: {shown}"
        return Leak(kind, one_line(shown, LONGEST_LINE))


# A paragraph is often one line: the piece of it that matters is the one to show. Longer words stay whole.
_PIECE = re.compile(rf".{{1,{LONGEST_LINE}}}(?!\S)|\S+")
_WORD = re.compile(r"[^\W_]+")
_ESCAPE = re.compile(r"%(2[1-9a-f]|[3-6][0-9a-f]|7[0-9a-e])", re.IGNORECASE)
_INKLESS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def _page(name: str, text: str) -> _Page:
    lines = [name] if name else []
    lines += [piece for line in text.splitlines() for piece in _PIECE.findall(line)]
    lines = lines or [""]
    words: list[str] = []
    at: list[int] = []
    joined = "\n".join(" ".join(line.split()) for line in lines)
    for number, line in enumerate(joined.translate(_FOLDED).split("\n")):
        here = _WORD.findall(line)
        words += here
        at += [number] * len(here)
    return _Page(name, lines, _plainly(joined), words, at)


def _plainly(text: str) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text.translate(_PLAIN))


class _Table(dict[int, str | None]):
    """What each character becomes, worked out one by one: then a flood of marks costs no more than other text."""

    def __init__(self, becomes: Callable[[int], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str | None:
        become = self._becomes(code) or None
        if code < 0x2100:  # what letters in our languages are made of; the rest is kept within a limit elsewhere
            self[code] = become
        return become


@lru_cache(maxsize=65536)
def _plain(code: int) -> str:
    """Compatible forms in one spelling (Unicode NFKC); no controls, no zero width, no soft hyphen; one dash."""
    character = chr(code)
    category = unicodedata.category(character)
    if character.isspace():
        return "\n" if character == "\n" else " "
    if category in ("Cc", "Cf", "Cs") or character in _INKLESS:
        return ""
    return "-" if category == "Pd" or character == "\u2212" else unicodedata.normalize("NFKC", character)


@lru_cache(maxsize=65536)
def _folded(code: int) -> str:
    """As `_plain`, and without case and marks."""
    letters = unicodedata.normalize("NFKD", _plain(code)).casefold()
    return "".join(letter for letter in letters if not unicodedata.category(letter).startswith("M"))


_PLAIN = _Table(_plain)
_FOLDED = _Table(_folded)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.translate(_FOLDED))


# --- tokens, references, addresses

_WINDOW, _LONGEST_TOKEN = 65536, 128


def _tokens(page: _Page) -> Iterator[int]:
    """Lines with a signed reference, also one that a mail client folded: lines are looked at glued to each other."""
    lines = [line.strip(" >") for line in page.plain.split("\n")]
    starts = list(accumulate(map(len, lines), initial=0))
    glued = "".join(lines)
    for begin in range(0, len(glued), _WINDOW - _LONGEST_TOKEN):
        # find_tokens reads no further than 64 K characters.
        window = glued[begin : begin + _WINDOW].lower()
        at = 0
        for token in find_tokens(window):
            at = window.index(token, at)
            # The end of the line before may pass for the prefix, so the first hyphen says where it is.
            yield bisect_right(starts, begin + at + token.index("-")) - 1
            at += len(token)


def _placed(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, re.Match[str]]]:
    line = end = 0
    for match in pattern.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        yield line, match


def _reference_pattern(prefix: str) -> re.Pattern[str]:
    gap = r"\s{0,3}-[\s>]{0,9}"  # some clients fold lines at a hyphen
    return re.compile(rf"(?<![^\W_]){re.escape(prefix)}{gap}(\d{{4}}){gap}(\d{{1,9}})(?!\d)", re.ASCII | re.IGNORECASE)


def _references(page: _Page, known: Known) -> Iterator[int]:
    pattern = _reference_pattern(known.prefix)
    found = [(line, (int(match[1]), int(match[2]))) for line, match in _placed(pattern, page.plain)]
    if not found:
        return
    fine = {(int(match[1]), int(match[2])) for text in known.shared for match in pattern.finditer(_plainly(text))}
    if known.prefix.upper() == known.reference.prefix.upper():
        fine.add((known.reference.year, known.reference.number))
    yield from (line for line, reference in found if reference not in fine)


# From the beginning of a run of such characters only, so that each is looked at once.
_MAILBOX = re.compile(r"(?<![\w.+'-])[\w.+'-]+@(?:[\w-]+\.)+[^\W\d_][\w-]*")


def _addresses(page: _Page, known: Known) -> Iterator[int]:
    found = [(line, key) for line, match in _placed(_MAILBOX, page.plain) if (key := _key(match[0]))]
    strangers = _strangers({key for _, key in found}, known)
    if strangers:
        strangers -= {_key(match[0]) for text in known.shared for match in _MAILBOX.finditer(_plainly(text))}
    yield from (line for line, key in found if key in strangers)


def _key(spec: str) -> str:
    """The form under which spellings of an address are one; "" for what cannot be one."""
    spec = spec.strip("'.-_")
    try:
        return strict(spec).key
    except ValueError:
        # RFC 6531 has letters in the local part that we never mail to; they name a person all the same.
        return spec.casefold() if not spec.isascii() and len(spec) <= 254 else ""


def _strangers(keys: Iterable[str], known: Known) -> set[str]:
    people: dict[str, list[Address]] = {}
    for person in known.people:
        people.setdefault(person.domain, []).append(person)
    addresses = [Address(*key.rsplit("@", 1)) for key in keys]
    outside = [one for one in addresses if not any(is_mailbox(one, person) for person in people.get(one.domain, ()))]
    return {one.key for one in outside if not any(domain_matches(one.domain, own) for own in known.own_domains)}


# --- words that were copied

# What says nothing about a case: the commonest words of both languages, and the words of greetings and promises.
_COMMON_WORDS = """
    aan about above according add after again against ago all alle alleen allemaal alles als also although altijd
    alvast always and ander andere anders another answer answers antwoord antwoorden any anyone apr april are around
    ask asked asking attached attachment aug august augustus away back bad based beantwoord beantwoorden because
    been before behalve beide being below ben bent bericht best beste betreft better between big bij bijlage binnen
    blijft both boven brief but came can cannot case clear collega come contact could daar daarbij daarmee daarna
    daarom daarover daarvan daarvoor dacht dag dagen dan dank dat date datum day days dear dec december deel den
    denk denken denkt department der des deze dezelfde did die dient dinsdag direct dit doe doen does doet doing
    donderdag done door doorgeven dossier down druk duidelijk during each earlier echter een eens eerder eerst
    eerste eigen either elk elkaar elke else email enclosed end enkele erg ervan ervoor even ever every everyone
    everything faithfully far feb februari february few find first following for four fri friday from further gaan
    gaarne gaat gaf geacht geachte gebruik gebruiken gedaan geeft geen gekregen gelden geldt geleden gemaakt general
    gesprek gesteld gestuurd get gets getting geven geweest give given gives goed goede goes going good got graag
    great greetings groet groeten groot grote haar had hadden hand hardly hartelijk hartelijke has have having heb
    hebben hebt heeft heel heer hele help hem hen hence her here hers herself hesitate het hier hierbij hiermee
    hierover hiervoor hij him himself his hoe hoeft hoeven hoewel hoogachtend hoort hope houden how however html
    http https hulp hun iedere iedereen iemand iets indien inform informatie information inmiddels into its itself
    jaar jan januari january jaren jij juist jul juli july jun june juni just kan keep kind kindest know known kon
    krijgen krijgt kun kunnen kunt laat laatste last late laten later latest least leest less let letter liever like
    likely little long look lot low maak maakt maand maandag maanden maar maart made mag mail make maken makes man
    many march matter may maybe mee meer meest mei men mensen mention message met mevrouw mijn minder mine minuten
    misschien moet moeten mogelijk mogen mon monday month months more morgen most mrs mrt much must naam naar name
    namelijk namens near nee need needed needs neem neemt nemen net never new next niemand niet niets nieuw nieuwe
    niks nodig nog nogmaals nooit nor not nothing nou nov november now nul number nummer nut oct october off often
    okt oktober old omdat once onder one ongeveer only ons ontvangen ontvangst ontvangt onze ook opgenomen opnieuw
    order other others otherwise oud our ours out over overleg own page part pas pay people per perhaps person
    persoon plaats place please point possible punt put question questions quite ran rather reach reactie read
    really reason receipt receive received reden regard regarding regards regels reply request response rond run
    same samen sat saturday say schreef schrijft second see send sending sends sent sep sept september set several
    shall she should show since sincerely sir sit six slechts snel some someone something soms soon sta staan staat
    steeds stellen still stuk sturen stuurt such sun sunday sure take taken tal team tegen telefoon ten ter terug
    terwijl than thank thanks that the their theirs them themselves then there therefore these they thing things
    think this those though three through thu thursday thus tijd tijdens time times toch today toe toen together
    told tomorrow too top tot totdat towards truly try tue tuesday tussen twee tweede two uit uiteraard uiterlijk
    uitleg under understand until upon uren url use used using uur vaak van vanaf vandaag vanuit vanwege veel verder
    verstuurd very verzoek verzonden via vier vinden vindt vol voldoende volgende volgens volgt voor vooraf vraag
    vraagt vrag vragen vriendelijk vriendelijke vrijdag waar waarbij waarin waarmee waarom waarop waarvan waarvoor
    wanneer want waren warm was wat way wed wednesday week weeks weer weet weg wegens weinig weken wel welke well
    went werd werden were werkdag werkdagen werken werkt weten what when where whether which while who whole whom
    whose why wie wij wil will willen wilt wish wishes with within without woensdag won word worden wordt work
    working would write writing wrote www year years yes yesterday yet you your yours yourself zaak zag zaken zal
    zaterdag zeer zeggen zegt zei zelf zelfs zes zich zie zien zij zijn zin zitten zoals zodat zodra zondag zonder
    zou zouden zullen zult
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_CLOSING = re.compile(
    r"(?:met (?:vriendelijke|hartelijke|collegiale|beste) groet(?:en)?|(?:vriendelijke |hartelijke )?groet(?:en|jes)?|"
    r"(?:with )?(?:kind|best|warm)(?:est)? regards|regards|best wishes|yours (?:sincerely|faithfully|truly)|"
    r"sincerely(?: yours)?|mvg|hoogachtend)",
    re.IGNORECASE,
)


def _own_words(text: str) -> list[str]:
    """The words of a text of our own, without the names below its greeting: the answer has the same below its own."""
    kept: list[str] = []
    left = 0
    for line in text.splitlines():
        bare = line.strip(" \t>*_,.!")
        if bare == "--" or _CLOSING.fullmatch(bare):
            left = 8
        elif left and len(line.split()) <= _SHINGLE + 1:
            left -= 1
        else:
            left = 0
            kept.append(line)
    return _words("\n".join(kept))


def _shingles(words: Sequence[str], size: int) -> Iterator[int]:
    """A number for every `size` words in a row. Sixty-four bits each: two that differ are never one in practice."""
    return map(hash, zip(*(words[start:] for start in range(size)), strict=False))


def _copied(
    kind: LeakKind, pages: Sequence[_Page], sources: Sequence[list[str]], shared: Sequence[str]
) -> Iterator[Leak]:
    """The passages of each page that stand in a source too; of each the line that has most of what is new in it."""
    copied = _in_both(pages, sources)
    runs = [(page, start, stop) for page in pages for start, stop in _runs(page.words, copied)]
    known = _known_words(runs, shared)
    for page, start, stop in runs:
        new = [at for at in range(start, stop) if _is_distinctive(page.words[at]) and at not in known[id(page)]]
        if new:
            yield page.leak(kind, Counter(page.at[at] for at in new).most_common(1)[0][0])


def _in_both(pages: Sequence[_Page], sources: Sequence[list[str]]) -> dict[int, set[int]]:
    """By size, the shingles of the sources that the pages (may) have: all of long sources, short sources whole."""
    wanted = {key for page in pages for key in _shingles(page.words, _SHINGLE)}
    copied: dict[int, set[int]] = {_SHINGLE: set()}
    for words in sources:
        if len(words) >= _SHINGLE:
            copied[_SHINGLE] |= wanted.intersection(_shingles(words, _SHINGLE))
        elif len(words) >= _SHORTEST_NOTE and sum(map(len, words)) >= _LETTERS_OF_A_SHORT_NOTE:
            copied.setdefault(len(words), set()).add(hash(tuple(words)))
    return copied


def _runs(words: Sequence[str], copied: dict[int, set[int]]) -> Iterator[tuple[int, int]]:
    """Passages: copied shingles that overlap are one. Each as the first word and the one behind the last."""
    windows = sorted(
        (start, start + size)
        for size, keys in copied.items()
        if keys
        for start, key in enumerate(_shingles(words, size))
        if key in keys
    )
    begin = end = 0
    for start, stop in windows:
        if start >= end:
            if end:
                yield begin, end
            begin = start
        end = max(end, stop)
    if end:
        yield begin, end


def _known_words(runs: Sequence[tuple[_Page, int, int]], shared: Sequence[str]) -> dict[int, set[int]]:
    """By page, the places in its passages where the words are the recipient's own, three in a row at least; or all of
    a shorter text of his. So what is put together from shared texts, or ends where one of them ends, is known too."""
    near = [(page, size, *_around(page, start, stop, size)) for page, start, stop in runs for size in (1, 2, _KNOWN)]
    wanted = {key for _, size, _, words in near for key in _shingles(words, size)}
    seen: set[int] = set()
    for words in map(_words, shared if wanted else ()):
        seen |= wanted.intersection(_shingles(words, min(_KNOWN, max(len(words), 1))))
    known: dict[int, set[int]] = {id(page): set() for page, _, _ in runs}
    for page, size, first, words in near:
        for place, key in enumerate(_shingles(words, size), first):
            if key in seen:
                known[id(page)].update(range(place, place + size))
    return known


def _around(page: _Page, start: int, stop: int, size: int) -> tuple[int, list[str]]:
    first = max(0, start - size + 1)
    return first, page.words[first : stop + size - 1]


def _is_distinctive(word: str) -> bool:
    if word.isdigit():
        return len(word) > _DISTINCTIVE_NUMBER or (len(word) == _DISTINCTIVE_NUMBER and word[:2] not in _YEARS)
    return len(word) >= _DISTINCTIVE and word not in _COMMON
