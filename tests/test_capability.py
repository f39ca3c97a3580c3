"""Signed references: what we signed is read, and nothing else."""

from __future__ import annotations

import string
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience, Capability, Key, Keyring, find_tokens, fingerprint
from tests.builders import ASKER, STAFF, address, keyring

SUBJECT = "KV-2026-0042"
TODAY = date(2026, 11, 25)
DAY = timedelta(days=1)
FIRST, LAST = date(2020, 1, 2), date(2109, 9, 18)  # the days that a token can carry

subjects = st.one_of(
    st.from_regex(r"[A-Z]{1,8}-[0-9]{4}-[0-9]{4,9}", fullmatch=True),
    st.integers(1, 99_999).map("Q-{}".format),
    st.integers(1, 99_999).map("C-{}".format),
)
expiries = st.none() | st.dates(FIRST, LAST)
parties = st.builds(Address, st.from_regex(r"[a-z]{1,10}", fullmatch=True), st.just("uni.example"))


claims = st.tuples(subjects, st.sampled_from(Audience), parties, expiries)


def token(party: str = ASKER, expires: date | None = None, subject: str = SUBJECT) -> str:
    return keyring().issue(subject, Audience.ASKER, address(party), expires)


def read(issued: str, ring: Keyring | None = None) -> Capability:
    capability = (ring or keyring()).read(issued)
    assert capability is not None
    return capability


@given(claims)
def test_what_we_signed_says_what_it_is_about(claim: tuple[str, Audience, Address, date | None]) -> None:
    subject, audience, party, expires = claim
    capability = read(keyring().issue(*claim))
    assert (capability.subject, capability.audience, capability.expires) == (subject, audience, expires)
    assert keyring().issued_to(capability, party)


@given(claims, claims)
def test_two_claims_never_have_one_token(
    one: tuple[str, Audience, Address, date | None], other: tuple[str, Audience, Address, date | None]
) -> None:
    assert (keyring().issue(*one) == keyring().issue(*other)) == (one == other)


@given(claims, claims, st.data())
def test_no_part_of_one_token_fits_into_another(
    one: tuple[str, Audience, Address, date | None],
    other: tuple[str, Audience, Address, date | None],
    data: st.DataObject,
) -> None:
    parts, donor = keyring().issue(*one).split("."), keyring().issue(*other).split(".")
    chosen = data.draw(st.lists(st.booleans(), min_size=5, max_size=5))
    mixed = ".".join(theirs if take else ours for ours, theirs, take in zip(parts, donor, chosen, strict=True))
    assert keyring().read(mixed) is None or mixed in (".".join(parts), ".".join(donor))


@given(claims, expiries)
def test_the_signature_covers_the_day(claim: tuple[str, Audience, Address, date | None], other: date | None) -> None:
    issued, moved = keyring().issue(*claim), keyring().issue(*claim[:3], other)
    mixed = f"{moved[:-24]}{issued[-24:]}"
    assert (keyring().read(mixed) is not None) == (claim[3] == other)


def test_a_token_counts_up_to_and_including_its_day() -> None:
    capability = read(token(expires=TODAY))
    assert capability.is_good_on(TODAY)
    assert not capability.is_good_on(TODAY + DAY)


def test_a_token_without_a_day_always_counts() -> None:
    capability = read(token())
    assert capability.expires is None
    assert capability.is_good_on(date.max)


@pytest.mark.parametrize("day", [FIRST, LAST])
def test_the_first_and_the_last_day_that_fit_are_read_back(day: date) -> None:
    assert read(token(expires=day)).expires == day


@pytest.mark.parametrize("day", [FIRST - DAY, LAST + DAY, date.min, date.max])
def test_a_day_that_does_not_fit_is_not_signed(day: date) -> None:
    with pytest.raises(ValueError, match="not a day that a token can carry"):
        token(expires=day)


def test_a_token_leaves_room_for_the_desk_in_a_local_part() -> None:
    ring = Keyring((Key("k1", b"secret"),))
    assert len(ring.issue("KV-2026-00042", Audience.ASKER, address(), TODAY)) == 55


@given(expiries, expiries)
def test_what_a_key_signed_counts_no_longer_than_the_key(own: date | None, until: date | None) -> None:
    key = Key("k1", b"secret", until)
    capability = read(Keyring((key,)).issue(SUBJECT, Audience.ASKER, address(), own), Keyring((key,)))
    assert capability.expires == min((day for day in (own, until) if day), default=None)


@pytest.mark.parametrize(
    ("subject", "ticket", "mail", "confirmation"),
    [
        ("KV-2026-0042", True, False, False),
        ("Q-2026-0042", True, False, False),
        ("C-2026-0042", True, False, False),
        ("Q-17", False, True, False),
        ("C-17", False, False, True),
    ],
)
def test_a_capability_knows_what_it_names(subject: str, ticket: bool, mail: bool, confirmation: bool) -> None:
    capability = read(token(subject=subject))
    assert (capability.names_ticket, capability.names_mail, capability.names_confirmation) == (
        ticket,
        mail,
        confirmation,
    )


@pytest.mark.parametrize("subject", ["Q-17", "C-17"])
def test_a_quarantined_mail_and_a_confirmation_have_a_number(subject: str) -> None:
    assert read(token(subject=subject)).number == 17


def test_a_ticket_has_more_than_a_number() -> None:
    with pytest.raises(ValueError, match="no number of its own"):
        assert read(token()).number


@given(subjects, parties)
def test_a_token_survives_a_server_that_changes_its_case(subject: str, party: Address) -> None:
    issued = keyring().issue(subject, Audience.STAFF, party)
    assert issued == issued.lower()
    assert keyring().read(issued.upper()) == keyring().read(issued) is not None


@given(claims, st.data())
def test_any_changed_character_is_refused(
    claim: tuple[str, Audience, Address, date | None], data: st.DataObject
) -> None:
    issued = keyring().issue(*claim)
    at = data.draw(st.integers(0, len(issued) - 1))
    likely = st.sampled_from(string.ascii_letters + string.digits + ".-")
    other = data.draw((likely | st.characters()).filter(lambda new: new.lower() != issued[at]))
    assert keyring().read(issued[:at] + other + issued[at + 1 :]) is None


def test_every_character_of_the_tail_counts() -> None:
    issued = token(expires=TODAY)
    for at in range(len(issued) - 27, len(issued)):
        others = (sign for sign in "abcdefghijklmnopqrstuvwxyz234567" if sign != issued[at])
        assert all(keyring().read(issued[:at] + sign + issued[at + 1 :]) is None for sign in others)


OLD_FORMAT = "kv-2026-0042.a.{}.k0." + "a" * 26


@pytest.mark.parametrize(
    "refused",
    [
        "kv-2026-0042.a.aaaaaaaa.k0." + "a" * 27,
        token()[:-1],
        token()[:-3],
        OLD_FORMAT.format(token().split(".")[2]),
        token().replace("0042", "0043", 1),
        token().replace(".a.", ".s.", 1),
        token().replace(token().split(".")[2], token(STAFF).split(".")[2]),
        token().replace(".k0.", ".k9."),
        keyring(b"their secret").issue(SUBJECT, Audience.ASKER, address()),
        "",
    ],
    ids=["guessed", "cut", "cut more", "old", "ticket", "verbs", "staff", "unknown key", "other desk", "nothing"],
)
def test_a_token_is_refused_in_one_way_whatever_is_wrong_with_it__case_87(refused: str) -> None:
    assert keyring().read(refused) is None


def test_a_letter_that_only_looks_like_ours_in_lower_case_is_refused() -> None:
    kelvin_sign = "\N{KELVIN SIGN}"
    assert kelvin_sign.lower() == "k"
    assert keyring().read(kelvin_sign + token()[1:]) is None


@given(st.integers(1, 80))
def test_a_token_that_lacks_its_end_is_refused(length: int) -> None:
    assert keyring().read(token()[:-length]) is None


def test_a_token_with_something_behind_it_is_refused() -> None:
    assert keyring().read(token() + "a") is None
    assert keyring().read(token() + "\n") is None


def test_a_token_for_one_party_is_not_issued_to_another() -> None:
    capability = keyring().read(token())
    assert capability is not None
    assert not keyring().issued_to(capability, address(STAFF))


def test_the_case_of_an_address_does_not_matter_for_whom_it_was_issued_to() -> None:
    capability = keyring().read(token("Ada@Uni.example"))
    assert capability is not None
    assert keyring().issued_to(capability, address("aDA@uni.example"))


def test_the_signature_covers_the_audience() -> None:
    assert keyring().read(token().replace(".a.", ".s.", 1)) is None


def test_the_signature_covers_the_ticket() -> None:
    assert keyring().read(token().replace("0042", "0043", 1)) is None


def test_another_desk_cannot_sign_for_us() -> None:
    assert keyring(b"their secret").read(token()) is None


def test_an_old_key_still_verifies_and_the_newest_signs() -> None:
    old, new = Key("k0", b"old secret"), Key("k1", b"new secret")
    issued_before = Keyring((old,)).issue(SUBJECT, Audience.ASKER, address())
    both = Keyring((new, old))
    capability = both.read(issued_before)
    assert capability is not None
    assert both.issued_to(capability, address())
    assert ".k1." in both.issue(SUBJECT, Audience.ASKER, address())


def test_a_key_that_was_withdrawn_verifies_no_more() -> None:
    assert Keyring((Key("k1", b"new secret"),)).read(token()) is None


def test_the_party_of_an_unknown_key_is_nobody() -> None:
    capability = Capability(SUBJECT, Audience.ASKER, "a" * 8, "gone")
    assert not keyring().issued_to(capability, address())


def test_a_token_does_not_show_the_address_it_was_issued_to() -> None:
    assert "ada" not in token().split(".", 1)[1]


@pytest.mark.parametrize(
    "subject", ["", "KV", "KV-17", "KV-17-1", "Q-", "KV-2026-0042-1", "a ticket", "KVKVKVKVK-2026-0001"]
)
def test_only_a_subject_that_can_be_read_back_is_signed(subject: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        keyring().issue(subject, Audience.ASKER, address())


@pytest.mark.parametrize("key_id", ["", "K1", "k.1", "toolong"])
def test_a_key_needs_an_id_that_a_token_can_carry(key_id: str) -> None:
    with pytest.raises(ValueError, match="a key needs an id"):
        Key(key_id, b"secret")


def test_a_key_needs_a_secret() -> None:
    with pytest.raises(ValueError, match="and a secret"):
        Key("k1", b"")


def test_a_keyring_needs_a_key() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Keyring(())


def test_a_key_does_not_show_its_secret() -> None:
    assert "hush" not in repr(Key("k1", b"hush"))


def test_tokens_are_found_in_the_middle_of_other_text_and_in_order() -> None:
    first, second = token(), token(STAFF)
    assert find_tokens(f"<{first}.1@desk.example> desk+{second.upper()}@desk.example") == (first, second)


def test_there_are_no_tokens_in_ordinary_text() -> None:
    assert find_tokens("Re: [KV-2026-0042] a question. Or two.") == ()


@given(st.text())
def test_reading_anything_never_fails(text: str) -> None:
    assert keyring().read(text) is None
    assert all(keyring().read(found) is None for found in find_tokens(text))


def test_the_same_parts_make_the_same_fingerprint() -> None:
    assert fingerprint("a", "b") == fingerprint("a", "b")


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
