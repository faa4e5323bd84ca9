"""A duration without a unit: the assumption is stated, and can be changed."""

from __future__ import annotations

import json

import pytest

from tests.log_reader.reading import Changes, traces_of
from tracing_starter_kit.log_reader.formats.access_log import duration_field
from tracing_starter_kit.log_reader.model import UNIT, Value
from tracing_starter_kit.log_reader.report import Report

ACCESS = '::1 - - [24/Nov/2026:08:00:09 +0000] "GET /cakes HTTP/1.1" 200 12'


def lengths(log: str, unit: str = "") -> list[float]:
    """Return the milliseconds of each span."""
    options: Changes = {"duration_unit": unit}
    spans = [span for trace in traces_of(log, **options) for span in trace.spans]
    return [(span.end_ns - span.start_ns) / 1e6 for span in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 1736", {"duration": 1736, UNIT: "us"}),
        (' "-" "curl" 34209 0', {"duration": 34209, UNIT: "us"}),
        (' "-" "curl" 2117544 2', {"duration_us": 2117544}),
        (' "-" "curl" 2/2117544', {"duration_us": 2117544}),
        (' "-" "curl" 0.250', {"request_time": 0.25}),
        (' "-" 512 40960', {}),
        (" x", {}),
    ],
)
def test_the_text_behind_an_access_log(text: str, expected: dict[str, Value]) -> None:
    assert duration_field(text) == expected


@pytest.mark.parametrize(
    ("unit", "expected"), [("", 1.736), ("ms", 1736.0), ("s", 1_736_000.0)]
)
def test_the_option_sets_the_unit_of_an_access_log(unit: str, expected: float) -> None:
    assert lengths(f"{ACCESS} 1736\n", unit) == [expected]


@pytest.mark.parametrize(
    ("fields", "assumed", "expected"),
    [
        ({"duration": 62_500_000_000}, "ns", 62_500.0),
        ({"duration": 62.5}, "s", 62_500.0),
        ({"elapsed": 250}, "ms", 250.0),
        ({"duration_ns": 250_000_000}, "", 250.0),
        ({"durationMillis": 250}, "", 250.0),
        ({"responseTime": 250}, "", 250.0),
        ({"request_time": "0.250"}, "", 250.0),
        ({"duration": "250ms"}, "", 250.0),
    ],
)
def test_an_assumption_is_counted_and_a_stated_unit_is_not(
    fields: dict[str, Value], assumed: str, expected: float
) -> None:
    line = {"time": "2026-11-24T08:00:00Z", "msg": "job done", "job_id": "oven-7"}
    log = json.dumps(line | fields) + "\n"
    report = Report()
    for trace in traces_of(log):
        report.count(trace)

    assert lengths(log) == [expected]
    assert [*report.assumed_units] == ([assumed] if assumed else [])


def test_the_option_does_not_change_a_stated_unit() -> None:
    line = "2026-11-24T08:00:00Z INFO job done job_id=oven-7 duration_ms=250\n"

    assert lengths(line, "s") == [250.0]
