"""Searches: one span must match all filters, and the newest trace comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.types import ASGIApp

from tests.viewer_api.conftest import Client, Send, Site, app_with
from tests.viewer_api.telemetry import (
    CLIENT,
    ERROR,
    OK,
    T0,
    UNSET,
    batch,
    event,
    link,
    span,
    trace_hex,
)

Find = Callable[..., list[int]]


def rich_span() -> Span:
    return span(
        "POST /orders",
        kind=CLIENT,
        status=ERROR,
        message="Card DECLINED",
        ms=20,
        attributes={
            "shop.plan": "big team",
            "n": 42,
            "real": 1.5,
            "tiny": 1e-7,
            "flag": True,
            "list": ["a", "b"],
            "shared": "span",
        },
        events=[event("exception", type="CardError")],
        links=[link(9, 9, why="retry")],
    )


@pytest.fixture(scope="module")
def two_traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    plain = span("plain", trace=2, ms=1, status=OK)
    rich = batch(
        rich_span(),
        resource={"host.name": "web-1", "shared": "resource"},
        scope="lib",
        scope_version="1.2",
        scope_attributes={"scope.key": "scope value"},
    )
    with app_with(tmp_path_factory.mktemp("two"), rich, batch(plain)) as app:
        yield app


@pytest.fixture
def find(site: Site, session: requests.Session, two_traces: ASGIApp) -> Find:
    """Return a search: the numbers of the traces that match, newest first."""
    site.app = two_traces

    def find(**query: object) -> list[int]:
        answer = Client(site.address, session).json("/api/x/traces", params=query)
        return [int(trace["traceId"], 16) for trace in answer["traces"]]

    return find


def test_without_filters_all_are_find(find: Find) -> None:
    assert sorted(find()) == [1, 2]


@pytest.mark.parametrize(
    "attribute",
    [
        "shop.plan=big team",
        "n=42",
        "real=1.5",
        "tiny=1e-7",
        "flag=true",
        'list=["a","b"]',
        "host.name=web-1",
        "resource.host.name=web-1",
        "shared=span",
        "shared=resource",
        "resource.shared=resource",
        "scope.key=scope value",
        "type=CardError",
        "why=retry",
        "error=true",
        "error=1",
        "span.status=error",
        "span.kind=client",
        "span.kind=CLIENT",
        "scope.name=lib",
        "scope.version=1.2",
    ],
)
def test_an_attribute_is_found_wherever_it_is(find: Find, attribute: str) -> None:
    assert find(attribute=attribute) == [1]


@pytest.mark.parametrize(
    "attribute",
    [
        "n=4",
        "n=42.0",
        "flag=True",
        "missing=",
        "resource.shared=span",
        "resource.app.plan=big team",
        "span.kind=server",
        "scope.name=li",
        "error=perhaps",
    ],
)
def test_an_attribute_must_be_equal(find: Find, attribute: str) -> None:
    assert find(attribute=attribute) == []


@pytest.mark.parametrize("attribute", ["error=false", "span.status=OK"])
def test_a_span_without_an_error(find: Find, attribute: str) -> None:
    assert find(attribute=attribute) == [2]


def test_error_false_finds_spans_without_a_status(client: Client, send: Send) -> None:
    send(batch(span(status=UNSET)))

    answer = client.json("/api/x/traces", params={"attribute": "error=false"})

    assert len(answer["traces"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        "orders",
        "POST orders",
        "declined",
        '"card declined"',
        "BIG",
        "shop declined",
        "web-1",
        "CardError",
        "exception",
        'shop.plan="big team" n=42',
        "n=42 declined",
        trace_hex(1),
    ],
)
def test_words_are_found_in_names_and_values(find: Find, words: str) -> None:
    assert find(q=words) == [1]


@pytest.mark.parametrize("words", ["nonsense", "declined nonsense", "n=42 plain"])
def test_all_words_must_be_find(find: Find, words: str) -> None:
    assert find(q=words) == []


def test_a_quotation_is_not_an_attribute(find: Find) -> None:
    assert find(q='"n=42"') == []


@pytest.mark.parametrize(
    ("query", "traces"),
    [
        ({"minDuration": "20ms"}, [1]),
        ({"minDuration": "20.000001ms"}, []),
        ({"maxDuration": "1ms"}, [2]),
        ({"minDuration": "1ms", "maxDuration": "19ms"}, [2]),
        ({"errors": "1"}, [1]),
        ({"service": "shop", "operation": "plain"}, [2]),
        ({"service": "other"}, []),
        ({"start": T0 / 1000 + 1}, []),
        ({"end": T0 / 1000}, []),
    ],
)
def test_bounds(find: Find, query: dict[str, str], traces: list[int]) -> None:
    assert find(**query) == traces


def test_all_must_hold_on_the_same_span(client: Client, send: Send) -> None:
    send(
        batch(
            span(number=1, attributes={"a": "1"}), span(number=2, attributes={"b": "2"})
        )
    )

    def count(*attributes: str) -> int:
        answer = client.json("/api/x/traces", params={"attribute": attributes})
        return len(answer["traces"])

    assert (count("a=1"), count("b=2"), count("a=1", "b=2")) == (1, 1, 0)


def test_the_whole_trace_is_summarized_when_one_span_matches(stocked: Client) -> None:
    (trace,) = stocked.json("/api/x/traces?service=payments")["traces"]

    assert (trace["rootService"], trace["spanCount"]) == ("gateway", 5)


def test_the_newest_traces_come_newest_first(client: Client, send: Send) -> None:
    minutes = [3, 1, 4000, 0, 90, 500_000]
    for number, age in enumerate(minutes, 1):
        send(batch(span(trace=number, at_ms=-60_000 * age)))

    answer = client.json("/api/x/traces?limit=4")

    assert [int(t["traceId"], 16) for t in answer["traces"]] == [4, 2, 1, 5]


def test_a_long_trace_does_not_hide_the_others(client: Client, send: Send) -> None:
    """Its many spans are the newest, and still it counts as one."""
    many = [span(trace=1, number=n, at_ms=n) for n in range(1, 3000)]
    send(batch(*many), batch(*(span(trace=n, at_ms=-n) for n in range(2, 12))))

    answer = client.json("/api/x/traces?limit=10")

    assert len(answer["traces"]) == 10


def test_a_span_that_came_twice_counts_once(client: Client, send: Send) -> None:
    send(batch(span()), batch(span()))
    send(batch(span()))

    (trace,) = client.json("/api/x/traces")["traces"]

    assert trace["spanCount"] == 1


@pytest.mark.parametrize("api", ["/api/traces", "/api/v3/traces"])
def test_both_of_jaegers_searches_give_the_newest_trace_first(
    client: Client, send: Send, api: str
) -> None:
    send(*(batch(span(trace=n, at_ms=n), span(trace=n, number=2)) for n in (1, 3, 2)))
    times = {"query.startTimeMin": "2020-01-01T00:00:00Z"}
    times |= {"query.startTimeMax": "2100-01-01T00:00:00Z"}

    text = client.get(api, params={"service": "shop"} | times).text

    places = [text.index(f'{number:016x}"') for number in (3, 2, 1)]
    assert places == sorted(places)


def test_an_id_in_the_form_of_a_trace_id_is_found_as_text_too(
    client: Client, send: Send
) -> None:
    """The gateway's X-Request-Id has it."""
    request_id = "5f" * 16
    send(
        batch(span(trace=1, attributes={"shop.request.id": request_id}), span(trace=2))
    )

    for word in (request_id, request_id.upper(), f"shop.request.id={request_id}"):
        answer = client.json("/api/x/traces", params={"q": word})
        assert [trace["traceId"] for trace in answer["traces"]] == [trace_hex(1)]


def test_older_pages_together_are_all_traces(client: Client, send: Send) -> None:
    """Even when a newest span is late and some traces began at the same time."""
    late = span("late", trace=1, number=2, at_ms=900)
    others = [span(trace=n, at_ms=n // 2) for n in range(2, 10)]
    send(batch(span(trace=1), late, *others))
    trace_ids: set[str] = set()
    end: dict[str, int] | None = {}

    while end is not None:
        page = client.json("/api/x/traces", params={"limit": 4} | end)
        trace_ids |= {trace["traceId"] for trace in page["traces"]}
        end = {"end": page["olderUs"]} if page["olderUs"] else None

    assert trace_ids == {trace_hex(n) for n in range(1, 10)}


@pytest.mark.parametrize(
    "value",
    [
        "#value#",
        "&value&",
        "http://shop/customer?customer=567",
        "100%",
        "a_b",
        r"App\Jobs",
        'say "hi"',
        "two\nlines",
    ],
)
def test_a_pasted_value_is_found_in_every_search(
    client: Client, send: Send, value: str
) -> None:
    send(batch(span(trace=1, attributes={"note": value})))
    send(batch(span(trace=2, attributes={"note": "axb 100 App-Jobs"})))
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')

    for q in (value, f'"{escaped}"', f'note="{escaped}"'):
        traces = client.json("/api/x/traces", params={"q": q})["traces"]
        assert [trace["traceId"] for trace in traces] == [trace_hex(1)]
    tag = {"service": "shop", "tag": f"note:{value}"}
    assert len(client.json("/api/traces", params=tag)["data"]) == 1
