"""Lines of programs in containers, in the files of Docker and Kubernetes."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.log_reader import generated
from tests.log_reader.generated import text
from tests.log_reader.reading import only_trace, records_of

ADA = 1795507200 * 10**9  # 2026-11-24T08:00:00Z
TIMES = ("2026-11-24T08:00:0{}.000000000Z", "2026-11-24T09:00:0{}.0+01:00")
TRACEBACK = [
    "2026-11-24 08:00:01,000 - shop - ERROR - failed task=7",
    "Traceback (most recent call last):",
    '  File "shop.py", line 7, in sell',
    "    pay(card)",
    "ValueError: no such card",
    "",
    "2026-11-24 08:00:02,000 - shop - INFO - next",
]


def docker(lines: list[str], stream: str = "stderr") -> str:
    """Return the lines as the json-file driver writes them."""
    wrapped = [
        {"log": line + "\n", "stream": stream, "time": TIMES[0].format(n % 10)}
        for n, line in enumerate(lines)
    ]
    return text([json.dumps(line, separators=(",", ":")) for line in wrapped])


def kubernetes(lines: list[str], stream: str = "stderr") -> str:
    """Return the lines as containerd writes them, in CRI's log format."""
    return text(
        [f"{TIMES[n % 2].format(n % 10)} {stream} F {s}" for n, s in enumerate(lines)]
    )


RUNTIMES = {"Docker": docker, "Kubernetes": kubernetes}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("line", "name", "message"),
    [
        ("2026-11-24T08:00:07Z - shop - INFO - sold", "Python logging", "sold"),
        ('{"event": "sold", "level": "info"}', "structlog (JSON)", "sold"),
        ("level=INFO msg=sold", "key=value", "sold"),
        ("sold", "plain text", "sold"),
    ],
)
def test_a_line_in_a_container_is_parsed_as_outside(
    runtime: str, line: str, name: str, message: str
) -> None:
    content = RUNTIMES[runtime]([line])

    (record,) = records_of(content)

    assert (record.format, record.message) == (f"{runtime}: {name}", message)
    assert record.fields["log.iostream"] == "stderr"
    assert record.time_ns == ADA + (7 * 10**9 if "T08" in line else 0)
    assert record.text + "\n" == content


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_line_without_a_day_has_the_time_of_the_runtime(runtime: str) -> None:
    content = RUNTIMES[runtime](generated.LOG4J[:2])

    records = records_of(content, day=date(2020, 1, 1))

    assert [record.time_ns - ADA for record in records] == [0, 10**9]
    assert {record.level for record in records} == {"INFO", "ERROR"}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_traceback_of_a_container_belongs_to_its_record(runtime: str) -> None:
    content = RUNTIMES[runtime](TRACEBACK)

    failed, following = records_of(content)

    assert (failed.lines, following.message) == (6, "next")
    assert failed.fields["exception.type"] == "ValueError"
    assert failed.message == "\n".join(["failed task=7", *TRACEBACK[1:6]])
    assert f"{failed.text}\n{following.text}\n" == content


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_lines_of_a_container_make_a_trace(runtime: str) -> None:
    trace = only_trace(RUNTIMES[runtime](generated.SIDEKIQ, "stdout"))

    assert trace.spans[0].end_ns - trace.spans[0].start_ns == 500_000_000


def test_the_parts_of_a_long_line_are_one_record() -> None:
    log = (
        "2026-11-24T08:00:00.5Z stdout P begin, \n2026-11-24T08:00:00.6Z stdout F end\n"
    )

    assert [record.message for record in records_of(log)] == ["begin, end"]


def test_json_with_a_key_log_need_not_be_dockers() -> None:
    (record,) = records_of('{"log":"sold","time":"2026-11-24T08:00:00Z"}\n')

    assert (record.format, record.message) == ("JSON lines", "sold")


def test_a_container_in_a_container_is_text() -> None:
    line = kubernetes(["sold"]).strip()

    (record,) = records_of(kubernetes([kubernetes([line]).strip()]))

    assert (record.format, record.message) == (
        "Kubernetes: Kubernetes: plain text",
        line,
    )
