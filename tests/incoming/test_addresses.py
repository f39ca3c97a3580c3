"""Who a mail is from: one strict mailbox, or nobody."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ksmail.address import Address, domain_matches, parse_address
from ksmail.incoming.headers import Field
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailboxes import read_mailboxes, strict
from ksmail.incoming.people import author, recipients, reply_to, return_path

STAFF = "staff@agency.example"


def fields(*lines: str | bytes) -> list[Field]:
    found = []
    for line in lines:
        name, _, value = (line.encode() if isinstance(line, str) else line).partition(b": ")
        found.append(Field(name.decode().lower(), value))
    return found


# ---- one address


@pytest.mark.parametrize("spec", [STAFF, "a.b+c@x.y.example", "o'neil@university.example", "A@UNI.Example"])
def test_a_plain_address_is_read(spec: str) -> None:
    assert parse_address(spec).spec.lower() == spec.lower()


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "staff",
        "@agency.example",
        "staff@",
        "staff@example",
        "staff@agency.example.",
        "staff@.agency.example",
        "staff@agency..example",
        ".staff@agency.example",
        "staff.@agency.example",
        '"staff"@agency.example',
        "staff@[192.0.2.1]",
        "staff @agency.example",
        "staff@agency.example\n",
        "staff\0@agency.example",
        "-staff@agency.example",
        "a@b@agency.example",
        "stäff@agency.example",
        "staff@-agency.example",
        "staff@agency_x.example",
        "a" * 65 + "@agency.example",
        "a@" + "b" * 64 + ".example",
        "a@" + "b." * 130 + "example",
    ],
)
def test_what_is_no_plain_address_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="plain mail address"):
        parse_address(spec)


def test_addresses_are_equal_whatever_their_case_and_name() -> None:
    assert parse_address("Staff@Agency.example", "A") == parse_address("staff@agency.EXAMPLE", "B")


def test_an_address_keeps_the_case_of_its_local_part_for_the_wire() -> None:
    assert str(parse_address("Staff@Agency.example")) == "Staff@agency.example"


@pytest.mark.parametrize(
    ("domain", "matches"),
    [("uni.example", True), ("cs.uni.example", True), ("notuni.example", False), ("example", False)],
)
def test_domains_match_on_label_boundaries(domain: str, matches: bool) -> None:
    assert domain_matches(domain, "uni.example") is matches


def test_a_domain_in_other_letters_becomes_its_a_label() -> None:
    assert strict("jan@universität.example").spec == "jan@xn--universitt-y5a.example"


@pytest.mark.parametrize(
    "spec",
    [
        "staff@ａgency.example",  # fullwidth
        "staff@agen\u200bcy.example",
        "staff@agency\u3002example",
        "staff@agency.example\u00ad",
        "staff@stra\u00dfe.example",
    ],
)
def test_letters_that_are_taken_for_others_make_no_domain(spec: str) -> None:
    """Case 86: none of these is agency.example, and none is quietly turned into it."""
    with pytest.raises(ValueError, match=r"letters in the domain|not a plain mail address"):
        strict(spec)


def test_a_cyrillic_look_alike_stays_another_domain() -> None:
    """Case 86."""
    assert strict("staff@аgency.example").domain == "xn--gency-3ve.example"


# ---- the author


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (STAFF, ""),
        (f"<{STAFF}>", ""),
        (f"Anna de Vries <{STAFF}>", "Anna de Vries"),
        (f'"Vries, Anna de" <{STAFF}>', "Vries, Anna de"),
        (f'"A \\"B\\" C" <{STAFF}>', 'A "B" C'),
        (f"=?utf-8?q?Ren=C3=A9e?= <{STAFF}>", "Renée"),
        (f"=?utf-8?b?UmVuw6k=?= =?utf-8?q?e?= <{STAFF}>", "Renée"),
        (f"=?utf-8?q?{STAFF}:_team?= <{STAFF}>", f"{STAFF}: team"),
        (f'"=?utf-8?q?Ren=C3=A9e?=" <{STAFF}>', "Renée"),
        (f"Renée <{STAFF}>", "Renée"),
        (f"{STAFF} (Anna)", "Anna"),
        (f"Anna (at work) <{STAFF}> (phone)", "Anna"),
        (f"Dr. Anna <{STAFF}>", "Dr. Anna"),
        (f"Anna\u202e \u200bB <{STAFF}>", "Anna B"),
        (f"\r\n Anna\r\n <{STAFF}>", "Anna"),
    ],
)
def test_one_mailbox_is_the_author(value: str, name: str) -> None:
    sender, reason = author(fields(f"From: {value}"))
    assert (sender, reason) == (parse_address(STAFF), "")
    assert sender is not None and sender.name == name


def test_a_name_that_looks_like_an_address_does_not_change_the_address() -> None:
    """Case 85: in quotes, as many programs write it, the name is only a name."""
    sender, _ = author(fields(f'From: "{STAFF}" <evil@x.example>'))
    assert sender == parse_address("evil@x.example")


@pytest.mark.parametrize(
    "value",
    [
        f"{STAFF} <evil@x.example>",
        f"{STAFF}(<evil@x.example>)",
        f"<{STAFF}>evil@x.example",
        f"<{STAFF}> <evil@x.example>",
        f"({STAFF}) evil@x.example",
        "=?utf-8?q?staff?=@agency.example",
        "<=?utf-8?q?staff?=@agency.example>",
        "=?utf-8?q?staff@agency.example?=",
        f"=?utf-8?q?<{STAFF}>?= <evil@x.example>",
        "staff=?utf-8?q?x?=@agency.example",
        '"staff"@agency.example',
        f"<{STAFF}.>",
        f"{STAFF}.",
        f"<@relay.example:{STAFF}>",
        f"Anna <{STAFF}",
        f"Anna {STAFF}>",
        f"Anna {STAFF}",
        f'"Anna <{STAFF}>',
        f"staff(x)@agency.example <{STAFF}>",
        "staff(x)@agency.example",
        "<staff (x)@agency.example>",
        "<staff @agency.example>",
        "alice@x.example)bob@agency.example",
        f"(a \\) {STAFF} (b)",
        f"((a) {STAFF}",
        f"a\\ b <{STAFF}>",
        "<>",
        "",
    ],
)
def test_what_two_readers_may_read_in_two_ways_has_no_author(value: str) -> None:
    """Case 85, CVE-2023-27043."""
    sender, reason = author(fields(f"From: {value}"))
    assert sender is None
    assert reason.startswith("From")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "no From field"),
        ([f"From: {STAFF}", "From: evil@x.example"], "more than one From field"),
        ([f"From: {STAFF}", f"From: {STAFF}"], "more than one From field"),
        ([f"From: {STAFF}, evil@x.example"], "more than one mailbox in From"),
        ([f"From: {STAFF}, x"], "more than one mailbox in From"),
        ([f"From: Team: {STAFF};"], "a group in From"),
        ([f"From: A\rB <{STAFF}>"], "a control character in From"),
        ([f"From: A\0B <{STAFF}>"], "a control character in From"),
        ([f"From: {STAFF}", "Subject: x\rFrom: evil@x.example"], "a bare carriage return in the header"),
    ],
)
def test_ambiguity_says_why(lines: list[str], reason: str) -> None:
    """Case 84."""
    assert author(fields(*lines)) == (None, reason)


@pytest.mark.parametrize("other", ["Sender", "Resent-From"])
def test_only_from_names_the_author(other: str) -> None:
    """Case 84."""
    assert author(fields("From: evil@x.example", f"{other}: {STAFF}"))[0] == parse_address("evil@x.example")


@pytest.mark.parametrize("hidden", ["=?utf-8?q?A=0D=0ABcc:_evil@x.example?=", "=?utf-8?b?QQ0KQgA=?="])
def test_a_name_that_hides_a_line_end_loses_it_and_keeps_the_author(hidden: str) -> None:
    """Case 119."""
    sender, _ = author(fields(f"From: {hidden} <{STAFF}>"))
    assert sender == parse_address(STAFF)
    assert sender is not None and sender.name.isprintable()


def test_a_name_is_not_endless() -> None:
    sender, _ = author(fields(f"From: {'x' * 5000} <{STAFF}>"))
    assert sender is not None and len(sender.name) == 200


# ---- the others


def test_groups_are_taken_apart() -> None:
    found = read_mailboxes("Team: a@x.example, B <b@x.example>;, c@x.example", 10)
    assert [address.spec for address in found.addresses] == ["a@x.example", "b@x.example", "c@x.example"]


def test_an_empty_group_holds_nobody() -> None:
    assert read_mailboxes("undisclosed-recipients:;", 10).addresses == ()


def test_recipients_that_are_none_are_left_out_and_counted() -> None:
    kept, remarks = recipients(fields("To: a@x.example, nonsense, <b@x.example>c"), "to", Limits())
    assert [address.spec for address in kept] == ["a@x.example"]
    assert remarks == ["to: 2 entries that are no strict mailbox"]


def test_recipients_are_read_up_to_the_limit_and_the_rest_is_counted() -> None:
    listed = ", ".join(f"p{number}@x.example" for number in range(7))
    kept, remarks = recipients(fields(f"To: {listed}"), "to", Limits(addresses=3))
    assert len(kept) == 3
    assert remarks == ["to: only the first 3 of about 7 entries are kept"]


def test_exactly_as_many_recipients_as_allowed_need_no_remark() -> None:
    _, remarks = recipients(fields("To: a@x.example, b@x.example,"), "to", Limits(addresses=2))
    assert remarks == []


def test_a_field_beyond_the_size_that_is_read_loses_no_half_address() -> None:
    kept, _ = recipients(fields("To: aaa@x.example, bbb@x.example"), "to", Limits(header_field=25))
    assert [address.spec for address in kept] == ["aaa@x.example"]


def test_a_recipient_named_twice_is_one() -> None:
    assert len(recipients(fields("To: a@x.example", "To: A@x.example"), "to", Limits())[0]) == 1


def test_reply_to_may_name_several() -> None:
    assert len(reply_to(fields("Reply-To: a@x.example, B <b@x.example>"))[0]) == 2


@pytest.mark.parametrize(
    "lines", [["Reply-To: a@x.example", "Reply-To: b@x.example"], ["Reply-To: a@x.example, b"], ["Reply-To: a\0@b.c"]]
)
def test_a_reply_to_that_is_not_clear_is_not_used(lines: list[str]) -> None:
    addresses, remark = reply_to(fields(*lines))
    assert addresses == ()
    assert remark.endswith("not used")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Return-Path: <>", "Received: x"], ""),
        (["Return-Path: <a@x.example>", "Received: x"], "a@x.example"),
        (["Return-Path: a@x.example", "Received: x"], "a@x.example"),
        (["Return-Path: <a@x.example>"], "a@x.example"),
        (["Received: x", "Return-Path: <>"], None),
        (["Return-Path: <a b>", "Received: x"], None),
        (["Return-Path: <b@x.example>", "Return-Path: <>", "Received: x"], "b@x.example"),
        (["Received: x"], None),
    ],
)
def test_the_return_path_counts_where_our_border_writes_it(lines: list[str], expected: str | None) -> None:
    """A Return-Path below a Received came with the mail: anybody can write that."""
    assert return_path(fields(*lines)) == expected


# ---- for all values

PIECES = st.sampled_from([*'<>@,;:()"\\. \t=?', "\r\n ", STAFF, "evil@x.example", "=?utf-8?q?a?=", "é", "\u200b", "\0"])


@given(st.lists(PIECES, max_size=20).map("".join))
@example('"' + '\\"' * 50 + "\\")
def test_whatever_stands_in_from_there_is_a_strict_author_or_a_reason(value: str) -> None:
    sender, reason = author(fields(f"From: {value}"))
    assert (sender is None) == bool(reason)
    if sender is not None:
        assert parse_address(sender.spec) == sender
        assert sender.spec in value or "xn--" in sender.domain
        assert sender.name == "" or sender.name.isprintable()


@given(st.lists(st.sampled_from([STAFF, "evil@x.example", "<", ">", '"', "(", ")", ",", " ", "\\"]), max_size=9))
def test_an_author_is_never_read_where_two_addresses_stand_outside_quotes(pieces: list[str]) -> None:
    value = "".join(pieces)
    if '"' not in value and "(" not in value and value.count("@") > 1:
        assert author(fields(f"From: {value}"))[0] is None


@given(st.binary(max_size=300))
def test_any_bytes_can_be_asked_for_mailboxes(data: bytes) -> None:
    found = read_mailboxes(Field("to", data).text, 5)
    assert len(found.addresses) + found.wrong <= 5 <= max(found.total, 5)
    assert all(isinstance(address, Address) for address in found.addresses)
