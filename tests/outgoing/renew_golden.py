"""Write the golden letters anew: `python -m tests.outgoing.renew_golden`. Then read the difference before it stays."""

from __future__ import annotations

from tests.outgoing.letters import GOLDEN, golden_texts


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.txt"):
        old.unlink()
    for name, text in golden_texts():
        (GOLDEN / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
