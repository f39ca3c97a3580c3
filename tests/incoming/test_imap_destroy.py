"""Destroying the server's copies of one mail: against pymap and Dovecot, and against a server that goes wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.errors import CannotDestroy, Unavailable
from ksmail.incoming.imap import ImapMailbox, ImapSettings, searches
from ksmail.incoming.mailbox import Copy, Folder
from tests.imap_stub import FULL, ImapStub, StubMail
from tests.incoming.test_imap import Debian, InMemory, Post, opened, somebody_else
from tests.servers import Dovecot
from tests.stub import HANG_UP, SILENCE

ID = "<secret.1@mail.example>"
RAW = f"From: asker@example.net\r\nMessage-ID: {ID}\r\n\r\nMy passport \u20ac\r\n.\r\n".encode()
# As long as RAW, and with its Message-ID.
TWIN = RAW.replace(b"passport", b"holidays")
NEIGHBOUR = b"From: other@example.net\r\nMessage-ID: <other@mail.example>\r\n\r\nMay we?\r\n"


def copy_of(raw: bytes, message_id: str = ID) -> Copy:
    return Copy(hashlib.sha256(raw).hexdigest(), len(raw), message_id)


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.servers)])
def post(request: pytest.FixtureRequest) -> Post:
    if request.param == "pymap":
        return InMemory(request.getfixturevalue("servers"))
    return Debian(request.getfixturevalue("dovecot"))


@pytest.fixture
def mailbox(post: Post) -> Iterator[ImapMailbox]:
    with opened(post.settings) as mailbox:
        yield mailbox


# Two real servers


def test_a_mail_in_the_inbox_is_destroyed(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    assert (mailbox.destroy(copy_of(RAW)), post.folder("INBOX")) == (1, [])


@pytest.mark.parametrize("folder", Folder)
def test_a_filed_mail_is_destroyed(post: Post, mailbox: ImapMailbox, folder: Folder) -> None:
    post.append(RAW)
    mailbox.file(mailbox.uids(), folder)
    assert (mailbox.destroy(copy_of(RAW)), post.folder(folder.value.title())) == (1, [])


def test_every_copy_is_destroyed(post: Post, mailbox: ImapMailbox) -> None:
    for folder in Folder:
        post.append(RAW)
        mailbox.file(mailbox.uids(), folder)
    post.append(RAW)
    post.append(RAW)
    assert mailbox.destroy(copy_of(RAW)) == 5


def test_all_other_mails_stay(post: Post, mailbox: ImapMailbox) -> None:
    post.append(NEIGHBOUR)
    post.append(RAW)
    mailbox.file(mailbox.uids(), Folder.DONE)
    post.append(NEIGHBOUR)
    mailbox.destroy(copy_of(RAW))
    assert (post.folder("Done"), post.folder("INBOX")) == ([NEIGHBOUR], [NEIGHBOUR])


def test_a_mail_with_the_same_id_and_size_and_other_bytes_stays(post: Post, mailbox: ImapMailbox) -> None:
    post.append(TWIN)
    post.append(RAW)
    assert (mailbox.destroy(copy_of(RAW)), post.folder("INBOX")) == (1, [TWIN])


def test_what_a_person_marked_as_deleted_stays(post: Post, mailbox: ImapMailbox) -> None:
    post.append(NEIGHBOUR)
    post.append(RAW)
    with somebody_else(post.settings) as client:
        client.store("1", "+FLAGS", r"\Deleted")
        mailbox.destroy(copy_of(RAW))
        mailbox.close()
        assert post.folder("INBOX") == [NEIGHBOUR]


def test_a_copy_that_a_person_marked_as_deleted_is_destroyed(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    with somebody_else(post.settings) as client:
        client.store("1", "+FLAGS", r"\Deleted")
    assert (mailbox.destroy(copy_of(RAW)), post.folder("INBOX")) == (1, [])


def test_nothing_is_destroyed_twice(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    mailbox.destroy(copy_of(RAW))
    assert mailbox.destroy(copy_of(RAW)) == 0


# The last one is what the parser makes up for a mail that gave no id.
@pytest.mark.parametrize("message_id", ["", '"', "<derived@derived.invalid>"])
def test_a_mail_is_found_by_its_size_when_its_id_does_not_help(
    post: Post, mailbox: ImapMailbox, message_id: str
) -> None:
    raw = b"From: asker@example.net\r\n\r\nNo id\r\n"
    post.append(raw)
    mailbox.file(mailbox.uids(), Folder.DONE)
    assert (mailbox.destroy(copy_of(raw, message_id)), post.folder("Done")) == (1, [])


@pytest.mark.parametrize("odd", ['<a"b@mail.example>', "<a\\b@mail.example>", "<{5}@mail.example>", "<%*@()~]>"])
def test_a_mail_with_an_odd_id_is_destroyed(post: Post, mailbox: ImapMailbox, odd: str) -> None:
    raw = RAW.replace(ID.encode(), odd.encode())
    post.append(raw)
    post.append(RAW)
    assert (mailbox.destroy(copy_of(raw, odd)), post.folder("INBOX")) == (1, [RAW])


def test_left_in_place_a_mail_is_destroyed_in_the_inbox(post: Post) -> None:
    post.append(RAW)
    with opened(post.settings, leave_in_place=True) as mailbox:
        assert (mailbox.destroy(copy_of(RAW)), post.folder("INBOX")) == (1, [])


def test_left_in_place_a_mail_that_was_filed_before_is_destroyed_too(post: Post) -> None:
    post.append(RAW)
    with opened(post.settings) as mailbox:
        mailbox.file(mailbox.uids(), Folder.HELD)
    with opened(post.settings, leave_in_place=True) as mailbox:
        assert (mailbox.destroy(copy_of(RAW)), post.folder("Held")) == (1, [])


def test_no_folder_is_made_for_destroying(post: Post) -> None:
    with opened(post.settings, leave_in_place=True) as mailbox, somebody_else(post.settings) as client:
        mailbox.destroy(copy_of(RAW))
        listed = client.list()[1]
    assert not any(b"Done" in line for line in listed if isinstance(line, bytes))


def test_a_folder_that_a_person_deleted_is_passed_over(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    with somebody_else(post.settings) as client:
        client.delete("Done")
    assert mailbox.destroy(copy_of(RAW)) == 1


def test_a_folder_below_another_is_searched(post: Post) -> None:
    post.append(RAW)
    with opened(post.settings, done_folder="Desk/Erledigt für später") as mailbox:
        mailbox.file(mailbox.uids(), Folder.DONE)
        assert mailbox.destroy(copy_of(RAW)) == 1


def test_a_parent_without_mails_of_its_own_is_no_fault(post: Post) -> None:
    with somebody_else(post.settings) as client:
        client.create("Desk/Below" if isinstance(post, InMemory) else "Desk.Below")
    post.append(RAW)
    with opened(post.settings, leave_in_place=True, done_folder="Desk") as mailbox:
        assert mailbox.destroy(copy_of(RAW)) == 1


def test_afterwards_the_folder_is_as_it_was(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    post.append(NEIGHBOUR)
    uids = mailbox.uids()
    mailbox.destroy(copy_of(RAW))
    [mail] = mailbox.fetch(uids)
    mailbox.file([mail.key.uid], Folder.DONE)
    assert (mail.raw, post.folder("Done"), mailbox.uids()) == (NEIGHBOUR, [NEIGHBOUR], ())


def test_a_mail_that_came_before_is_news_afterwards(post: Post, mailbox: ImapMailbox) -> None:
    mailbox.uids()
    post.append(NEIGHBOUR)
    mailbox.destroy(copy_of(RAW))
    assert mailbox.wait(20) is True


def test_destroying_needs_no_opening_first(post: Post) -> None:
    post.append(RAW)
    mailbox = ImapMailbox(post.settings)
    gone = mailbox.destroy(copy_of(RAW))
    mailbox.close()
    assert gone == 1


@pytest.mark.servers
def test_a_delivered_mail_is_destroyed_however_the_server_stores_it(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.deliver(RAW, user)
    with opened(dovecot.settings(user)) as mailbox:
        [mail] = mailbox.fetch(mailbox.uids())
        mailbox.file([mail.key.uid], Folder.DONE)
        copy = Copy(hashlib.sha256(mail.raw).hexdigest(), mail.size, "")
        assert (mailbox.destroy(copy), dovecot.folder(user, "Done")) == (1, [])


# A server that goes wrong


@pytest.fixture
def stub() -> Iterator[ImapStub]:
    with ImapStub() as running:
        running.mails = {101: StubMail(NEIGHBOUR), 102: StubMail(RAW), 103: StubMail(TWIN)}
        running.put("Done", StubMail(NEIGHBOUR), StubMail(RAW))
        yield running


def settings(stub: ImapStub, **changes: Any) -> ImapSettings:
    plain = ImapSettings(host="127.0.0.1", port=stub.port, user="desk", password="right", tls="none", timeout=5)
    return replace(plain, **changes)


def copies_left(stub: ImapStub) -> int:
    return [*stub.folders.get("Done", []), *(mail.raw for mail in stub.mails.values())].count(RAW)


def test_only_the_uids_of_the_copies_are_expunged(stub: ImapStub) -> None:
    stub.mails[101].deleted = stub.mails[103].deleted = True
    with opened(settings(stub)) as mailbox:
        assert mailbox.destroy(copy_of(RAW)) == 2
    assert stub.said("UID EXPUNGE") == ["UID EXPUNGE 102", "UID EXPUNGE 2"]


@pytest.mark.parametrize("capabilities", [FULL, "IMAP4rev1 MOVE"])
def test_neither_expunge_nor_close_is_ever_said(stub: ImapStub, capabilities: str) -> None:
    stub.capabilities = capabilities
    mailbox = ImapMailbox(settings(stub))
    with suppress(CannotDestroy):
        mailbox.destroy(copy_of(RAW))
    mailbox.close()
    assert stub.said("EXPUNGE") + stub.said("CLOSE") == []


def test_without_uidplus_a_person_must_do_it(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1 MOVE"
    with opened(settings(stub)) as mailbox, pytest.raises(CannotDestroy, match=r"UIDPLUS.*by hand"):
        mailbox.destroy(copy_of(RAW))


def test_without_uidplus_nothing_is_touched(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1 MOVE"
    with opened(settings(stub)) as mailbox, pytest.raises(CannotDestroy):
        mailbox.destroy(copy_of(RAW))
    assert (copies_left(stub), stub.said("UID STORE"), stub.said("UID MOVE")) == (2, [], [])


def test_without_uidplus_the_folder_is_selected_again(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1 MOVE"
    with opened(settings(stub)) as mailbox:
        with pytest.raises(CannotDestroy):
            mailbox.destroy(copy_of(RAW))
        assert (mailbox.uids(), stub.connections) == ((101, 102, 103), 1)


def test_without_uidplus_it_is_done_when_a_person_has_done_it(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1"
    with opened(settings(stub)) as mailbox:
        assert mailbox.destroy(copy_of(b"gone by now")) == 0


@pytest.mark.parametrize("fault", [HANG_UP, SILENCE, "{tag} NO not now", "{tag} BAD what?", "* BYE"])
@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("command", ["SELECT", "LIST", "UID SEARCH", "UID FETCH", "UID STORE", "UID EXPUNGE"])
def test_after_a_fault_a_second_call_finishes(stub: ImapStub, command: str, skip: int, fault: str) -> None:
    mailbox = ImapMailbox(settings(stub, timeout=0.3))
    mailbox.open()
    stub.on(command, fault, times=1, skip=skip)
    with pytest.raises(Unavailable):
        mailbox.destroy(copy_of(RAW))
    mailbox.destroy(copy_of(RAW))
    mailbox.close()
    assert (copies_left(stub), len(stub.mails), len(stub.folders["Done"])) == (0, 2, 1)


def test_between_marking_and_expunging_the_mail_is_still_there(stub: ImapStub) -> None:
    stub.on("UID EXPUNGE", HANG_UP, times=1)
    with opened(settings(stub)) as mailbox, pytest.raises(Unavailable):
        mailbox.destroy(copy_of(RAW))
    assert (copies_left(stub), stub.mails[102].deleted) == (2, True)


def test_a_refusal_to_mark_is_told(stub: ImapStub) -> None:
    stub.on("UID STORE", "{tag} NO [NOPERM] not yours")
    with opened(settings(stub)) as mailbox, pytest.raises(Unavailable, match="NOPERM"):
        mailbox.destroy(copy_of(RAW))
    assert stub.said("UID EXPUNGE") == []


def test_throttling_is_understood(stub: ImapStub) -> None:
    stub.on("UID STORE", "{tag} NO Request is throttled. Suggested Backoff Time: 3000 milliseconds")
    with opened(settings(stub)) as mailbox, pytest.raises(Unavailable) as fault:
        mailbox.destroy(copy_of(RAW))
    assert fault.value.retry_after == 3


def test_a_fault_leaves_no_other_folder_selected(stub: ImapStub) -> None:
    with opened(settings(stub)) as mailbox:
        stub.on("UID SEARCH", "{tag} NO not now", times=1, skip=1)  # the second one is in Done
        with pytest.raises(Unavailable):
            mailbox.destroy(copy_of(RAW))
        assert mailbox.uids() == (101, 103)


def test_a_server_that_says_yes_and_keeps_the_mail_is_told_of(stub: ImapStub) -> None:
    stub.on("UID EXPUNGE", "{tag} OK", times=1)
    with opened(settings(stub)) as mailbox, pytest.raises(CannotDestroy, match="keeps what it was told to delete"):
        mailbox.destroy(copy_of(RAW))
    assert stub.folders["Done"] == [NEIGHBOUR]


def test_a_folder_numbered_anew_meanwhile_loses_nothing(stub: ImapStub) -> None:
    def search(line: Any, tag: str, rest: str) -> str:
        line.say("* OK [UIDVALIDITY 8] new\r\n")
        return ImapStub.do_uid_search(stub, line, tag, rest)

    with opened(settings(stub)) as mailbox:
        stub.do_uid_search = search  # type: ignore[method-assign]  # a server that renumbers
        with pytest.raises(Unavailable, match="numbered a folder anew"):
            mailbox.destroy(copy_of(RAW))
    assert (copies_left(stub), stub.said("UID STORE")) == (2, [])


def test_after_destroying_old_numbers_are_still_not_used_in_a_folder_numbered_anew(stub: ImapStub) -> None:
    with opened(settings(stub)) as mailbox:
        uids = mailbox.uids()
        stub.uidvalidity = 8
        mailbox.destroy(copy_of(RAW))
        with pytest.raises(Unavailable, match="numbered the folder anew"):
            mailbox.file(uids, Folder.DONE)
    assert stub.said("UID MOVE") == []


def test_a_server_that_guesses_at_sizes_is_searched_by_id(stub: ImapStub) -> None:
    for mail in [*stub.mails.values(), *stub.filed["Done"].values()]:
        mail.size = 1000
    with opened(settings(stub)) as mailbox:
        assert mailbox.destroy(copy_of(RAW)) == 2


def test_a_server_that_finds_no_headers_is_searched_by_size(stub: ImapStub) -> None:
    def search(line: Any, tag: str, rest: str) -> str:
        if rest.startswith("HEADER"):
            line.say("* SEARCH\r\n")
            return f"{tag} OK"
        return ImapStub.do_uid_search(stub, line, tag, rest)

    stub.do_uid_search = search  # type: ignore[method-assign]  # a server with a bad index
    with opened(settings(stub)) as mailbox:
        assert mailbox.destroy(copy_of(RAW)) == 2


def test_a_candidate_that_vanishes_is_no_fault(stub: ImapStub) -> None:
    stub.mails[103].vanishes = True
    with opened(settings(stub)) as mailbox:
        assert mailbox.destroy(copy_of(RAW)) == 2


def test_an_answer_without_the_mail_is_no_copy_of_an_empty_one(stub: ImapStub) -> None:
    stub.mails = {101: StubMail(NEIGHBOUR, size=0)}
    with opened(settings(stub)) as mailbox:
        stub.on("UID FETCH", "* 1 FETCH (UID 101 BODY[] NIL)\r\n{tag} OK", skip=1)
        assert mailbox.destroy(copy_of(b"", "")) == 0
    assert len(stub.mails) == 1


# Bounds


def test_only_mails_of_just_its_size_are_compared_with_a_mail_without_id(stub: ImapStub) -> None:
    stub.mails |= {104: StubMail(RAW[:-1]), 105: StubMail(RAW + b"\n")}
    with opened(settings(stub)) as mailbox:
        mailbox.destroy(copy_of(RAW, ""))
    assert [words for words in stub.said("UID FETCH") if "104" in words or "105" in words] == []


def test_only_so_many_lookalikes_are_compared(stub: ImapStub) -> None:
    stub.mails = {uid: StubMail(TWIN) for uid in range(1, 502)}
    with opened(settings(stub)) as mailbox, pytest.raises(CannotDestroy, match="too many mails"):
        mailbox.destroy(copy_of(RAW))
    assert sum("BODY" in words for words in stub.said("UID FETCH")) == 500 + 1  # the copy in Done


def test_among_many_lookalikes_the_copies_that_are_found_are_destroyed(stub: ImapStub) -> None:
    stub.mails = {uid: StubMail(TWIN) for uid in range(2, 502)} | {1: StubMail(RAW)}
    with opened(settings(stub)) as mailbox, pytest.raises(CannotDestroy):
        mailbox.destroy(copy_of(RAW))
    assert copies_left(stub) == 0


def test_a_mail_too_large_to_be_compared_is_left_to_a_person(stub: ImapStub) -> None:
    large = RAW + b"x" * 5000
    stub.mails[104] = StubMail(large)
    with (
        opened(settings(stub, largest_mail=1000)) as mailbox,
        pytest.raises(CannotDestroy, match="too large to be compared"),
    ):
        mailbox.destroy(copy_of(large))
    assert 104 in stub.mails


def test_a_large_mail_of_another_size_does_not_matter(stub: ImapStub) -> None:
    stub.mails[104] = StubMail(RAW + b"x" * 5000)
    with opened(settings(stub, largest_mail=1000)) as mailbox:
        assert mailbox.destroy(copy_of(RAW)) == 2
    assert not any("104" in words for words in stub.said("UID FETCH") if "BODY" in words)


# Attacker text stays text


@given(message_id=st.text(), size=st.integers(0, 2**31))
def test_no_id_can_end_its_quotes(message_id: str, size: int) -> None:
    for criteria in searches(Copy("", size, message_id)):
        sizes = rf"SMALLER {size + 1}( LARGER {size - 1})?"
        assert re.fullmatch(rf'(HEADER Message-ID "[!#-\[\]-z|}}~]+")?( ?{sizes})?', criteria)


@pytest.mark.parametrize(
    "odd", ['<x"@y>', "<x\\@y>", "<x@y>\r\nA1 DELETE Done", "<x@y>\n", "<x@y> {5}", "<é@y>", "a b"]
)
def test_an_id_with_odd_characters_is_not_said_to_the_server(stub: ImapStub, odd: str) -> None:
    with opened(settings(stub)) as mailbox:
        assert mailbox.destroy(copy_of(RAW, odd)) == 2
    assert stub.said("UID SEARCH HEADER") + stub.said("A1") == []
