"""Addresses that look like one of ours to a human eye."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from ksmail.address import Address

# Letters of other scripts, and digits, that most fonts draw like a Latin letter (Unicode Technical Standard 39, 4).
_TWINS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04bb\u0501\u051b\u051d\u03bf\u03b1\u03bd\u03c1\u0131\u01c0\u026101",
    "aeopcyxisjhdqwoavpilgol",
)
_SHORTEST_DOMAIN = 7
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def resembled(address: Address, known: Iterable[Address]) -> Address | None:
    """Which of `known` this address could be taken for, though it is none of them: the same to the eye, or with one
    letter too many, too few or other in its domain."""
    people = tuple(known)
    if address in people:
        return None
    own = _drawn(address)
    return next((each for each in people if _is_close(own, _drawn(each))), None)


def resembles_domain(domain: str, known: Iterable[str]) -> bool:
    """Whether this domain could be taken for one of `known`, though it is none of them: the same to the eye, or with
    one letter too many, too few or other. Among very short names everybody has such a neighbour, so that says nothing.
    """
    own = _skeleton(_readable(domain))
    return any(
        domain != other and (own == drawn or (len(own) >= _SHORTEST_DOMAIN and _is_one_off(own, drawn)))
        for other in known
        for drawn in (_skeleton(_readable(other)),)
    )


def _is_close(own: tuple[str, str], other: tuple[str, str]) -> bool:
    if own[0] != other[0] or own[1] == other[1]:
        return own == other
    return _is_one_off(own[1], other[1])


def _is_one_off(one: str, two: str) -> bool:
    """Whether a single letter was put in, left out or changed."""
    short, long = sorted((one, two), key=len)
    if len(long) - len(short) > 1:
        return False
    same = next((at for at, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]


def _drawn(address: Address) -> tuple[str, str]:
    return _skeleton(address.local), _skeleton(_readable(address.domain))


def _readable(domain: str) -> str:
    """A domain with its A-labels (RFC 5890) as people see them."""
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def _skeleton(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()[:320])
    drawn = "".join(c for c in plain if not unicodedata.combining(c)).translate(_TWINS)
    for pair, letter in _PAIRS:
        drawn = drawn.replace(pair, letter)
    return drawn
