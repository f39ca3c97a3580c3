"""A disk that is full, in the two ways in which a test can have one."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTES = 32


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A new folder that is a disk of its own, of 32 MB. Raises PermissionError where nothing may be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise PermissionError(f"scripts/test leaves out what needs a mount where it is not allowed: {said.stderr}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return ballast


@contextmanager
def no_room_for_files() -> Iterator[None]:
    """The kernel refuses every byte that this process would write to a file (EFBIG), as at the end of a quota. Needs no
    right. What is logged or printed inside must go elsewhere: pytest keeps it in a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # Python ignores the signal that comes with it
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
