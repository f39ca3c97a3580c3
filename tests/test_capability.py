"""Signed references: what we signed is read, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience, Capability, Key, Keyring, find_tokens, fingerprint
from tests.builders import ASKER, STAFF, address, keyring

SUBJECT = "KV-2026-0042"

subjects = st.one_of(
    st.from_regex(r"[A-Z]{1,8}-[0-9]{4}-[0-9]{4,9}", fullmatch=True), st.integers(1, 99_999).map("Q-{}".format)
)
parties = st.builds(Address, st.from_regex(r"[a-z]{1,10}", fullmatch=True), st.just("uni.example"))


def token(party: str = ASKER) -> str:
    return keyring().issue(SUBJECT, Audience.ASKER, address(party))


@given(subjects, st.sampled_from(Audience), parties)
def test_what_we_signed_says_what_it_is_about(subject: str, audience: Audience, party: Address) -> None:
    capability = keyring().read(keyring().issue(subject, audience, party))
    assert capability is not None
    assert (capability.subject, capability.audience) == (subject, audience)
    assert keyring().issued_to(capability, party)


@given(subjects, parties)
def test_a_token_survives_a_server_that_changes_its_case(subject: str, party: Address) -> None:
    issued = keyring().issue(subject, Audience.STAFF, party)
    assert issued == issued.lower()
    assert keyring().read(issued.upper()) == keyring().read(issued) is not None


@given(st.data())
def test_any_changed_character_is_refused(data: st.DataObject) -> None:
    issued = token()
    at = data.draw(st.integers(0, len(issued) - 1))
    other = data.draw(st.characters().filter(lambda new: new.lower() != issued[at]))
    assert keyring().read(issued[:at] + other + issued[at + 1 :]) is None


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


@pytest.mark.parametrize("subject", ["", "KV", "KV-2026-0042-1", "a ticket", "KVKVKVKVK-2026-0001"])
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
