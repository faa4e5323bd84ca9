"""Parsing of durations, times, words and ids; no query breaks the server."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.viewer_api.conftest import Client
from tracing_starter_kit.viewer.api.ids import parse_trace_id
from tracing_starter_kit.viewer.query.filters import (
    INT64_MAX,
    MICROSECOND,
    MILLISECOND,
    SECOND,
    BadParameterError,
    parse_duration,
    parse_epoch,
    parse_rfc3339,
    parse_words,
)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("1ns", 1),
        ("1.5s", 1_500_000_000),
        ("100ms", 100 * MILLISECOND),
        ("500us", 500 * MICROSECOND),
        ("500µs", 500 * MICROSECOND),
        ("500\u03bcs", 500 * MICROSECOND),
        ("1m30s", 90 * SECOND),
        ("2h", 7200 * SECOND),
        (".5s", SECOND // 2),
        ("1.s", SECOND),
        ("+1s", SECOND),
        ("9223372036854775807ns", INT64_MAX),
    ],
)
def test_a_duration_in_gos_notation(text: str, nanoseconds: int) -> None:
    assert parse_duration("d", text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "ms",
        "1 ms",
        "-1s",
        "1e3s",
        "1s1",
        "1d",
        "٣s",
        "1.1.1s",
        "400000000000s",
    ],
)
def test_a_text_that_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(BadParameterError, match=r"^d: "):
        parse_duration("d", text)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T02:00:00.5+02:00", SECOND // 2),
        ("1969-12-31T23:59:59.5Z", -SECOND // 2),
        ("0001-01-01T00:00:00Z", -INT64_MAX),
        ("9999-12-31T23:59:59Z", INT64_MAX),
    ],
)
def test_a_time_in_rfc_3339(text: str, nanoseconds: int) -> None:
    assert parse_rfc3339("t", text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    ["", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "1700000000",
     "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+25:00"],
)  # fmt: skip
def test_a_text_that_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(BadParameterError, match=r"^t: "):
        parse_rfc3339("t", text)


def test_unix_times_are_clamped_to_the_stores_range() -> None:
    assert parse_epoch("t", "1.5", unit=MICROSECOND) == 1500
    assert parse_epoch("t", "9" * 30, unit=MICROSECOND) == INT64_MAX


@pytest.mark.parametrize(
    ("text", "words", "attributes"),
    [
        ("", (), ()),
        ("  card   declined ", ("card", "declined"), ()),
        ('"card declined"', ("card declined",), ()),
        ("a=1 b", ("b",), (("a", "1"),)),
        ('plan="big team"', (), (("plan", "big team"),)),
        ('"a=1"', ("a=1",), ()),
        ("a=b=c", (), (("a", "b=c"),)),
        ("=x", ("=x",), ()),
        ("a=", (), (("a", ""),)),
        ('"never closed', ("never closed",), ()),
        ('""', (), ()),
        ("http://shop/orders?customer=5", ("http://shop/orders?customer=5",), ()),
        ("/orders?customer=5&page=2", ("/orders?customer=5&page=2",), ()),
        ("orders?customer=5", ("orders?customer=5",), ()),
        ("app.kubernetes.io/name=shop", (), (("app.kubernetes.io/name", "shop"),)),
        ("url=http://shop/?a=b", (), (("url", "http://shop/?a=b"),)),
        (r'note="say \"hi\""', (), (("note", 'say "hi"'),)),
        (r'"say \"hi\" now"', ('say "hi" now',), ()),
        (r'note="C:\\"', (), (("note", "C:\\"),)),
        (r"App\Jobs", (r"App\Jobs",), ()),
        (r'"App\Jobs now"', (r"App\Jobs now",), ()),
        ('"open\\', ("open\\",), ()),
        ('"two\nlines"', ("two\nlines",), ()),
    ],
)
def test_words_and_attributes_of_a_text(
    text: str, words: tuple[str, ...], attributes: tuple[tuple[str, str], ...]
) -> None:
    assert parse_words(text) == (words, attributes)


def test_a_hex_trace_id_is_never_taken_for_base64() -> None:
    assert parse_trace_id("a" * 22).hex == "0" * 10 + "a" * 22


NAMES = st.sampled_from(
    """service operation q attribute errors minDuration maxDuration start end limit tag
    tags traceID raw prettyPrint endTs lookback spanKind field prefix key startTime
    endTime rawTraces query.serviceName query.operationName query.startTimeMin
    query.startTimeMax query.attributes query.durationMin query.searchDepth
    query.rawTraces query.filter""".split()  # noqa: SIM905
)
VALUES = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"[0-9]{1,20}(\.[0-9]{1,3})?(ms|us|s|h)?", fullmatch=True),
    st.from_regex(r"[a-z.]{1,9}[=:][a-z0-9\"{}$?%\\]{0,9}", fullmatch=True),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2).map(
        json.dumps
    ),
    st.sampled_from(["1", "true", "error=true", "attribute-value", "shop"]),
)
PATHS = st.sampled_from(
    """/api/x/traces /api/x/suggest /api/services /api/operations /api/traces
    /api/dependencies /api/v3/services /api/v3/operations /api/v3/traces
    /api/v3/trace-summaries /api/v3/dependencies""".split()  # noqa: SIM905
)
TRACES = st.sampled_from(["/api/traces/", "/api/v3/traces/", "/api/x/traces/"])
generated = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(path=PATHS, query=st.lists(st.tuples(NAMES, VALUES), max_size=5))
@generated
def test_any_query_has_an_answer_or_a_reason(
    stocked: Client, path: str, query: list[tuple[str, str]]
) -> None:
    response = stocked.get(path, params=query)

    assert response.status_code in {200, 400, 404}
    if response.status_code == 404:
        assert response.json()["error"]["message"] == "No traces found"


@given(api=TRACES, text=st.text(min_size=1, max_size=40))
@generated
def test_any_trace_id_has_an_answer_or_a_reason(
    stocked: Client, api: str, text: str
) -> None:
    response = stocked.get(api + quote(text, safe=""))

    assert response.status_code in {200, 400, 404}
