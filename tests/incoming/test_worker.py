"""The process that reads mails: it may hang, starve and die, and the next mail is read."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ksmail.errors import ParserAway, Unavailable, UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Message
from ksmail.incoming.worker import Parser
from tests.front.program import until
from tests.incoming import hostile

GOOD = hostile.HEAD + b"\r\nhello\r\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(Limits(cpu_seconds=1, wall_seconds=2.0), work=hostile.fragile) as made:
        yield made


@pytest.fixture(scope="module")
def patient() -> Iterator[Parser]:
    """The CPU limit of the shipped settings; time on the wall depends on what else the machine does."""
    with Parser(Limits(wall_seconds=60.0)) as made:
        yield made


def reason(parser: Parser, raw: bytes) -> str:
    with pytest.raises(UnreadableMail) as caught:
        parser.parse(raw)
    return str(caught.value)


def test_a_mail_is_read_in_the_worker(parser: Parser) -> None:
    assert parser.parse(GOOD).text == "hello"


def test_the_reason_of_a_refusal_comes_back(parser: Parser) -> None:
    assert reason(parser, b"") == "the mail is empty (0 bytes)"


def test_a_hang_ends_after_the_wall_time(parser: Parser) -> None:
    """Case 122."""
    assert reason(parser, hostile.do("hang")) == "the parser needed more than 2 s (limit wall_seconds)"
    assert parser.parse(GOOD).text == "hello"


def test_a_loop_ends_after_the_cpu_time() -> None:
    """Case 122."""
    with Parser(Limits(cpu_seconds=1, wall_seconds=30.0), work=hostile.fragile) as parser:
        assert reason(parser, hostile.do("spin")) == "the parser needed more than 1 s of CPU (limit cpu_seconds)"


def test_a_killed_worker_costs_only_its_mail(parser: Parser) -> None:
    """Case 122: SIGKILL is what the kernel sends when memory ends."""
    assert reason(parser, hostile.do("die")).startswith("the parser died (signal 9")
    assert parser.parse(GOOD).text == "hello"


def test_a_failure_of_ours_is_told_without_a_word_of_the_mail(parser: Parser) -> None:
    assert re.fullmatch(r"our parser failed: KeyError \(hostile\.py, line \d+\)", reason(parser, hostile.do("fail")))


def test_memory_has_a_limit() -> None:
    with Parser(Limits(memory=256 * 2**20), work=hostile.fragile) as parser:
        assert reason(parser, hostile.do("starve")) == "the parser needed more than 256 MiB (limit memory)"
        assert parser.parse(GOOD).text == "hello"


def test_mails_come_back_in_order_whatever_happens_to_some(parser: Parser) -> None:
    """Case 122, and section G: the ordinary mails around a hostile one are read."""
    numbered = [hostile.HEAD + b"\r\n%d" % number for number in range(40)]
    raws = [*numbered[:3], hostile.do("die"), *numbered[3:20], b"", hostile.do("hang"), *numbered[20:]]
    outcomes = list(parser.parse_many(raws))
    assert [outcome.text for outcome in outcomes if isinstance(outcome, Message)] == [str(n) for n in range(40)]
    assert [place for place, outcome in enumerate(outcomes) if isinstance(outcome, UnreadableMail)] == [3, 21, 22]


def test_a_closed_parser_reads_no_more() -> None:
    with Parser(Limits()) as parser:
        pass
    with pytest.raises(ParserAway, match="closed"):
        parser.parse(GOOD)


def test_who_still_reads_when_a_parser_is_closed_starts_no_other_worker() -> None:
    before = set(multiprocessing.active_children())
    with Parser(Limits(wall_seconds=60.0), work=hostile.fragile) as parser:
        assert parser.parse(GOOD).text == "hello"
        with ThreadPoolExecutor() as others:
            reading = others.submit(parser.parse, hostile.do("hang"))
            assert until(lambda: reading.running())
            parser.close()
            with pytest.raises(ParserAway, match="closed"):
                reading.result()
    assert set(multiprocessing.active_children()) <= before


def test_who_stops_reading_half_way_leaves_the_parser_well(parser: Parser) -> None:
    outcomes = parser.parse_many([GOOD] * 40)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]  # a generator, said to be an iterator
    assert parser.parse(GOOD).text == "hello"


def test_a_parser_that_read_nothing_can_be_closed() -> None:
    Parser(Limits()).close()


def test_a_worker_that_never_starts_is_not_the_fault_of_the_mail() -> None:
    with Parser(Limits(memory=2**70)) as parser, pytest.raises(Unavailable, match="does not start"):
        parser.parse(GOOD)


def test_killing_the_worker_between_mails_costs_no_mail() -> None:
    """Case 122: whoever is killed while idle is replaced."""
    with Parser(Limits(), work=hostile.with_pid) as parser:
        pid = int(reason(parser, GOOD).split()[0])
        os.kill(pid, signal.SIGKILL)
        assert int(reason(parser, GOOD).split()[0]) != pid


def test_the_worker_may_do_little_and_knows_little() -> None:
    with Parser(Limits(), work=hostile.with_pid) as parser:
        said = reason(parser, GOOD)
    assert "'CORE': (0, 0)" in said and "'FSIZE': (0, 0)" in said
    assert f"'AS': ({Limits().memory}, {Limits().memory})" in said
    assert "['ksmail', 'ksmail.address', 'ksmail.errors']" in said


def test_an_ordinary_mail_of_25_mb_fits_in_the_limits(patient: Parser) -> None:
    (attachment,) = patient.parse(hostile.with_attachment(bytes(25_000_000))).attachments
    assert attachment.size == 25_000_000


@pytest.mark.parametrize("way", [["main.py"], ["-m", "main"], ["-c", "import main; main.run()"]])
def test_the_worker_starts_from_any_main_program_and_does_not_run_it_again(way: list[str], tmp_path: Path) -> None:
    program = """
        from ksmail.incoming.limits import Limits
        from ksmail.incoming.worker import Parser
        print("imported")
        def run():
            with Parser(Limits()) as parser:
                print(parser.parse(b"From: a@b.example\\r\\n\\r\\nhello").text)
        if __name__ == "__main__":
            run()
    """
    (tmp_path / "main.py").write_text("\n".join(line[8:] for line in program.splitlines()))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, *way], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (run.stdout.split(), run.stderr) == (["imported", "hello"], "")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(hostile.nested_multiparts(5000), id="105"),
        pytest.param(hostile.nested_messages(5000), id="107"),
        pytest.param(hostile.many_recipients(100_000), id="108"),
        pytest.param(hostile.many_fields(100_000), id="109"),
        pytest.param(hostile.one_field(b"Subject", b"=?utf-8?q?a?= " * 50_000), id="110"),
        pytest.param(hostile.one_field(b"From", b"(" * 100_000), id="111"),
        pytest.param(hostile.parameter_segments(20_000), id="112"),
        pytest.param(hostile.many_parts(100_000), id="113"),
    ],
)
def test_hostile_mails_stay_within_the_limits_of_the_worker(raw: bytes, patient: Parser) -> None:
    """Cases 105 to 113: two seconds of CPU are enough for each, and the mails around it are read."""
    before, outcome, after = patient.parse_many([GOOD, raw, GOOD])
    assert isinstance(before, Message) and isinstance(after, Message)
    assert isinstance(outcome, Message) or "limit " in str(outcome)
    assert "the parser" not in str(outcome)


def test_the_worker_keeps_up_with_a_busy_mailbox(patient: Parser) -> None:
    """Shown, not judged, but for a floor far below what any machine does."""
    raw = hostile.HEAD + b"Message-ID: <a@b.example>\r\n\r\n" + b"A line of an ordinary question.\r\n" * 150
    patient.parse(raw)
    start = time.perf_counter()
    for _ in range(200):
        patient.parse(raw)
    one = time.perf_counter()
    assert sum(1 for _ in patient.parse_many([raw] * 200)) == 200
    many = time.perf_counter()
    print(f"one by one {200 / (one - start):.0f} mails/s, many {200 / (many - one):.0f} mails/s")
    assert 200 / (one - start) > 20
