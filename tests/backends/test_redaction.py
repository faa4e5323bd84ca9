"""No program behind the Collector stores a secret.

The tests search all bytes of the queue's files, of Jaeger's and the viewer's, of their
logs, and of all answers about the trace. They find ordinary values in the same way: the
search works.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from google.protobuf.message import Message

from benchmarks.pipeline import Collector, Jaeger, collector, jaeger
from tests.backends.canaries import ORDINARY, Canaries, attributes, logs, traces
from tests.backends.counting import PROTOBUF
from tests.system.demo import await_
from tests.viewer.program import Program, running
from tests.viewer.telemetry import new_span, new_trace_id
from tests.viewer.telemetry import traces as shop_traces

TRACE = uuid.uuid4()
FLUSH = {"connectors": {"span_metrics": {"metrics_flush_interval": "1s"}}}


@dataclass
class Way:
    """The canaries, and all files and answers after their way."""

    canaries: Canaries
    collector: Collector
    jaeger: Jaeger
    jaeger_files: bytes
    viewer_files: bytes
    answers: dict[str, bytes]


def send(way: Collector, canaries: Canaries) -> None:
    """Send a trace and its logs, which the Collector must acknowledge."""
    post(way, "/v1/traces", traces(canaries, TRACE.bytes))
    post(way, "/v1/logs", logs(canaries, TRACE.bytes))


def post(way: Collector, path: str, request: Message) -> None:
    body = request.SerializeToString()
    answer = requests.post(way.otlp + path, body, headers=PROTOBUF, timeout=20)
    assert answer.status_code == 200, answer.text


def answers(store: Jaeger, viewer: Program) -> dict[str, bytes]:
    """Return the answer of every address about the trace, once it has arrived."""
    trace, page = TRACE.hex, viewer.page
    by_trace = [
        f"{store.query}/api/v3/traces/{trace}",
        f"{store.query}/api/traces/{trace}",
        f"{page}/api/v3/traces/{trace}",
        f"{page}/api/traces/{trace}",
        f"{page}/api/x/traces/{trace}",
        f"{page}/api/x/traces",
    ]
    lists = [
        f"{store.query}/api/v3/operations?service=canary",
        f"{page}/api/v3/operations?service=canary",
        f"{page}/api/x/suggest?field=attribute-value&key=shop.comment",
    ]
    return {url: get(url) for url in by_trace + lists}


def get(url: str) -> bytes:
    """Return an answer, once it has a part of the trace."""
    answer: requests.Response = await_(
        lambda: requests.get(url, timeout=20),
        lambda answer: answer.ok and b"****" in answer.content,
        lambda answer: f"{url}: {answer.status_code} {answer.text[:500]}",
        within=60,
    )
    return answer.content


def log_records(viewer: Program) -> bytes:
    """Return the page's answer about the span, once it has its three log records."""
    url = f"{viewer.page}/api/x/traces/{TRACE.hex}/spans/{TRACE.bytes[:8].hex()}"
    answer: requests.Response = await_(
        lambda: requests.get(url, timeout=20),
        lambda answer: len(answer.json()["logs"]) == 3,
        lambda answer: f"not three log records: {answer.text[:500]}",
    )
    return answer.content


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """The canaries' way: all programs have ended, their files are on disk."""
    folder = tmp_path_factory.mktemp("redaction")
    canaries = Canaries(seed=TRACE.hex)
    with running(folder / "viewer") as viewer, jaeger(folder) as store:
        with collector(
            folder, jaeger=store.otlp, viewer=viewer.otlp, change=FLUSH
        ) as through:
            send(through, canaries)
            bodies = answers(store, viewer)
            bodies["logs"] = log_records(viewer)
            bodies["span metrics"] = await_(
                lambda: through.metrics("prometheus").encode(),
                lambda text: b"traces_span_metrics_calls_total" in text,
                lambda text: f"no span metrics: {text!r}",
            )
        # Programs compress some of their files at their end.
        badger, duckdb = content(store.data), content(folder / "viewer")
        viewer.process.terminate()
        viewer.process.wait(30)
    badger += content(store.data)
    duckdb += content(folder / "viewer")
    return Way(canaries, through, store, badger, duckdb, bodies)


def content(folder: Path) -> bytes:
    """Return the bytes of all files, except the gigabytes of zeros in Badger's."""
    return b"".join(
        chunk
        for file in folder.rglob("*")
        if file.is_file()
        for chunk in chunks(file)
        if chunk.strip(b"\0")
    )


def chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(1 << 20):
            yield chunk


def leaks(canaries: Canaries, content: bytes) -> list[str]:
    """Return the places whose secrets are in a content."""
    return [
        place
        for place, secret in canaries.secrets.items()
        if secret.encode() in content or secret.replace(" ", "").encode() in content
    ]


def absent(content: bytes) -> list[str]:
    """Return the ordinary values that are not in a content."""
    return [value for value in ORDINARY.values() if value.encode() not in content]


def test_no_answer_shows_a_secret(way: Way) -> None:
    shown = {url: leaks(way.canaries, body) for url, body in way.answers.items()}

    assert not any(shown.values()), shown


def test_jaegers_files_hold_no_secret(way: Way) -> None:
    assert leaks(way.canaries, way.jaeger_files) == []
    assert absent(way.jaeger_files) == []


def test_the_viewers_files_hold_no_secret(way: Way) -> None:
    assert leaks(way.canaries, way.viewer_files) == []
    assert absent(way.viewer_files) == []


def test_no_log_file_holds_a_secret(way: Way) -> None:
    for program in (way.collector, way.jaeger):
        assert leaks(way.canaries, program.log.read_bytes()) == []


def test_values_that_only_look_like_secrets_stay(way: Way) -> None:
    for url, body in way.answers.items():
        if f"/api/v3/traces/{TRACE.hex}" in url:
            assert absent(body) == [], url


def test_a_masked_text_is_still_readable(way: Way) -> None:
    body = next(b for u, b in way.answers.items() if "/api/v3/traces" in u).decode()

    assert "https://shop.example/r?****&page=2" in body
    assert "login with **** failed" in body
    assert "no customer **** known" in body


def test_the_queues_files_hold_no_secret(tmp_path: Path) -> None:
    canaries = Canaries(seed="queue")
    with collector(tmp_path) as alone:  # without backends
        send(alone, canaries)
    files = content(alone.queue)

    assert leaks(canaries, files) == []
    assert absent(files) == []


@pytest.mark.xfail(reason="no processor of the Collector reaches a link's attributes")
def test_the_attributes_of_links_hold_no_secret(tmp_path: Path) -> None:
    canaries = Canaries(seed="link")
    span = new_span()
    link = span.links.add(trace_id=new_trace_id(), span_id=b"01234567")
    link.attributes.extend(attributes(canaries, "link"))
    with collector(tmp_path) as alone:
        post(alone, "/v1/traces", shop_traces(span))

    assert leaks(canaries, content(alone.queue)) == []
