"""Names of countries, territories, continents and nationalities, in Dutch and in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import chain

from babel import Locale
from babel.languages import get_official_languages

from ksmail.desk.suggest import plain, words

_LOCALES = (Locale.parse("nl"), Locale.parse("en"))
# Codes of Babel that are no place: the world, an unknown region, and two that are there to test programs.
_NOWHERE = frozenset({"001", "ZZ", "XA", "XB"})
# Codes of countries that are a topic far more often (AI), or a small word of a phrase (export in bulk).
_TOPIC_CODES = "ai am ar bv cv gm id io it li md ml ms ph tv"
_SMALL_CODES = "an as at be by de er ie in is me my na no nu om re so to"
# Words of longer names ("Isle of Man", "Northern Mariana Islands", "Plains Cree") that mean something by themselves.
# The whole name is refused all the same.
_ORDINARY_WORDS = """
noord noordelijk noordelijke zuid zuidelijk zuidelijke zuidoost oost west westelijk westelijke centraal midden
north northern south southern southeast east eastern western central middle latijn latijns latin
verenigd verenigde naties staten unie koninkrijk republiek united nations states union kingdom republic
eiland eilanden gebied gebieden regio territorium island islands isle territory territories region city ocean
oceaan nieuw nieuwe kleine afgelegen overig new minor outlying equatoriaal equatorial
saint sint traditioneel traditional standaard standard creools creole
atlas canary cape christmas coast cook costa cote cree diego heard hill hong jan kong leste marshall plains principe
reto sandwich sierra slave solomon tome verde virgin zeeland
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
# What Babel does not have: names of yesterday and of every day (Holland), and people whose name is not made of that of
# their country with a usual ending (Dane). The other forms of these follow from them.
_MORE_NAMES = """
america engeland england schotland scotland wales britain britannie holland turkey palestina palestine persia perzie
tibet koerdistan kurdistan macedonie sovjet soviet joegoslavie yugoslavia tsjechoslowakije czechoslovakia
afghaan afghan arab argentijn asian azeri belg bengal birmees brit briton britten croat cyprioot dane deen emiraat
emirat finn griek ieren ivoriaan ivorian jemeniet koerd kosovar kroaat kurd mongol noor palestijn rus russen schot
scot serb serven slovene spaniard spanjaard surinam swede swiss thai turk vaticaan venezolaan zwitser
"""
_MORE_PHRASES = ("cabo verde", "hong kong", "ivory coast", "nieuw zeelands", "nieuw zeelandse", "nieuw zeelander")
_MORE_CODES = "uk usa uae vae vk vs prc dprk ussr"

_SHORT_ENDINGS = "e en er ers i is ic n nees ner ners nese nezen ns r rs s sch sche se"
_LONG_ENDINGS = """
aan aans aanse aat an ane anen ans aten atisch atische ean eans eaan eanen ees ese ezen enaar enaren iaan iaans iaanse
ian ians ianen iaas iase ier iers ijn ijns ijnse ijnen ine ines iot iots ioot ioten iotisch iotische isch ische ish
itisch itische lees lese lezen nian nians tian tians vian vians viaans viaanse
"""
_ENDINGS_OF_PEOPLE = "man men mannen woman women"
# What a name loses before a long ending: Syrië, Syrisch; Turkije, Turkish; Barbados, Barbadian; Lebanon, Lebanese.
_LOST = "a e i o y ia ie io ea as es os us s on ije iye je inie"
# Names that are long enough to be known at the beginning of a compound: Iranbeleid, Ruslandsancties.
_LONG_ENOUGH = 5
_ALSO_LONG_ENOUGH = ("cuba", "irak", "iran", "iraq")
_DOT_INSIDE = re.compile(r"(?<![^\W_]{3})\.(?=[^\W_])")  # of U.S. and Ph.D.


def names_a_nation(topic: str) -> bool:
    """Whether a topic, a word or a few, is or holds a name of a country, territory or continent, or of its people.

    With `*` behind it, also whether it would fit such a name.
    """
    said = _words_of(topic)
    return _holds_code(_words_of(_DOT_INSIDE.sub("", topic))) or _holds_name(said) or _begins_name(topic, said)


def _holds_code(said: list[str]) -> bool:
    territories = {str(code).casefold() for code in _LOCALES[0].territories if code not in _NOWHERE}
    known = territories.union(_MORE_CODES.split()).difference(_TOPIC_CODES.split())
    return not known.difference(_SMALL_CODES.split() if len(said) > 1 else ()).isdisjoint(said)


def _holds_name(said: list[str]) -> bool:
    text = f" {' '.join(said)} "
    single = any(word in _single_names() or word.startswith(_beginnings()) for word in said)
    return single or any(f" {phrase} " in text for phrase in _phrases())


def _begins_name(topic: str, said: list[str]) -> bool:
    """Whether a name could go on where a topic ends with `*`. The first word of a name of more words is no name."""
    rests = [" ".join(said[at:]) for at in range(len(said))] if topic.rstrip().endswith("*") else []
    names = ((rest, _phrases() if " " in rest else _single_names()) for rest in rests)
    return any(name.startswith(rest) for rest, group in names for name in group)


@lru_cache(maxsize=1)
def _phrases() -> frozenset[str]:
    """Names of more words."""
    return frozenset((*_MORE_PHRASES, *(" ".join(name) for name in _territories() if len(name) > 1)))


@lru_cache(maxsize=1)
def _beginnings() -> tuple[str, ...]:
    names = {name[0] for name in _territories() if len(name) == 1 and len(name[0]) >= _LONG_ENOUGH}
    return (*names, *_ALSO_LONG_ENOUGH)


@lru_cache(maxsize=1)
def _single_names() -> frozenset[str]:
    """Names of one word in their many forms, as far as the usual endings make them."""
    territories = list(_territories())
    whole = {*_MORE_NAMES.split(), *(name[0] for name in territories if len(name) == 1)}
    parts = {part for name in territories if len(name) > 1 for part in name if _tells(part)}
    languages = {part for name in _languages() for part in name if _tells(part)}
    made = (*map(_of_a_land, whole), *map(_of_a_part, parts), *map(_of_a_language, languages))
    return frozenset(chain.from_iterable(made))


def _tells(part: str) -> bool:
    """Whether a part of a name is one by itself. Short ones (Ga, a language) are more often something else."""
    return len(part) > 3 and part not in _ORDINARY


def _of_a_land(name: str) -> Iterator[str]:
    """Iran, Iranian, Iraans; Syrië, Syrische; Holland, Hollander."""
    yield from _of_a_part(name)
    shorter = {name.removesuffix(ending) for ending in _LOST.split()} - {name}
    yield from (stem + ending for stem in shorter if len(stem) > 2 for ending in _LONG_ENDINGS.split())


def _of_a_part(name: str) -> Iterator[str]:
    """Of Costa Rica: Rica, Rican, Ricaanse. Its short stems (Marino, marines) would be too many other words."""
    yield from (name + ending for ending in ("", *_SHORT_ENDINGS.split(), *_LONG_ENDINGS.split()))
    yield from (_closed(name) + ending for ending in ("s", "se"))
    yield from (_opened(name) + ending for ending in ("e", "en"))
    if name.endswith("a"):
        yield from (name[:-1] + ending for ending in ("aan", "aans", "aanse"))


def _of_a_language(name: str) -> Iterator[str]:
    """Chinees, Chinese, Chinezen; English, Englishman; Bulgaars, Bulgaar."""
    yield from (name + ending for ending in ("", "e", "en", "er", "ers", "i", "s", *_ENDINGS_OF_PEOPLE.split()))
    yield from (_opened(name) + ending for ending in ("e", "en"))
    yield _opened(name).removesuffix("s") + "zen"
    people = re.sub("(isch|s)$", "", name)
    # A shorter rest is another word: Engels and engel, Pools and pool, Perzisch and pers.
    if people != name and len(people) > 5:
        yield from (people + ending for ending in ("", "er", "ers"))
        yield from (_opened(people) + ending for ending in ("en", "ier", "iers"))


def _opened(name: str) -> str:
    """With one vowel, as Dutch writes it before another one: Chinees, Chinese."""
    return re.sub(r"([aeo])\1(?=[^aeiouy]$)", r"\1", name)


def _closed(name: str) -> str:
    """With two vowels, as Dutch writes it before an s: Iran, Iraans."""
    return re.sub(r"(?<![aeiou])([aeo])(?=[^aeiouy]$)", r"\1\1", name)


def _territories() -> Iterator[list[str]]:
    for locale in _LOCALES:
        yield from (_words_of(name) for code, name in locale.territories.items() if code not in _NOWHERE)


def _languages() -> Iterator[list[str]]:
    """Those that are official somewhere: in a country, or in a part of it."""
    official = partial(get_official_languages, regional=True, de_facto=True)
    codes = {language for code in _LOCALES[0].territories for language in official(str(code))}
    for locale in _LOCALES:
        yield from (_words_of(name) for code, name in locale.languages.items() if code in codes)


def _words_of(name: str) -> list[str]:
    return words(plain(name)).split()
