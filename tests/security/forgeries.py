"""Mails that are nobody's order whatever they say: of machines, and in the name of staff without proof."""

from __future__ import annotations

from tests.stories.people import SAM
from tests.stories.rig import BORDER

# Marks of a machine, with a subject where that is the mark.

AUTOMATIC: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    **{
        f"{name}: {value}": (((name, value),), "Re: vraag")
        for name, value in (
            ("Auto-Submitted", "auto-replied"),
            ("Auto-Submitted", "auto-generated (x); a=b"),
            ("Auto-Submitted", "AUTO-NOTIFIED"),
            ("Precedence", "bulk"),
            ("Precedence", "auto_reply"),
            ("Precedence", "list"),
            ("Precedence", "junk"),
            ("Return-Path", "<>"),
            ("X-Autoreply", "yes"),
            ("X-Autorespond", "1"),
            ("List-Id", "<staff.agency.example>"),
            ("List-Unsubscribe", "<mailto:off@agency.example>"),
        )
    },
    **{
        subject: ((), subject)
        for subject in (
            "Automatisch antwoord: Re: vraag",
            "Automatic reply: [KV-2026-0001] Nieuwe vraag",
            "Out of Office: vraag",
            "Afwezig: vraag",
        )
    },
}


# In the name of Sam: the From fields, and what stands around them.

EVIL = "evil@x.example"
_FROMS = (
    SAM, f"Sam <{SAM}>", f'"{SAM}" <{EVIL}>', f"{SAM} <{EVIL}>", f"{SAM}(<{EVIL}>)", f"<{SAM}>{EVIL}", f"{SAM}, {EVIL}",
    f"{EVIL}, {SAM}", f"staff: {SAM};", f"Sam <{SAM}> <{EVIL}>", f"=?utf-8?q?{SAM}?= <{EVIL}>",
    "=?utf-8?q?sam?=@agency.example", '"sam"@agency.example', "sam@agency.example.", "sam @ agency . example",
    f"{SAM}\u200b", "sam\u200b@agency.example", "sam@\u0430gency.example", "sam@\uff41gency.example",
    "sam@xn--gency-0of.example", "s\u0430m@agency.example", "sam@agency.example@x.example",
    f"{SAM}%x.example@x.example",
    "sam@[agency.example]", f"{EVIL}\x00{SAM}", f"<{SAM}", f"{SAM}>", f"@x.example:{SAM}", f"<@x.example:{SAM}>",
)  # fmt: skip
_OTHERS = (
    ("Sender", SAM), ("Resent-From", SAM), ("Reply-To", SAM), ("X-Original-From", SAM), ("Return-Path", f"<{SAM}>"),
    ("X-Ksmail-Auth", "pass"), ("X-Ksmail-From", SAM),
)  # fmt: skip
SPOOFS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    **{f"From: {value!a}": (value, ()) for value in _FROMS},
    "two From fields": (SAM, (("From", EVIL),)),
    "two From fields, the other way": (EVIL, (("From", SAM),)),
    **{f"{name}: {value}": (EVIL, ((name, value),)) for name, value in _OTHERS},
}


# What stands above a mail from Sam's own address and proves nothing: name and headers.

_PASSED = "dmarc=pass header.from=agency.example"
_DENIED = f"{BORDER}; dmarc=fail header.from=agency.example"
_HOPS = (
    ("Received", "from mx.desk.example by store.desk.example; Mon, 1 Jun 2026 08:02:01 +0000"),
    ("Received", "from x.example by mx.desk.example; Mon, 1 Jun 2026 08:02:00 +0000"),
)
_FORGED = ("Authentication-Results", f"{BORDER}; {_PASSED}")


def _claimed(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Authentication-Results", value) for value in values)


UNPROVEN: dict[str, tuple[tuple[str, str], ...]] = {
    "nothing": (),
    "our border denies it": _claimed(_DENIED),
    "our border denies it above a forgery": _claimed(_DENIED, f"{BORDER}; {_PASSED}"),
    "a forgery that is folded": _claimed(_DENIED, f"{BORDER};\r\n\tdmarc=pass\r\n\theader.from=agency.example"),
    "a forgery with comments": _claimed(
        _DENIED, f"{BORDER} (our border) 1; dmarc=pass (p=reject) header.from=agency.example"
    ),
    "a forgery in capitals": _claimed(_DENIED, f"{BORDER.upper()}; DMARC=PASS HEADER.FROM=AGENCY.EXAMPLE"),
    "a forgery that came along": (*_HOPS, _FORGED),
    "a field that cannot be read": _claimed(f"{BORDER}; dmarc=", f"{BORDER}; {_PASSED}"),
    "both results": _claimed(f"{BORDER}; {_PASSED}; dmarc=fail header.from=agency.example"),
    "the border of somebody else": _claimed(f"mx.x.example; {_PASSED}"),
    "a border that resembles ours": _claimed(f"mx.desk.example.x.example; {_PASSED}"),
    "a border below ours": _claimed(f"a.mx.desk.example; {_PASSED}"),
    "a border with a foreign letter": _claimed(f"mx.d\u0435sk.example; {_PASSED}"),
    "ours in a comment": _claimed(f"mx.x.example ({BORDER}); {_PASSED}"),
    "another domain passed": _claimed(f"{BORDER}; dmarc=pass header.from=x.example"),
    "the parent domain passed": _claimed(f"{BORDER}; dmarc=pass header.from=example"),
    "only SPF passed": _claimed(f"{BORDER}; spf=pass smtp.mailfrom=agency.example"),
    "the signature of another domain": _claimed(f"{BORDER}; dkim=pass header.d=x.example header.i=@agency.example"),
    "the signature of a subdomain": _claimed(f"{BORDER}; dkim=pass header.d=a.agency.example"),
    "a chain of others": (("ARC-Authentication-Results", f"i=1; {BORDER}; {_PASSED}"),),
    "a field of another name": (("X-Authentication-Results", f"{BORDER}; {_PASSED}"), ("X-Ksmail-Auth", "pass")),
}
