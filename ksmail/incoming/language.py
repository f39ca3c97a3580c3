"""Which language a text is written in: Dutch, English, or not sure enough."""

from __future__ import annotations

import re
from functools import cache
from itertools import zip_longest

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from ksmail.incoming.message import Language
from ksmail.incoming.words import own_words

# The others are there to be recognised as neither: a model that knows only two languages takes German for Dutch.
_KNOWN = ("nl", "en", "de", "fr", "es", "it", "pt", "da", "sv", "no", "pl", "tr", "ru", "uk", "ar", "fa", "zh")

_LONGEST = 20_000
_FEWEST_WORDS = 3
_SENTENCE_WORDS = 5  # shorter ones are too often taken for another language
_SURE = 0.9
_MIXED = 0.2  # the share of words in another language from which on a text counts as mixed

_ARTICLES = frozenset({"de", "het", "the"})
_NOISE = re.compile(r"@|://|\d")  # addresses, links, dates and numbers
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def guess_language(text: str) -> Language:
    """NL or EN when nearly every own word of `text` is; BOTH for short, mixed or foreign text.

    Names do not count: whatever begins with a capital is left out, so that a question about one country and the
    same question about another are answered in the same language. Quotes and the signature are left out too.
    """
    sentences = _sentences(own_words(text[:_LONGEST]))
    words = [word for sentence in sentences for word in sentence]
    if len(words) < _FEWEST_WORDS:
        return Language.BOTH
    language = _language(words)
    long = [sentence for sentence in sentences if len(sentence) >= _SENTENCE_WORDS]
    foreign = sum(len(sentence) for sentence in long if _language(sentence) not in (language, ""))
    if language not in ("nl", "en") or foreign > _MIXED * len(words):
        return Language.BOTH
    return Language(language)


def _sentences(text: str) -> list[list[str]]:
    """The words of each sentence, names left out; a text all in capitals has no names."""
    if not any(character.islower() for character in text):
        text = text.lower()
    sentences: list[list[str]] = [[]]
    for line in text.splitlines():
        for piece in line.split():
            sentences[-1] += [] if _NOISE.search(piece) else _WORD.findall(piece)
            if piece[-1] in ".!?:;":
                sentences.append([])
        sentences.append([])
    return [_without_names(sentence) for sentence in sentences]


def _without_names(words: list[str]) -> list[str]:
    """The words that begin with a small letter, without the articles of names: "the" of the United Kingdom."""
    kept: list[str] = []
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        is_article = word in _ARTICLES and after[:1].isupper()
        if word[0].islower() and not is_article:
            kept.append(word)
    return kept


def _language(words: list[str]) -> str:
    """The ISO 639 code of the words' language, or "" when unsure."""
    language, confidence = _model().classify(" ".join(words))
    return str(language) if confidence >= _SURE else ""


@cache
def _model() -> LanguageIdentifier:
    """Loaded at first use, because that takes a second and a hundred megabytes."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(_KNOWN)
    return model
