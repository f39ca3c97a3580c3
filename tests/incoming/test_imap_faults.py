"""The mailbox against a server that goes wrong."""

from __future__ import annotations

import base64
import logging
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ksmail.errors import Unavailable
from ksmail.incoming.imap import ImapMailbox, ImapSettings
from ksmail.incoming.mailbox import Folder
from tests.imap_stub import FULL, ImapStub, StubMail
from tests.stub import HANG_UP, SILENCE, Certified

MB = 1024 * 1024
THROTTLED = "{tag} NO Request is throttled. Suggested Backoff Time: 299961 milliseconds"


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return Certified(tmp_path_factory.mktemp("stub"))


@pytest.fixture
def stub() -> Iterator[ImapStub]:
    with ImapStub() as running:
        running.mails = {number: StubMail(b"Subject: %d\r\n\r\n" % number) for number in (101, 102, 103)}
        yield running


def settings(stub: ImapStub, **changes: Any) -> ImapSettings:
    plain = ImapSettings(host="127.0.0.1", port=stub.port, user="desk", password="right", tls="none", timeout=5)
    return replace(plain, **changes)


@contextmanager
def opened(stub: ImapStub, **changes: Any) -> Iterator[ImapMailbox]:
    mailbox = ImapMailbox(settings(stub, **changes))
    try:
        mailbox.open()
        yield mailbox
    finally:
        mailbox.close()


def refused(stub: ImapStub, **changes: Any) -> Unavailable:
    with pytest.raises(Unavailable) as fault:
        ImapMailbox(settings(stub, **changes)).open()
    return fault.value


# No encryption, no conversation (RFC 8314, RFC 2595 2.1)


def starttls_stub(certified: Certified, **attributes: Any) -> ImapStub:
    stub = ImapStub(certified.context(), implicit=False, capabilities=f"{FULL} STARTTLS LOGINDISABLED")
    for name, value in attributes.items():
        setattr(stub, name, value)
    return stub


def test_starttls_leads_to_a_login_within_tls(certified: Certified) -> None:
    with starttls_stub(certified) as stub, opened(stub, tls="starttls", ca_file=certified.ca_file) as mailbox:
        assert mailbox.uids() == ()


def test_without_starttls_nobody_logs_in(certified: Certified) -> None:
    with starttls_stub(certified, capabilities=FULL) as stub:
        assert "cannot do what we need" in str(refused(stub, tls="starttls", ca_file=certified.ca_file))
        assert stub.said("LOGIN") + stub.said("AUTH") == []


def test_a_refused_starttls_is_the_end(certified: Certified) -> None:
    with starttls_stub(certified) as stub:
        stub.on("STARTTLS", "{tag} NO not today")
        refused(stub, tls="starttls", ca_file=certified.ca_file)
        assert stub.said("LOGIN") == []


@pytest.mark.parametrize("tls", ["starttls", "none"])
def test_a_greeting_that_says_we_are_logged_in_is_refused(certified: Certified, tls: str) -> None:
    with starttls_stub(certified, greeting="* PREAUTH welcome back\r\n") as stub:
        assert "logged in before we are" in str(refused(stub, tls=tls, ca_file=certified.ca_file))


def test_what_was_injected_before_tls_is_not_believed(certified: Certified) -> None:
    with starttls_stub(certified, injected=b"* CAPABILITY IMAP4rev1\r\n* OK [UIDVALIDITY 666] x\r\n") as stub:
        mailbox = ImapMailbox(settings(stub, tls="starttls", ca_file=certified.ca_file))
        try:
            uidvalidity = mailbox.open()
        except Unavailable:
            uidvalidity = 0
        mailbox.close()
        assert uidvalidity in (0, 7)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_for_another_host_is_refused(certified: Certified, tls: Any) -> None:
    context = certified.context("mail.example")
    with ImapStub(context, implicit=tls == "implicit", capabilities=f"{FULL} STARTTLS") as stub:
        assert "certificate" in str(refused(stub, tls=tls, ca_file=certified.ca_file))
        assert stub.said("LOGIN") == []


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_an_expired_certificate_is_refused(certified: Certified, tls: Any) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    context = certified.context(not_after=yesterday)
    with ImapStub(context, implicit=tls == "implicit", capabilities=f"{FULL} STARTTLS") as stub:
        assert "expired" in str(refused(stub, tls=tls, ca_file=certified.ca_file))


def test_a_certificate_of_another_authority_is_refused(certified: Certified, tmp_path: Path) -> None:
    with ImapStub(Certified(tmp_path).context()) as stub:
        assert "certificate" in str(refused(stub, tls="implicit", ca_file=certified.ca_file))


def test_tls_before_1_2_is_refused(certified: Certified) -> None:
    context = certified.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with ImapStub(context) as stub:
        assert (
            str(refused(stub, tls="implicit", ca_file=certified.ca_file)) == "no secure connection to the IMAP server"
        )


# Logging in


def test_a_throttling_server_is_left_alone_as_long_as_it_asks(stub: ImapStub) -> None:
    stub.on("LOGIN", THROTTLED)
    assert refused(stub).retry_after == 299.961


def test_a_throttling_server_is_not_a_wrong_password(stub: ImapStub) -> None:
    stub.on("LOGIN", THROTTLED)
    assert str(refused(stub)) == "the IMAP server asks us to come back later"


@pytest.mark.parametrize("command", ["SELECT", "NOOP", "UID SEARCH", "UID FETCH", "UID MOVE"])
def test_throttling_is_understood_at_any_time(stub: ImapStub, command: str) -> None:
    stub.on(command, THROTTLED)
    mailbox = ImapMailbox(settings(stub))
    with pytest.raises(Unavailable) as fault:
        everything(mailbox)
    mailbox.close()
    assert fault.value.retry_after == 299.961


def test_a_user_who_is_authenticated_but_not_connected_has_the_right_password(stub: ImapStub) -> None:
    stub.on("LOGIN", "{tag} BAD User is authenticated but not connected.")
    assert str(refused(stub)) == "the IMAP server takes no logins now"


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "LIMIT"])
def test_a_server_that_cannot_check_passwords_is_not_a_wrong_password(stub: ImapStub, code: str) -> None:
    stub.on("LOGIN", f"{{tag}} NO [{code}] later")
    assert str(refused(stub)) == "the IMAP server takes no logins now"


def test_a_connection_that_dies_over_the_login_is_not_a_wrong_password(stub: ImapStub) -> None:
    stub.on("LOGIN", HANG_UP)
    assert str(refused(stub)) == "the IMAP server takes no logins now"


def test_a_wrong_password_is_tried_once(stub: ImapStub) -> None:
    refused(stub, password="wrong")
    assert (len(stub.said("LOGIN")), stub.said("AUTHENTICATE")) == (1, [])


def test_a_password_beyond_ascii_goes_as_utf_8(stub: ImapStub) -> None:
    with opened(stub, password="pässword"):
        assert (
            base64.b64decode(stub.commands[stub.commands.index("AUTHENTICATE PLAIN") + 1])
            == "\0desk\0pässword".encode()
        )


def test_neither_password_nor_mail_nor_user_reach_a_log(stub: ImapStub, caplog: pytest.LogCaptureFixture) -> None:
    stub.mails[104] = StubMail(b"Subject: canary-subject\r\n\r\n")
    caplog.set_level(logging.DEBUG)
    with opened(stub, user="canary-user") as mailbox:
        list(mailbox.fetch(mailbox.uids()))
    refused(stub, user="canary-user", password="canary-password")
    assert "canary" not in caplog.text


def test_a_server_that_repeats_our_login_does_not_put_it_into_an_error(stub: ImapStub) -> None:
    stub.on("LOGIN", '{tag} BAD what is LOGIN canary "canary"')
    fault = refused(stub, password="canary")
    assert "canary" not in f"{fault} {fault.__cause__}"


def test_a_fault_shows_no_address(stub: ImapStub) -> None:
    stub.on("SELECT", "{tag} NO no folder for desk@example.org here")
    assert "example.org" not in str(refused(stub))


# Numbers


def test_a_folder_numbered_anew_while_it_is_open_gets_no_old_numbers(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        uids = mailbox.uids()
        stub.on("NOOP", "* OK [UIDVALIDITY 8] new\r\n{tag} OK", times=1)
        mailbox.uids()
        before = len(stub.commands)
        with pytest.raises(Unavailable, match="numbered the folder anew"):
            mailbox.file(uids, Folder.DONE)
        assert [words for words in stub.commands[before:] if words.startswith("UID")] == []


def test_a_folder_numbered_anew_while_we_were_away_gets_no_old_numbers(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        uids = mailbox.uids()
        stub.cut()
        stub.uidvalidity = 8
        before = len(stub.commands)
        for _ in range(3):
            with pytest.raises(Unavailable):
                list(mailbox.fetch(uids))
        assert [words for words in stub.commands[before:] if words.startswith("UID")] == []


def test_after_open_the_new_numbers_are_good(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        stub.uidvalidity = 8
        assert (mailbox.open(), mailbox.uids()) == (8, (101, 102, 103))


def test_new_numbers_told_with_a_refusal_are_believed(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        stub.on("UID FETCH", "* OK [UIDVALIDITY 8] new\r\n{tag} NO gone", times=1)
        with pytest.raises(Unavailable):
            list(mailbox.fetch([101]))
        stub.uidvalidity = 8
        assert mailbox.open() == 8


def test_new_numbers_told_during_idle_end_the_wait(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        timer = threading.Timer(0.1, stub.push, ["* OK [UIDVALIDITY 8] new\r\n"])
        timer.start()
        with pytest.raises(Unavailable, match="numbered the folder anew"):
            mailbox.wait(20)
        timer.join()


def test_a_number_that_becomes_visible_late_is_found(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        assert mailbox.uids() == (101, 102, 103)
        stub.mails[100] = StubMail()
        assert mailbox.uids() == (100, 101, 102, 103)


def test_numbers_come_sorted_whatever_the_server_does(stub: ImapStub) -> None:
    stub.on("UID SEARCH", "* SEARCH 103 101 102\r\n{tag} OK")
    with opened(stub) as mailbox:
        assert mailbox.uids() == (101, 102, 103)


# Mails


def test_one_mail_that_the_server_keeps_to_itself_keeps_no_other(stub: ImapStub) -> None:
    stub.mails[102].refusal = "[SERVERBUG] cannot read it"
    with opened(stub) as mailbox:
        mails = list(mailbox.fetch(mailbox.uids()))
    assert [bool(mail.raw) for mail in mails] == [True, False, True]


def test_a_mail_that_the_server_keeps_to_itself_says_why(stub: ImapStub) -> None:
    stub.mails[102].refusal = "cannot read it " + "x" * 500
    with opened(stub) as mailbox:
        mail = list(mailbox.fetch(mailbox.uids()))[1]
    assert mail.incomplete.startswith("the server would not hand it over: fetch failed: cannot read it")
    assert len(mail.incomplete) < 160


def test_a_server_that_keeps_all_mails_to_itself_is_away(stub: ImapStub) -> None:
    for mail in stub.mails.values():
        mail.refusal = "[SERVERBUG] the disk is away"
    with opened(stub) as mailbox, pytest.raises(Unavailable, match="hands over none of 3 mails"):
        list(mailbox.fetch(mailbox.uids()))


@pytest.mark.parametrize("text", ["[UNAVAILABLE] later", "User is authenticated but not connected."])
def test_a_refusal_for_the_moment_is_no_fault_of_the_mail(stub: ImapStub, text: str) -> None:
    stub.mails[102].refusal = text
    with opened(stub) as mailbox, pytest.raises(Unavailable):
        list(mailbox.fetch([102]))


def test_a_mail_that_vanishes_between_size_and_body_is_left_out(stub: ImapStub) -> None:
    stub.mails[102].vanishes = True
    with opened(stub) as mailbox:
        assert [mail.key.uid for mail in mailbox.fetch(mailbox.uids())] == [101, 103]


def test_a_mail_that_is_refused_because_it_vanished_is_left_out(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        uids = mailbox.uids()
        del stub.mails[102]
        stub.on("UID FETCH", "{tag} NO [EXPUNGEISSUED] some are gone", times=2)
        assert [mail.key.uid for mail in mailbox.fetch([*uids[1:2], *uids[:1], *uids[2:]])] == [101, 103]


def test_a_mail_that_is_said_to_be_large_is_not_fetched_whole(stub: ImapStub) -> None:
    stub.mails[102] = StubMail(b"x" * 300_000, size=200 * MB)
    with opened(stub) as mailbox:
        mail = next(mailbox.fetch([102]))
    assert (mail.incomplete, len(mail.raw)) == ("larger than 40 MB (200 MB)", 256 * 1024)


def test_only_the_beginning_is_asked_for(stub: ImapStub) -> None:
    stub.mails[102] = StubMail(size=200 * MB)
    with opened(stub) as mailbox:
        list(mailbox.fetch(mailbox.uids()))
    assert stub.said("UID FETCH 102 ") == ["UID FETCH 102 (BODY.PEEK[]<0.262144>)"]


def test_two_gigabytes_that_nobody_announced_are_not_read(stub: ImapStub) -> None:
    stub.mails[102].literal = 2 * 1024 * MB
    with opened(stub) as mailbox:
        mails = list(mailbox.fetch(mailbox.uids()))
    assert [mail.incomplete for mail in mails] == ["", "the server would not hand it over: it announces 2048 MB", ""]


def test_a_thousand_mails_are_asked_for_in_lines_of_bearable_length(stub: ImapStub) -> None:
    stub.mails = {uid: StubMail() for uid in range(4_000_000_000, 4_000_001_000)}
    with opened(stub) as mailbox:
        mails = list(mailbox.fetch(mailbox.uids()))
        mailbox.file([mail.key.uid for mail in mails], Folder.DONE)
    assert (len(mails), max(map(len, stub.commands)) < 8000) == (1000, True)


def test_a_mail_without_a_body_in_the_answer_is_incomplete(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        stub.on("UID FETCH", "* 1 FETCH (UID 101 BODY[] NIL)\r\n{tag} OK", skip=1)
        mail = next(mailbox.fetch([101]))
    assert (mail.raw, bool(mail.incomplete)) == (b"", True)


def test_unknown_untagged_data_is_ignored(stub: ImapStub) -> None:
    stub.on("NOOP", "* OK [X-NEWS] hello\r\n* X-THING 12 (a b)\r\n* 3 RECENT\r\n{tag} OK")
    with opened(stub) as mailbox:
        assert mailbox.uids() == (101, 102, 103)


# Filing without MOVE


def test_without_move_a_mail_is_copied_and_only_it_is_expunged(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1 UIDPLUS"
    stub.mails[103].deleted = True
    with opened(stub) as mailbox:
        mailbox.file([101], Folder.HELD)
    assert (sorted(stub.mails), stub.folders["Held"]) == ([102, 103], [b"Subject: 101\r\n\r\n"])


def test_without_move_and_uidplus_everything_stays(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1"
    with opened(stub) as mailbox:
        mailbox.file([101], Folder.DONE)
    assert (sorted(stub.mails), stub.folders["Done"]) == ([101, 102, 103], [])


@pytest.mark.parametrize("capabilities", [FULL, "IMAP4rev1 UIDPLUS", "IMAP4rev1"])
def test_no_plain_expunge_and_no_close_ever(stub: ImapStub, capabilities: str) -> None:
    stub.capabilities = capabilities
    with opened(stub) as mailbox:
        mailbox.file(mailbox.uids(), Folder.DONE)
        mailbox.close()
    assert stub.said("EXPUNGE") + stub.said("CLOSE") == []


def test_a_refusal_for_those_that_are_gone_is_no_fault(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        stub.on("UID MOVE", "{tag} NO some are gone", times=1)
        mailbox.file([100, 101], Folder.DONE)
    assert sorted(stub.mails) == [102, 103]


def test_a_refusal_for_all_that_are_there_is_told(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        stub.on("UID MOVE", "{tag} NO [OVERQUOTA] full")
        with pytest.raises(Unavailable, match="OVERQUOTA"):
            mailbox.file([101], Folder.DONE)


def test_a_server_that_makes_no_folders_is_told_of_in_one_sentence(stub: ImapStub) -> None:
    stub.on("CREATE", "{tag} NO [NOPERM] no")
    assert "makes no folder for us" in str(refused(stub))


def test_a_folder_is_made_below_inbox_when_it_must(stub: ImapStub) -> None:
    stub.on("CREATE", "{tag} NO only below INBOX", times=1)
    with opened(stub):
        assert "INBOX/Done" in stub.folders


def test_a_folder_that_somebody_made_meanwhile_is_used(stub: ImapStub) -> None:
    stub.on("LIST", "{tag} OK", times=2)
    stub.on("CREATE", "{tag} NO [ALREADYEXISTS] there", times=1)
    stub.put("Done")
    with opened(stub) as mailbox:
        mailbox.file([101], Folder.DONE)
    assert len(stub.folders["Done"]) == 1


# Waiting


def test_without_idle_the_folder_is_asked_at_the_end_of_the_wait(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1 MOVE"
    with opened(stub, idle_renewal=0.05) as mailbox:
        mailbox.uids()
        timer = threading.Timer(0.1, stub.mails.update, [{104: StubMail()}])
        timer.start()
        heard = mailbox.wait(20)
        timer.join()
    assert (heard, stub.said("IDLE")) == (True, [])


def test_without_idle_a_wait_can_be_interrupted(stub: ImapStub) -> None:
    stub.capabilities = "IMAP4rev1 MOVE"
    with opened(stub) as mailbox:
        timer = threading.Timer(0.1, mailbox.interrupt)
        timer.start()
        started = time.monotonic()
        heard = mailbox.wait(20)
        timer.join()
    assert (heard, time.monotonic() - started < 1) == (False, True)


@pytest.mark.parametrize("tls", ["none", "implicit"])
def test_whoever_waits_for_a_silent_server_can_be_called_back(certified: Certified, tls: str) -> None:
    """By another thread, which then says goodbye to nobody and does not wait either."""
    with ImapStub(certified.context() if tls == "implicit" else None) as stub:
        mailbox = ImapMailbox(settings(stub, tls=tls, ca_file=certified.ca_file, timeout=60))
        mailbox.open()
        stub.on("SELECT", SILENCE)
        timer = threading.Timer(0.2, mailbox.abandon)
        timer.start()
        started = time.monotonic()
        with pytest.raises(Unavailable):
            mailbox.open()
        timer.join()
        mailbox.close()
    assert time.monotonic() - started < 5


def test_where_nobody_is_connected_nobody_is_called_back(stub: ImapStub) -> None:
    ImapMailbox(settings(stub)).abandon()
    assert stub.connections == 0


@pytest.mark.parametrize("news", ["* 4 EXISTS", "* 1 RECENT"])
def test_what_a_server_pushes_ends_the_wait(stub: ImapStub, news: str) -> None:
    with opened(stub) as mailbox:
        timer = threading.Timer(0.1, stub.push, [f"{news}\r\n"])
        timer.start()
        heard = mailbox.wait(20)
        timer.join()
    assert heard is True


@pytest.mark.parametrize("chatter", ["* OK Still here", "* 1 FETCH (FLAGS (\\Seen))", "* 2 EXPUNGE"])
def test_other_talk_does_not_end_the_wait(stub: ImapStub, chatter: str) -> None:
    with opened(stub) as mailbox:
        timer = threading.Timer(0.05, stub.push, [f"{chatter}\r\n"])
        timer.start()
        heard = mailbox.wait(0.2)
        timer.join()
    assert heard is False


def test_a_push_in_pieces_is_understood(stub: ImapStub) -> None:
    def stammer(line: Any, tag: str, _: str) -> str:
        for piece in ("+ idl", "ing\r\n", "* 4 EX", "ISTS\r\n"):
            line.say(piece)
            time.sleep(0.02)
        line.reader.readline()
        return f"{tag} OK"

    stub.do_idle = stammer  # type: ignore[method-assign]  # a server of one's own
    with opened(stub) as mailbox:
        assert mailbox.wait(20) is True


def test_news_before_the_consent_to_idle_is_news(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        stub.on("IDLE", "* 4 EXISTS\r\n+ idling", times=1)
        assert mailbox.wait(20) is True


def test_after_news_before_the_consent_the_mailbox_is_of_use(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        stub.on("IDLE", "* 4 EXISTS\r\n+ idling", times=1)
        mailbox.wait(20)
        assert mailbox.uids() == (101, 102, 103)


def test_news_in_one_breath_with_the_consent_is_heard_soon(stub: ImapStub) -> None:
    def consent(line: Any, tag: str, _: str) -> str:
        line.say("+ idling\r\n* 4 EXISTS\r\n")
        line.reader.readline()
        return f"{tag} OK"

    stub.do_idle = consent  # type: ignore[method-assign]  # a server of one's own
    with opened(stub) as mailbox:
        started = time.monotonic()
        assert (mailbox.wait(20), time.monotonic() - started < 2) == (True, True)


def test_a_mail_that_comes_while_the_server_searches_for_news_is_heard(stub: ImapStub) -> None:
    def search(line: Any, tag: str, rest: str) -> str:
        found = ImapStub.do_uid_search(stub, line, tag, rest)
        if 104 not in stub.mails:
            stub.mails[104] = StubMail()
            line.say("* 4 EXISTS\r\n")  # told now, it is not told again
        return found

    with opened(stub) as mailbox:
        mailbox.uids()
        stub.do_uid_search = search  # type: ignore[method-assign]  # this one is slow
        assert mailbox.wait(20) is True
    assert stub.said("IDLE") == []


def test_a_server_that_always_tells_of_more_is_not_asked_for_ever(stub: ImapStub) -> None:
    def search(line: Any, tag: str, rest: str) -> str:
        line.say("* 4 EXISTS\r\n")
        return ImapStub.do_uid_search(stub, line, tag, rest)

    with opened(stub) as mailbox:
        mailbox.uids()
        stub.do_uid_search = search  # type: ignore[method-assign]  # this one repeats itself
        assert mailbox.wait(0.1) is False


def test_idle_is_renewed(stub: ImapStub) -> None:
    with opened(stub, idle_renewal=0.05) as mailbox:
        mailbox.wait(0.3)
    assert len(stub.said("IDLE")) >= 3


def test_a_dead_connection_is_found_when_idle_is_renewed(stub: ImapStub) -> None:
    stub.on("DONE", SILENCE)
    with opened(stub, idle_renewal=0.05, timeout=0.3) as mailbox:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="does not answer"):
            mailbox.wait(20)
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("farewell", ["* BYE going down\r\n", ""])
def test_a_farewell_ends_the_wait(stub: ImapStub, farewell: str) -> None:
    def leave() -> None:
        stub.push(farewell)
        stub.cut()

    with opened(stub) as mailbox:
        timer = threading.Timer(0.1, leave)
        timer.start()
        with pytest.raises(Unavailable):
            mailbox.wait(20)
        timer.join()


# Every command can fail

COMMANDS = ["CAPABILITY", "LOGIN", "NAMESPACE", "LIST", "CREATE", "SELECT", "NOOP"]
COMMANDS += ["UID SEARCH", "UID FETCH", "UID MOVE", "IDLE"]
ANSWERS = {
    "hangs up": HANG_UP,
    "says BYE": "* BYE shutting down",
    "says BAD": "{tag} BAD what?",
    "says NO": "{tag} NO no",
    "garbage": "\x00\xff}}garbage",
    "another tag": "ZZZZ99 OK done",
    "half a list": "* FETCH (UID 101 (\r\n{tag} OK",
    "bad numbers": "* SEARCH one two\r\n* x FETCH (UID y)\r\n* LIST (\r\n* NAMESPACE (((\r\n{tag} OK",
    "bad literal": "* 1 FETCH (UID 101 BODY[] {99999999999}\r\nx",
}


def everything(mailbox: ImapMailbox) -> None:
    mailbox.open()
    mails = list(mailbox.fetch(mailbox.uids()))
    mailbox.file([mail.key.uid for mail in mails], Folder.DONE)
    mailbox.wait(0.05)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_fault_is_at_most_unavailable_and_passes(stub: ImapStub, command: str, answer: str) -> None:
    stub.on(command, ANSWERS[answer], times=1)
    mailbox = ImapMailbox(settings(stub, timeout=0.5, idle_renewal=0.005))
    try:
        everything(mailbox)
    except Unavailable as fault:
        assert str(fault)
    everything(mailbox)  # nothing of it stays
    mailbox.close()
    assert stub.mails == {}


@pytest.mark.parametrize("command", COMMANDS)
def test_silence_lasts_no_longer_than_the_timeout(stub: ImapStub, command: str) -> None:
    stub.on(command, SILENCE, times=1)
    mailbox = ImapMailbox(settings(stub, timeout=0.2))
    started = time.monotonic()
    with pytest.raises(Unavailable, match=r"does not answer|takes no logins"):
        everything(mailbox)
    mailbox.close()
    assert time.monotonic() - started < 2


def test_a_server_that_never_greets_is_given_up(stub: ImapStub) -> None:
    stub.greeting = ""
    assert str(refused(stub, timeout=0.2)) == "the IMAP server does not answer"


def test_nobody_there_is_unavailable(stub: ImapStub) -> None:
    port = stub.port
    stub.__exit__()
    with pytest.raises(Unavailable, match="no connection to the IMAP server"):
        ImapMailbox(ImapSettings(host="127.0.0.1", port=port, user="u", password="p", tls="none")).open()


def test_a_name_that_nobody_knows_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        ImapMailbox(ImapSettings(host="nowhere.invalid", user="u", password="p", timeout=5)).open()


def test_closing_does_not_wait_for_a_server_that_is_silent(stub: ImapStub) -> None:
    stub.on("LOGOUT", SILENCE)
    mailbox = ImapMailbox(settings(stub, timeout=60))
    mailbox.open()
    started = time.monotonic()
    mailbox.close()
    assert time.monotonic() - started < 4


def test_closing_a_dead_connection_is_harmless(stub: ImapStub) -> None:
    mailbox = ImapMailbox(settings(stub))
    mailbox.open()
    stub.cut()
    mailbox.close()
    assert mailbox.open() == 7
    mailbox.close()


def test_one_connection_is_kept_for_many_rounds(stub: ImapStub) -> None:
    with opened(stub) as mailbox:
        for _ in range(5):
            mailbox.open()
            mailbox.uids()
    assert stub.connections == 1
