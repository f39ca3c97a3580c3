"""The mailbox against two real servers: one in memory (pymap) and Dovecot."""

from __future__ import annotations

import imaplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest

from ksmail.errors import ConfigError, Unavailable
from ksmail.incoming.imap import ImapMailbox, ImapSettings, reconnect_delay
from ksmail.incoming.mailbox import Folder, MailKey
from tests.servers import BELOW_INBOX, Dovecot, Servers

RAW = b"From: asker@example.net\r\nSubject: A question\r\n\r\nMay we?\r\n.\r\n..\r\nlast \xe2\x82\xac\r\n"
MORNING = datetime(2026, 6, 1, 6, 15, tzinfo=UTC)


class Post(Protocol):
    """A server, seen from the other side."""

    settings: ImapSettings

    def append(self, raw: bytes, when: datetime = MORNING) -> None: ...

    def folder(self, name: str) -> list[bytes]: ...


class InMemory:
    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self.settings = ImapSettings(
            host=servers.host,
            port=servers.imap_port,
            user=servers.user,
            password=servers.password,
            ca_file=servers.ca_file,
            timeout=20,
        )

    def append(self, raw: bytes, when: datetime = MORNING) -> None:
        self._servers.append(raw, when=when)

    def folder(self, name: str) -> list[bytes]:
        return self._servers.folder(name)


class Debian:
    def __init__(self, dovecot: Dovecot) -> None:
        self._dovecot = dovecot
        self.settings = dovecot.settings(dovecot.new_user())

    def append(self, raw: bytes, when: datetime = MORNING) -> None:
        self._dovecot.append(raw, self.settings.user, when)

    def folder(self, name: str) -> list[bytes]:
        return self._dovecot.folder(self.settings.user, name)


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.servers)])
def post(request: pytest.FixtureRequest) -> Post:
    if request.param == "pymap":
        return InMemory(request.getfixturevalue("servers"))
    return Debian(request.getfixturevalue("dovecot"))


@contextmanager
def opened(settings: ImapSettings, **changes: Any) -> Iterator[ImapMailbox]:
    mailbox = ImapMailbox(replace(settings, **changes))
    try:
        mailbox.open()
        yield mailbox
    finally:
        mailbox.close()


@pytest.fixture
def mailbox(post: Post) -> Iterator[ImapMailbox]:
    with opened(post.settings) as mailbox:
        yield mailbox


@contextmanager
def somebody_else(settings: ImapSettings) -> Iterator[imaplib.IMAP4]:
    """A mail client on the same account, with INBOX open."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    with imaplib.IMAP4_SSL(settings.host, settings.port, ssl_context=context, timeout=20) as client:
        client.login(settings.user, settings.password)
        client.select("INBOX")
        yield client


def later(action: Any) -> threading.Timer:
    timer = threading.Timer(0.1, action)
    timer.start()
    return timer


# Taking mail


def test_an_empty_folder_has_no_uids(mailbox: ImapMailbox) -> None:
    assert mailbox.uids() == ()


def test_uids_ascend(post: Post, mailbox: ImapMailbox) -> None:
    for _ in range(3):
        post.append(RAW)
    first, second, third = mailbox.uids()
    assert first < second < third


def test_a_mail_is_handed_over_byte_for_byte(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    assert [mail.raw for mail in mailbox.fetch(mailbox.uids())] == [RAW]


def test_a_mail_was_received_when_the_server_got_it(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW, MORNING)
    [mail] = mailbox.fetch(mailbox.uids())
    assert (mail.received_at, mail.received_at.tzinfo) == (MORNING, UTC)


def test_a_mail_is_named_by_mailbox_uidvalidity_and_uid(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    uidvalidity = mailbox.open()
    [mail] = mailbox.fetch(mailbox.uids())
    assert mail.key == MailKey("INBOX", uidvalidity, mailbox.uids()[0])


def test_uidvalidity_stays_when_we_come_back(post: Post, mailbox: ImapMailbox) -> None:
    before = mailbox.open()
    mailbox.close()
    assert mailbox.open() == before


def test_fetching_marks_nothing_as_read(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    list(mailbox.fetch(mailbox.uids()))
    with somebody_else(post.settings) as client:
        assert client.search(None, "UNSEEN")[1] == [b"1"]


def test_a_mail_that_somebody_has_read_is_taken_too(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    with somebody_else(post.settings) as client:
        client.store("1", "+FLAGS", r"\Seen")
    assert [mail.raw for mail in mailbox.fetch(mailbox.uids())] == [RAW]


def test_many_mails_come_in_their_order(post: Post, mailbox: ImapMailbox) -> None:
    for number in range(60):
        post.append(b"Subject: %d\r\n\r\n\r\n" % number)
    subjects = [mail.raw.split(b"\r\n")[0] for mail in mailbox.fetch(mailbox.uids())]
    assert subjects == [b"Subject: %d" % number for number in range(60)]


def test_of_a_mail_that_is_too_large_only_the_beginning_comes(post: Post) -> None:
    post.append(b"Subject: large\r\n\r\n" + b"x" * 70 * 7000)
    with opened(post.settings, largest_mail=400 * 1024) as mailbox:
        [mail] = mailbox.fetch(mailbox.uids())
    assert (len(mail.raw), mail.incomplete) == (256 * 1024, "larger than 400 kB (479 kB)")


def test_the_size_of_a_mail_that_is_too_large_is_told(post: Post) -> None:
    post.append(b"Subject: large\r\n\r\n" + b"x" * 5000)
    with opened(post.settings, largest_mail=1000) as mailbox:
        [mail] = mailbox.fetch(mailbox.uids())
    assert mail.size == 5018


def test_a_mail_that_vanished_since_is_left_out(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    post.append(b"Subject: stays\r\n\r\n")
    uids = mailbox.uids()
    with somebody_else(post.settings) as client:
        client.store("1", "+FLAGS", r"\Deleted")
        client.expunge()
    assert [mail.key.uid for mail in mailbox.fetch(uids)] == [uids[1]]


def test_a_mail_that_vanishes_between_two_mails_keeps_no_other_from_coming(post: Post) -> None:
    for _ in range(51):
        post.append(RAW)
    with opened(post.settings) as mailbox:
        uids = mailbox.uids()
        mails = mailbox.fetch(uids)
        next(mails)
        with somebody_else(post.settings) as client:
            client.store("51", "+FLAGS", r"\Deleted")
            client.expunge()
        assert {mail.key.uid for mail in mails} >= set(uids[1:50])


def test_filing_in_the_middle_of_fetching_disturbs_nothing(post: Post, mailbox: ImapMailbox) -> None:
    for number in range(55):
        post.append(b"Subject: %d\r\n\r\n" % number)
    taken = []
    for mail in mailbox.fetch(mailbox.uids()):
        taken.append(mail.raw)
        mailbox.file([mail.key.uid], Folder.DONE)
    assert (len(set(taken)), mailbox.uids()) == (55, ())


# Filing


@pytest.mark.parametrize("folder", Folder)
def test_a_mail_is_moved_to_its_folder(post: Post, mailbox: ImapMailbox, folder: Folder) -> None:
    post.append(RAW)
    post.append(b"Subject: stays\r\n\r\n")
    mailbox.file(mailbox.uids()[:1], folder)
    assert (post.folder(folder.value.title()), len(mailbox.uids())) == ([RAW], 1)


def test_a_mail_that_is_gone_can_be_filed(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    uids = mailbox.uids()
    mailbox.file(uids, Folder.DONE)
    mailbox.file(uids, Folder.DONE)
    assert post.folder("Done") == [RAW]


def test_nothing_at_all_can_be_filed(mailbox: ImapMailbox) -> None:
    mailbox.file([], Folder.DONE)
    assert mailbox.uids() == ()


def test_folders_that_are_there_are_used(post: Post) -> None:
    with somebody_else(post.settings) as client:
        client.create("Handled")
        client.append("Handled", "", None, b"Subject: old\r\n\r\n")
    post.append(RAW)
    with opened(post.settings, done_folder="Handled") as mailbox:
        mailbox.file(mailbox.uids(), Folder.DONE)
    assert len(post.folder("Handled")) == 2


def test_a_folder_may_lie_below_another(post: Post) -> None:
    post.append(RAW)
    with opened(post.settings, done_folder="Desk/Done") as mailbox:
        mailbox.file(mailbox.uids(), Folder.DONE)
    name = "Desk/Done" if isinstance(post, InMemory) else "Desk.Done"
    assert post.folder(name) == [RAW]


def test_a_folder_may_have_a_name_beyond_ascii(post: Post) -> None:
    post.append(RAW)
    with opened(post.settings, done_folder="Erledigt für später") as mailbox:
        mailbox.file(mailbox.uids(), Folder.DONE)
        assert mailbox.uids() == ()


def test_left_in_place_means_that_nothing_is_moved(post: Post) -> None:
    post.append(RAW)
    with opened(post.settings, leave_in_place=True) as mailbox:
        mailbox.file(mailbox.uids(), Folder.DONE)
        assert len(mailbox.uids()) == 1


def test_left_in_place_means_that_no_folder_is_made(post: Post) -> None:
    with opened(post.settings, leave_in_place=True), somebody_else(post.settings) as client:
        listed = client.list()[1]
    assert not any(b"Done" in line for line in listed if isinstance(line, bytes))


def test_what_others_marked_as_deleted_is_not_ours_to_expunge(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    post.append(b"Subject: marked\r\n\r\n")
    with somebody_else(post.settings) as client:
        client.store("2", "+FLAGS", r"\Deleted")
        mailbox.file(mailbox.uids()[:1], Folder.DONE)
        mailbox.close()
        assert post.folder("INBOX") == [b"Subject: marked\r\n\r\n"]


# Waiting


def test_a_new_mail_ends_the_wait(post: Post, mailbox: ImapMailbox) -> None:
    mailbox.uids()
    timer = later(lambda: post.append(RAW))
    heard = mailbox.wait(20)
    timer.join()
    assert heard is True


def test_a_mail_that_came_before_the_wait_ends_it_at_once(post: Post, mailbox: ImapMailbox) -> None:
    mailbox.uids()
    post.append(RAW)
    assert mailbox.wait(20) is True


def test_mails_that_were_seen_before_are_no_news(post: Post, mailbox: ImapMailbox) -> None:
    post.append(RAW)
    mailbox.uids()
    assert mailbox.wait(0.05) is False


def test_mails_that_lay_there_when_we_came_are_no_news(post: Post) -> None:
    post.append(RAW)
    with opened(post.settings) as mailbox:
        assert mailbox.wait(0.05) is False


def test_the_wait_goes_on_when_it_is_renewed(post: Post) -> None:
    with opened(post.settings, idle_renewal=0.02) as mailbox:
        timer = later(lambda: post.append(RAW))
        heard = mailbox.wait(20)
        timer.join()
    assert heard is True


def test_a_wait_can_be_interrupted(mailbox: ImapMailbox) -> None:
    started = time.monotonic()
    timer = later(mailbox.interrupt)
    heard = mailbox.wait(20)
    timer.join()
    assert (heard, time.monotonic() - started < 1) == (False, True)


def test_an_interruption_before_the_wait_counts(mailbox: ImapMailbox) -> None:
    mailbox.interrupt()
    started = time.monotonic()
    assert (mailbox.wait(20), time.monotonic() - started < 1) == (False, True)


def test_an_interruption_counts_once(post: Post, mailbox: ImapMailbox) -> None:
    mailbox.interrupt()
    mailbox.wait(20)
    timer = later(lambda: post.append(RAW))
    heard = mailbox.wait(20)
    timer.join()
    assert heard is True


def test_after_a_wait_the_mailbox_is_of_use(post: Post, mailbox: ImapMailbox) -> None:
    mailbox.wait(0.05)
    post.append(RAW)
    assert len(mailbox.uids()) == 1


# Who is at the other end


def test_a_wrong_password_is_refused_in_plain_words(post: Post) -> None:
    with pytest.raises(Unavailable, match=r"^the IMAP server refuses our login$"):
        ImapMailbox(replace(post.settings, password="wrong")).open()


def test_after_a_wrong_password_we_wait_long(post: Post) -> None:
    with pytest.raises(Unavailable) as refused:
        ImapMailbox(replace(post.settings, password="wrong")).open()
    assert refused.value.retry_after == 300


def test_a_certificate_of_an_unknown_authority_is_refused(post: Post) -> None:
    with pytest.raises(Unavailable, match="the certificate of the IMAP server is not valid"):
        ImapMailbox(replace(post.settings, ca_file=None)).open()


def test_a_folder_that_does_not_exist_is_no_crash(post: Post) -> None:
    with pytest.raises(Unavailable, match="the IMAP server refused"):
        ImapMailbox(replace(post.settings, mailbox="Elsewhere")).open()


def test_closing_twice_is_harmless(mailbox: ImapMailbox) -> None:
    mailbox.close()
    mailbox.close()
    assert mailbox.open() > 0


# pymap alone


def test_starttls_is_used_where_it_is_asked_for(servers: Servers) -> None:
    servers.append(RAW)
    post = InMemory(servers)
    with opened(post.settings, port=servers.imap_starttls_port, tls="starttls") as mailbox:
        assert len(mailbox.uids()) == 1


def test_without_the_memory_of_open_a_call_opens_by_itself_after_a_cut(servers: Servers) -> None:
    post = InMemory(servers)
    with opened(post.settings) as mailbox:
        servers.hang_up()
        with pytest.raises(Unavailable):
            mailbox.uids()
        servers.append(RAW)
        assert len(mailbox.uids()) == 1


def test_a_folder_numbered_anew_is_noticed_at_the_next_call(servers: Servers) -> None:
    post = InMemory(servers)
    with opened(post.settings) as mailbox:
        servers.reset()
        with pytest.raises(Unavailable, match="no connection"):
            mailbox.uids()
        with pytest.raises(Unavailable, match="numbered the folder anew"):
            mailbox.uids()


# Dovecot alone


@pytest.mark.servers
def test_a_delivered_mail_has_its_return_path(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.deliver(RAW, user, sender="")
    with opened(dovecot.settings(user)) as mailbox:
        [mail] = mailbox.fetch(mailbox.uids())
    assert mail.raw.startswith(b"Return-Path: <>\r\n")


@pytest.mark.servers
def test_a_delivered_mail_was_received_just_now(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.deliver(RAW, user)
    with opened(dovecot.settings(user)) as mailbox:
        [mail] = mailbox.fetch(mailbox.uids())
    assert abs(datetime.now(UTC) - mail.received_at) < timedelta(minutes=5)


@pytest.mark.servers
def test_starttls_works_with_dovecot_too(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.deliver(RAW, user)
    with opened(dovecot.settings(user, port=dovecot.imap, tls="starttls")) as mailbox:
        assert len(mailbox.uids()) == 1


@pytest.mark.servers
def test_folders_go_where_the_server_wants_them(dovecot: Dovecot) -> None:
    dovecot.append(RAW, BELOW_INBOX, MORNING)
    with opened(dovecot.settings(BELOW_INBOX)) as mailbox:
        mailbox.file(mailbox.uids(), Folder.DONE)
    assert dovecot.folder(BELOW_INBOX, "INBOX.Done") == [RAW]


@pytest.mark.servers
def test_the_folders_we_make_are_shown_to_people(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    with opened(dovecot.settings(user)), dovecot.client(user) as client:
        listed = client.lsub()[1]
    assert any(b"Quarantine" in line for line in listed if isinstance(line, bytes))


# Settings


@pytest.mark.parametrize("host", ["mail.example.org", "192.0.2.1", "localhost.example.org", "0.0.0.0"])
def test_cleartext_to_another_machine_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match=r"imap\.tls"):
        ImapMailbox(ImapSettings(host=host, user="u", password="p", tls="none"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_cleartext_on_this_machine_is_accepted(host: str) -> None:
    assert ImapMailbox(ImapSettings(host=host, user="u", password="p", tls="none"))


def test_an_authority_that_cannot_be_read_stops_the_start(post: Post) -> None:
    missing = replace(post.settings, ca_file=post.settings.ca_file and post.settings.ca_file / "nothing")
    with pytest.raises(ConfigError, match=r"imap\.ca_file"):
        ImapMailbox(missing)


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(ImapSettings(host="mail.example.org", user="u", password="hush"))


def test_the_pause_before_the_next_attempt_follows_the_settings() -> None:
    settings = ImapSettings(host="mail.example.org", user="u", password="p", reconnect_min=4, reconnect_max=9)
    assert [reconnect_delay(settings, failures, 0.0) for failures in (1, 2, 3)] == [4, 8, 9]
