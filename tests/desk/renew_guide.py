"""Write the page for staff anew: `python -m tests.desk.renew_guide`. Then read the difference before it stays."""

from __future__ import annotations

from tests.desk.guide import GUIDE, guide


def main() -> None:
    GUIDE.write_bytes(guide().encode())


if __name__ == "__main__":
    main()
