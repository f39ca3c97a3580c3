"""A look at the raw bytes before any parser sees them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes are in octets, `cpu_seconds` and `wall_seconds` per mail, `memory` is the worker's address space."""

    depth: int = 50
    parts: int = 1000
    header_block: int = 256 * 1024
    header_field: int = 64 * 1024
    header_fields: int = 1000
    addresses: int = 200
    encoded_words: int = 200
    parameter_segments: int = 50
    received_fields: int = 50
    text: int = 1024 * 1024
    cpu_seconds: int = 2
    wall_seconds: float = 5.0
    memory: int = 512 * 1024 * 1024
