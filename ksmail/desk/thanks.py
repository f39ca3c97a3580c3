"""Whether a reply is no more than thanks."""

from __future__ import annotations

import re
import unicodedata

# Words of thanks and of goodbye, in the languages in which people write to a desk. Whatever else a short reply says
# is worth a look, so every word of it has to be one of these.
_THANKS_WORDS = """
bedankt dank dankjewel dankuwel dankje dank-je-wel merci danke dankeschön thanks thank thx tnx ty cheers
gracias grazie obrigado obrigada takk tack tak kiitos teşekkürler спасибо
"""
_BESIDE_WORDS = """
u je jou jullie wel zeer heel erg hartelijk hartelijke vriendelijk veel vele nogmaals alvast beste allen allemaal
voor het de uw jouw deze dit snelle duidelijke goede uitgebreide heldere antwoord reactie hulp informatie advies
bericht mail e-mail moeite tijd uitleg medewerking met vriendelijke groet groeten groetjes mvg hoi hallo dag
goedendag geachte heer mevrouw prima top fijn super geweldig mooi helder duidelijk oké ok goed hier kan ik mee
verder wij we kunnen vooruit
you very so much many kindly again for your the this quick clear good helpful kind swift prompt reply response
answer help advice information message email time effort explanation support all best regards warm greetings
sincerely yours hi hello dear sir madam team desk everyone great perfect excellent wonderful fine okay appreciated
really appreciate it is that was useful and en of to from
sehr herzlichen herzliche vielen schön ihre ihnen für die hilfe schnelle freundlichen grüßen grüße mit
beaucoup pour votre réponse aide cordialement bien à vous
"""
_THANKS = frozenset(_THANKS_WORDS.casefold().split())
_BESIDE = frozenset(_BESIDE_WORDS.casefold().split())
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+")
_LONGEST = 300  # characters
_MOST_WORDS = 40
_NAMES = 4  # words at the end that may be a name


def is_thanks(own: str) -> bool:
    """Whether `own`, the new words of a reply without quote and signature, only say thanks: short, with a word of
    thanks, no question mark, and nothing else but words that go with it and a name at the end.

    When in doubt it is no thanks: a ticket that was opened once too often costs a look, a question that was taken for
    thanks is lost.
    """
    text = unicodedata.normalize("NFKC", own[: _LONGEST + 1]).casefold()
    if len(text) > _LONGEST or any(mark in text for mark in "?？؟"):
        return False
    words = _WORD.findall(text)
    if not 0 < len(words) <= _MOST_WORDS or not _THANKS.intersection(words):
        return False
    strange = [at for at, word in enumerate(words) if word not in _THANKS and word not in _BESIDE]
    return not strange or _is_name(own, words, strange)


def _is_name(own: str, words: list[str], strange: list[int]) -> bool:
    """Whether the words we do not know are a name on a last line of its own: a few of them, without a digit, the first
    and the last with a capital where there are capitals. "Please call me" is no name."""
    lines = [line for line in own.strip().splitlines() if line.strip()]
    last = _WORD.findall(lines[-1])
    alone = len(lines) > 1 and 0 < len(last) <= _NAMES and not any(word.isdigit() for word in last)
    alone = alone and not any(word[0].islower() for word in (last[0], last[-1]))
    return alone and strange[0] >= len(words) - len(last)
