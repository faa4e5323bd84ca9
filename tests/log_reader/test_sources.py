"""The sources of lines, and several files as one stream."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.log_reader.reading import files_of, records_of, source
from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.formats.recogniser import Recogniser
from tracing_starter_kit.log_reader.formats.times import Clock
from tracing_starter_kit.log_reader.model import Record
from tracing_starter_kit.log_reader.reading.merge import merge_by_time
from tracing_starter_kit.log_reader.reading.records import read_records
from tracing_starter_kit.log_reader.reading.sources import open_sources, rotations

LINE = "2026-11-24T08:00:0{}Z started task={}\n"
ADA = 1795507200 * 10**9  # 2026-11-24T08:00:00Z


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_is_read_whatever_its_name(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (tmp_path / "app.log").write_bytes(compress(LINE.format(1, 7).encode()))

    (trace,) = files_of(tmp_path / "app.log")

    assert trace.title == "task 7"


def test_a_compressed_file_that_is_cut_off_says_so(tmp_path: Path) -> None:
    file = tmp_path / "app.log.gz"
    file.write_bytes(gzip.compress(LINE.format(1, 7).encode())[:-9])

    with pytest.raises(LogReaderError, match=r"cannot be read to its end: .+Unpack"):
        files_of(file)


def test_rotated_files_come_before_theirs_the_oldest_first(tmp_path: Path) -> None:
    for name in ("app.log", "app.log.1", "app.log.2.gz", "app.log.10.gz", "app.logs"):
        (tmp_path / name).write_bytes(b"")

    names = [path.name for path in rotations(tmp_path / "app.log")]

    assert names == ["app.log.10.gz", "app.log.2.gz", "app.log.1"]


def test_files_that_are_rotated_by_date_come_in_the_order_of_their_dates(
    tmp_path: Path,
) -> None:
    for name in ("app.log-20261123.gz", "app.log-20261122.gz", "app.log"):
        (tmp_path / name).write_bytes(b"")

    sources = open_sources([str(tmp_path / "app.log")], rotated=True)

    assert [Path(source.path).name for source in sources] == [
        "app.log-20261122.gz",
        "app.log-20261123.gz",
        "app.log",
    ]


@pytest.mark.parametrize(
    "names",
    [
        ["app.log.2026-11-09.gz", "app.log.2026-11-10", "app.log.2026-12-01"],
        ["app.log.2026-11-22_08", "app.log.2026-11-22_10.gz", "app.log.2026-11-23_00"],
        ["app.log.2026-11-22_08-59", "app.log.2026-11-22_09-00"],
        ["app.log.2026-11-22_08-59-58", "app.log.2026-11-22_08-59-59.xz"],
        ["app.log.2026-11-22-09", "app.log.2026-11-22-10"],
        ["app.log-20261122", "app.log-2026112208", "app.log-20261123"],
        ["app.log.2026-11-22", "app.log.10", "app.log.2"],
    ],
)
def test_dates_in_names_are_in_order_of_time(names: list[str], tmp_path: Path) -> None:
    for name in (*names, "app.log", "app.log.bak", "app.log.2026-11", "app.log.1.tmp"):
        (tmp_path / name).write_bytes(b"")

    assert [path.name for path in rotations(tmp_path / "app.log")] == names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("logs/app.log", "app"),
        ("app.log.2.gz", "app"),
        ("app.log-20261122.gz", "app"),
        ("app.log.2026-11-22", "app"),
        ("app.log.2026-11-22_08-30-00.gz", "app"),
        ("events.jsonl", "events"),
        ("journal", "journal"),
        ("-", "stdin"),
    ],
)
def test_a_file_is_named_without_number_and_endings(path: str, name: str) -> None:
    assert source("", path).name == name


def test_several_files_are_one_stream_by_time_each_in_its_own_order() -> None:
    first = LINE.format(1, 1) + LINE.format(5, 2) + LINE.format(3, 3)
    second = LINE.format(2, 4) + LINE.format(6, 5)

    times = [(r.source, r.fields["task"]) for r in _stream(first, second)]

    assert times == [
        ("file1.log", 1),
        ("file2.log", 4),
        ("file1.log", 2),
        ("file1.log", 3),
        ("file2.log", 5),
    ]


def _stream(*texts: str) -> list[Record]:
    sources = [source(text, f"file{n}.log") for n, text in enumerate(texts, 1)]
    clock = Clock(day=date(2026, 11, 24))
    return [*merge_by_time([read_records(s, Recogniser(clock)) for s in sources])]


def test_lines_before_the_first_time_have_that_time() -> None:
    records = records_of("hello\n2026-11-24T08:00:00Z ready\nthere\n")

    assert [record.time_ns for record in records] == [ADA] * 3
    assert [record.has_own_time for record in records] == [False, True, False]


def test_without_any_time_the_file_s_time_is_used() -> None:
    assert records_of("hello\n")[0].time_ns == 1_700_000_000 * 10**9


@pytest.mark.parametrize(
    ("line", "time_ns"),
    [
        ("2026-11-24T08:00:00.5Z x", ADA + 500_000_000),
        ("2026-11-24 08:00:00,123456789 x", ADA + 123_456_789),
        ("2026-11-24T09:30:00+01:30 x", ADA),
        ("2026/11/24 08:00:00 x", ADA),
        ('1.2.3.4 - - [24/Nov/2026:09:00:00 +0100] "GET / HTTP/1.1" 200 1', ADA),
        ("Nov 24 08:00:00 box prog: x", ADA),
        ("08:00:00.000 [main] INFO a.B - x", ADA),
        ('{"ts": 1795507200, "msg": "x"}', ADA),
        ('{"time": 1795507200123, "msg": "x"}', ADA + 123_000_000),
        ('{"ts": 1795507200.25, "msg": "x"}', ADA + 250_000_000),
    ],
)
def test_times_are_read_to_the_nanosecond(line: str, time_ns: int) -> None:
    (record,) = records_of(line)

    assert (record.has_own_time, record.time_ns) == (True, time_ns)


def test_a_time_without_a_zone_is_in_the_zone_of_the_options() -> None:
    (record,) = records_of("2026-11-24 09:00:00 x", zone=ZoneInfo("Europe/Berlin"))

    assert record.time_ns == ADA


def test_a_time_without_a_date_is_of_the_day_of_the_options() -> None:
    line = "08:00:00.000 [main] INFO a.B - x"

    (record,) = records_of(line, day=date(2026, 11, 25))

    assert record.time_ns == ADA + 86_400 * 10**9


def test_a_date_that_does_not_exist_is_not_a_time() -> None:
    first, second = records_of("2026-11-24T08:00:00Z a\n2026-02-31T08:00:00Z b\n")

    assert (second.has_own_time, second.time_ns) == (False, first.time_ns)


def test_the_user_s_pattern_comes_first() -> None:
    (record,) = records_of(
        "24.11.2026 08:00 <W> [shop] no stock|plan=pro",
        pattern=r"(?P<time>\S+ \S+) <(?P<level>\w)> \[(?P<part>\w+)\] (?P<message>.*)",
        time_format="%d.%m.%Y %H:%M",
    )

    assert (record.time_ns, record.severity, record.format) == (ADA, 13, "your pattern")
    assert record.fields["part"] == "shop"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.log", "missing.log cannot be read: No such file or directory. Give"),
        (".", r". is a folder: name the files in it, as ./\*.log"),
    ],
)
def test_a_path_that_is_not_a_file_is_an_error(path: str, message: str) -> None:
    with pytest.raises(LogReaderError, match=message):
        open_sources([path])
