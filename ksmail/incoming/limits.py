"""How large, deep and slow a mail may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes are in octets, `cpu_seconds` and `wall_seconds` per mail, `memory` is the worker's address space.

    To, Cc and Bcc have a size limit of their own (`recipient_fields`): a mail to very many is long, not hostile,
    and only the first `addresses` of them are read.
    """

    depth: int = 50
    parts: int = 1000
    header_block: int = 256 * 1024
    header_field: int = 64 * 1024
    header_fields: int = 1000
    recipient_fields: int = 8 * 1024 * 1024
    addresses: int = 200
    encoded_words: int = 200
    parameter_segments: int = 50
    comment_depth: int = 20
    received_fields: int = 50
    text: int = 1024 * 1024
    cpu_seconds: int = 2
    wall_seconds: float = 5.0
    memory: int = 512 * 1024 * 1024
