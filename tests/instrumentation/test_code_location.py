"""CodeLocation: the nearest line of our own code."""

from __future__ import annotations

import contextlib
import inspect
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind

from instrumentation.code_location import CodeLocation
from instrumentation.testing import Spans
from instrumentation.traced import span
from tests.instrumentation.attributes import attributes
from tests.instrumentation.processes import ROOT

HERE = "tests/instrumentation/test_code_location.py"


@pytest.fixture
def tracer(provider: TracerProvider, spans: Spans) -> trace.Tracer:
    provider.add_span_processor(CodeLocation())
    return provider.get_tracer("test")


def test_a_span_of_the_plain_api_leads_to_the_line_that_made_it(
    tracer: trace.Tracer, spans: Spans
) -> None:
    with tracer.start_as_current_span("plain"):
        line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]

    name = "test_a_span_of_the_plain_api_leads_to_the_line_that_made_it"
    assert spans.one("plain").attributes == {
        "code.function.name": f"{__name__}.{name}",
        "code.file.path": HERE,
        "code.line.number": line,
    }


@pytest.mark.parametrize("kind", [SpanKind.SERVER, SpanKind.CONSUMER])
def test_a_span_of_a_request_or_message_has_no_calling_line(
    tracer: trace.Tracer, spans: Spans, kind: SpanKind
) -> None:
    tracer.start_span("request", kind=kind).end()

    assert spans.one("request").attributes == {}


def test_a_span_keeps_the_place_that_it_has(tracer: trace.Tracer, spans: Spans) -> None:
    with span("ours"):
        line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]
    tracer.start_span("named", attributes={"code.function.name": "x.y"}).end()

    assert attributes(spans.one("ours"))["code.line.number"] == line
    assert spans.one("named").attributes == {"code.function.name": "x.y"}


def test_code_outside_the_root_is_not_ours(
    provider: TracerProvider, spans: Spans, tmp_path: Path
) -> None:
    provider.add_span_processor(CodeLocation(tmp_path))
    provider.get_tracer("test").start_span("plain").end()

    assert spans.one("plain").attributes == {}


def test_the_standard_library_is_not_ours_even_below_the_root(
    provider: TracerProvider, spans: Spans
) -> None:
    provider.add_span_processor(CodeLocation(Path("/")))
    tracer = provider.get_tracer("test")
    with contextlib.ExitStack() as stack:
        stack.enter_context(tracer.start_as_current_span("on a stack"))
    with ThreadPoolExecutor() as pool:
        pool.submit(lambda: tracer.start_span("in a thread").end()).result()
        pool.submit(tracer.start_span, "without our code").result().end()

    own = Path(__file__).relative_to("/").as_posix()
    assert attributes(spans.one("on a stack"))["code.file.path"] == own
    assert attributes(spans.one("in a thread"))["code.file.path"] == own
    assert attributes(spans.one("without our code")) == {}


@pytest.mark.parametrize("root", [".", "tests/..", "tests"])
def test_a_root_may_be_relative_to_the_current_folder(
    provider: TracerProvider,
    spans: Spans,
    monkeypatch: pytest.MonkeyPatch,
    root: str,
) -> None:
    monkeypatch.chdir(ROOT)
    provider.add_span_processor(CodeLocation(Path(root)))
    monkeypatch.chdir("/")
    provider.get_tracer("test").start_span("plain").end()

    here = HERE.removeprefix("tests/") if root == "tests" else HERE
    assert attributes(spans.one("plain"))["code.file.path"] == here


def test_the_frames_of_a_library_are_skipped(
    provider: TracerProvider, spans: Spans, tmp_path: Path
) -> None:
    provider.add_span_processor(CodeLocation(tmp_path))
    library = tmp_path / "site-packages" / "library.py"
    source = "def call(f):\n    f()\n"
    ours = tmp_path / "shop" / "orders.py"
    names: dict[str, Any] = {"__name__": "shop.orders"}
    exec(compile(source, library, "exec"), names)
    code = "\ndef order(call, f):\n    call(f)\n"
    exec(compile(code, ours, "exec"), names)

    def start() -> None:
        provider.get_tracer("test").start_span("query", kind=SpanKind.CLIENT).end()

    names["order"](names["call"], start)

    assert spans.one("query").attributes == {
        "code.function.name": "shop.orders.order",
        "code.file.path": "shop/orders.py",
        "code.line.number": 3,
    }
