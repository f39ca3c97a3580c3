"""Why an order cannot be carried out, in words."""

from __future__ import annotations

import re

import pytest

from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.order import Order, Verb
from ksmail.desk.refusal import Refusal, Why, shown
from ksmail.incoming.message import Language


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("language", [Language.NL, Language.EN])
def test_every_reason_is_whole_sentences_in_both_languages(why: Why, language: Language) -> None:
    said = Refusal(why).of(None, language).why(language)
    assert re.fullmatch(r"[A-Z].*\.", said)


@pytest.mark.parametrize("why", Why)
def test_the_two_languages_differ(why: Why) -> None:
    refused = Refusal(why).of(None, Language.NL)
    assert refused.why_nl != refused.why_en


def test_the_languages_name_the_same_orders_each_in_its_own_spelling() -> None:
    refused = Refusal(Why.NOT_OPEN).of(None, Language.NL)
    assert "#heropen" in refused.why_nl
    assert "#reopen" in refused.why_en


def test_the_order_is_named_as_its_reader_writes_it() -> None:
    assert Refusal(Why.TAKEN).of(Order(Verb.TAKE), Language.NL).verb == "#pak"
    assert Refusal(Why.TAKEN).of(Order(Verb.TAKE), Language.EN).verb == "#take"


def test_a_refusal_of_no_order_in_particular_names_none() -> None:
    assert Refusal(Why.NOT_CONFIRMED).of(None, Language.EN).verb == ""


def test_only_what_can_be_overridden_says_how() -> None:
    assert Refusal(Why.LEAK, override=True).of(Order(Verb.ANSWER), Language.EN).override == "#answer!"
    assert Refusal(Why.LEAK).of(Order(Verb.ANSWER), Language.EN).override == ""


def test_the_text_of_the_exception_says_nothing_of_anybody() -> None:
    assert str(Refusal(Why.NO_SUCH_PERSON, "Sam")) == "no_such_person"


def test_its_lines_are_kept() -> None:
    assert Refusal(Why.NO_SUCH_PERSON, "Sam", "Eva").of(None, Language.NL).lines == ("Sam", "Eva")


@pytest.mark.parametrize("kind", LeakKind)
def test_every_kind_of_leak_has_words_in_both_languages(kind: LeakKind) -> None:
    leak = Leak(kind, "the line")
    dutch, english = shown(leak, Language.NL), shown(leak, Language.EN)
    assert dutch != english
    assert dutch.endswith(": the line") and english.endswith(": the line")


@pytest.mark.parametrize("kind", LeakKind)
def test_a_secret_of_ours_a_marked_text_and_a_sealed_file_never_leave(kind: LeakKind) -> None:
    assert Leak(kind, "x").overridable is (kind not in (LeakKind.TOKEN, LeakKind.MARKING, LeakKind.SEALED))
