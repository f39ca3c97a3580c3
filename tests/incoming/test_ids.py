"""Message-IDs as mail clients write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from ksmail.incoming.limits import Limits
from ksmail.incoming.parse import parse


def test_a_long_id_that_a_library_wrote_as_encoded_words_is_still_read() -> None:
    wanted = f"<{'kv-2026-0001.' + 'a' * 70}@desk.example>"
    made = EmailMessage(policy=SMTP)
    made["From"], made["In-Reply-To"] = "ada@uni.example", wanted
    made.set_content("more\n")
    assert b"=?" in made.as_bytes()
    assert parse(made.as_bytes(), Limits()).in_reply_to == (wanted,)
