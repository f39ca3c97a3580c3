"""What is handed over: locks, image, wheel, and texts that say what the code says."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling import build

import ksmail

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")

# Distributions whose modules have another name, or that bring a second one that belongs to them.
MODULES = {
    "flufl-bounce": {"flufl"},
    "inscriptis": {"inscriptis", "lxml"},
    "jinja2": {"jinja2", "markupsafe"},
    "mail-parser": {"mailparser"},
    "pydantic-settings": {"pydantic_settings", "pydantic", "pydantic_core"},
    "pymap": {"pymap", "pysasl", "proxyprotocol"},
    "sqlmodel": {"sqlmodel", "sqlalchemy"},
}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def pins(lock: str) -> dict[str, set[str]]:
    """The versions of each package in a lock; a package may have one for older and one for newer Pythons."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", read(lock), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def shipped_files() -> Iterator[Path]:
    """Every text that is under version control; in an unpacked release, every text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    else:
        paths = (path for path in ROOT.rglob("*") if not re.search(r"/(\.[a-z_-]+|__pycache__)/", f"{path}/"))
    return (path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096])


@pytest.mark.parametrize("lock", LOCKS)
def test_each_locked_package_has_one_version_and_hashes(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", read(lock).strip())
    assert len(blocks) > 5
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+==[A-Za-z0-9.]+( ; [^\\\n]+)? \\\n", block), block[:80]
        assert re.search(r"\n    --hash=sha256:[0-9a-f]{64}( \\|$)", block), block[:80]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_nothing_of_where_it_was_made(lock: str) -> None:
    assert not re.search(r"://|^-|#| @ |file:", read(lock), re.MULTILINE)


def test_the_lock_holds_every_dependency() -> None:
    wanted = {re.match(r"[A-Za-z0-9._-]+", line)[0] for line in PROJECT["project"]["dependencies"]}  # type: ignore[index]
    assert wanted <= pins("requirements.lock").keys()


def test_the_tests_run_with_the_versions_that_are_shipped() -> None:
    tested = pins("requirements-dev.lock")
    assert {name: tested.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_the_versions_agree() -> None:
    newest = re.search(r"^## \[(\d\S*)\]", read("CHANGELOG.md"), re.MULTILINE)
    published = re.search(r'^softwareVersion: "(\S+)"', read("publiccode.yml"), re.MULTILINE)
    assert newest and published
    assert {PROJECT["project"]["version"], newest[1], published[1]} == {ksmail.__version__}


def test_the_licence_is_whole() -> None:
    text = read("LICENSE")
    assert re.findall(r"^(\d+)\. ?[A-Z]", text, re.MULTILINE) == [str(number) for number in range(1, 16)]
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text
    assert text.rstrip().endswith("require the production of a new EUPL version.")


@pytest.mark.parametrize(
    "line",
    [
        "USER 10001:10001",
        'VOLUME ["/etc/ksmail", "/var/lib/ksmail"]',
        "STOPSIGNAL SIGTERM",
        'CMD ["ksmail", "run"]',
    ],
)
def test_the_image_has_this_line(line: str) -> None:
    assert line in read("Dockerfile").splitlines()


def test_the_image_asks_the_daemon_whether_it_is_alive() -> None:
    assert re.search(r'^HEALTHCHECK .* CMD \["ksmail", "check", "--live"\]$', read("Dockerfile"), re.MULTILINE)


def test_the_image_takes_no_package_without_a_hash() -> None:
    lines = read("Dockerfile").replace("\\\n", " ").splitlines()
    fetching = [step for line in lines if line.startswith("RUN") for step in line.split("&&") if " -r " in step]
    assert len(fetching) == 2
    assert all("--require-hashes" in step for step in fetching)


def test_the_image_is_built_from_what_is_copied_into_it() -> None:
    ignored = read(".dockerignore").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile"), re.MULTILINE)
    for name in " ".join(copied).split():
        assert f"!{name.rstrip('/')}" in ignored
        assert (ROOT / name).exists()


# The first letter stands in brackets so that this page does not find itself.
MACHINE = re.compile(
    r"[/](?:home|root|work|Users)/\w|[/]tmp/\w|[/]opt/(?!ksmail)\w"  # paths of one machine
    r"|[p]ypi\.org|[p]ythonhosted\.org|[r]egistry\.npmjs|[d]eb\.debian\.org"  # registries
    r"|(?<!emit-)[i]ndex-url|(?<!emit-)[f]ind-links"  # and other ways to name one
)


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in shipped_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if (match := MACHINE.search(line))
    ]
    assert found == []


@pytest.mark.parametrize("script", ["scripts/test", "scripts/demo", "scripts/lock", ".ci/run"])
def test_a_script_runs_with_a_plain_shell(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert read(script).startswith("#!/bin/sh\n")
    subprocess.run(["/bin/sh", "-n", ROOT / script], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, before = tmp_path_factory.mktemp("wheel"), Path.cwd()
    os.chdir(ROOT)
    try:
        return folder / build.build_wheel(str(folder))
    finally:
        os.chdir(before)


def test_the_wheel_holds_every_template_and_default(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for kind in ("config", "templates"):
        files = [path for path in shipped_files() if path.is_relative_to(ROOT / kind)]
        assert files
        assert {f"ksmail/_defaults/{path.relative_to(ROOT)}" for path in files} <= held


def test_the_wheel_holds_every_file_of_the_program_and_no_tests(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    program = {str(path.relative_to(ROOT)) for path in shipped_files() if path.is_relative_to(ROOT / "ksmail")}
    assert program <= held
    assert any(name.endswith("/licenses/LICENSE") for name in held)
    assert not any(name.startswith(("tests/", "docs/")) for name in held)


def test_the_wheel_works_where_there_is_no_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", "--target", target, wheel], check=True, capture_output=True)
    script = (
        "import ksmail, ksmail.cli; from ksmail.defaults import defaults_directory as d;"
        "print(ksmail.__file__, d('config'), d('templates'), sep='\\n')"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
    )
    assert said.stderr == ""
    assert [Path(line).is_relative_to(target) for line in said.stdout.splitlines()] == [True, True, True]


def imports(path: Path) -> set[str]:
    """The modules from elsewhere that a file imports, by their first name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"ksmail"}


def table_of_libraries() -> dict[str, tuple[str, ...]]:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| ((?:`[^`]+`(?:, )?)+) \|", read("docs/architecture.md"), re.MULTILINE)
    return {name: tuple(re.findall(r"`([^`]+)`", places)) for name, places in rows}


def test_every_library_is_used_exactly_where_the_architecture_says() -> None:
    used = {
        (module, str(path.relative_to(ROOT / "ksmail")))
        for path in (ROOT / "ksmail").rglob("*.py")
        for module in imports(path)
    }
    for name, places in table_of_libraries().items():
        modules = MODULES.get(name, {name})
        mine = {where for module, where in used if module in modules}
        assert {where for where in mine if not where.startswith(places)} == set(), name
        assert all(any(where.startswith(place) for where in mine) for place in places), name
        used -= {(module, where) for module, where in used if module in modules}
    assert used == set()


def test_every_dependency_stands_in_the_architecture() -> None:
    wanted = {re.match(r"[A-Za-z0-9._-]+", line)[0] for line in PROJECT["project"]["dependencies"]}  # type: ignore[index]
    assert set(table_of_libraries()) == wanted


def test_every_event_of_the_log_is_explained_to_operators() -> None:
    said = r'\.(?:debug|info|warning|error|exception|critical)\(\s*"([a-z_]+)"|_crash\("([a-z_]+)"'
    events = {
        first or second
        for path in (ROOT / "ksmail").rglob("*.py")
        for first, second in re.findall(said, path.read_text("utf-8"))
    }
    assert "mail_settled" in events
    explained = set(re.findall(r"`([a-z_]+)`", read("docs/operating.md")))
    assert sorted(events - explained) == []


PAGES = ("README.md", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", read(page))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
