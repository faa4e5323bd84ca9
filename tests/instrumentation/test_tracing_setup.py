"""start_tracing: how it describes the process, delivers its spans, and ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry import context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk import _configuration
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanContext, StatusCode
from opentelemetry.util.types import Attributes

from instrumentation import span_delivery
from instrumentation.span_delivery import SpanDelivery, _RetryingSession
from instrumentation.tracing_setup import _provider_options
from tests.instrumentation.processes import (
    PROGRAMS,
    REFUSED,
    ROOT,
    environment,
    python,
    run,
    seconds_from_ending_to_end,
)
from tests.instrumentation.receiver import Mood, Receiver


def head() -> str:
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.check_output(command, cwd=ROOT, text=True).strip()


def resource(receiver: Receiver, **variables: str) -> dict[str, str]:
    run("script", "1", endpoint=receiver.endpoint, **variables)
    [attributes] = receiver.resources
    return attributes


def test_the_resource_describes_the_process(receiver: Receiver) -> None:
    before = head()
    attributes = resource(receiver)

    assert attributes["service.name"] == "script"
    assert attributes["service.version"] == "1.2"
    assert attributes["deployment.environment.name"] == "development"
    assert attributes["vcs.ref.head.revision"] in {before, head()}  # a commit may come


def test_the_environment_names_revision_and_deployment(receiver: Receiver) -> None:
    variable = "deployment.environment.name=staging,k8s.pod.name=pod-7"
    attributes = resource(
        receiver, GITHUB_SHA="5ca1ab1e", OTEL_RESOURCE_ATTRIBUTES=variable
    )

    assert attributes["vcs.ref.head.revision"] == "5ca1ab1e"
    assert attributes["deployment.environment.name"] == "staging"
    assert attributes["k8s.pod.name"] == "pod-7"


def test_otel_service_name_wins(receiver: Receiver) -> None:
    assert resource(receiver, OTEL_SERVICE_NAME="canary")["service.name"] == "canary"


@pytest.mark.parametrize(
    "variable",
    [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}],
)
def test_tracing_can_be_switched_off(
    receiver: Receiver, variable: dict[str, str]
) -> None:
    assert "flush True" in run("script", "3", "flush", endpoint=REFUSED, **variable)


def test_spans_can_go_to_the_console() -> None:
    output = run("script", "1", endpoint=REFUSED, OTEL_TRACES_EXPORTER="console")

    assert '"name": "work 0"' in output


def test_an_unknown_exporter_is_named() -> None:
    with pytest.raises(AssertionError, match="OTEL_TRACES_EXPORTER=zipkin: no package"):
        run("script", "1", endpoint=REFUSED, OTEL_TRACES_EXPORTER="zipkin")


def test_a_second_identical_call_returns_the_first_provider(receiver: Receiver) -> None:
    assert "ending True" in run("script", "1", endpoint=receiver.endpoint)


def test_a_second_call_with_other_arguments_is_refused() -> None:
    output = python(f"{START}start_tracing('shop');start_tracing('till')")

    assert "start_tracing('till') after start_tracing('shop') with other arg" in output


START = "from instrumentation.tracing_setup import start_tracing;"


def test_a_second_provider_is_refused() -> None:
    output = python(
        "from opentelemetry import trace; from opentelemetry.sdk.trace import *;"
        f"trace.set_tracer_provider(TracerProvider());{START}start_tracing('shop')"
    )

    assert "RuntimeError: A tracer provider is set already: keep start_" in output


def test_opentelemetry_instrument_beside_it_is_refused() -> None:
    command = Path(sys.executable).with_name("opentelemetry-instrument")
    more = {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    process = subprocess.run(
        [command, sys.executable, "-m", f"{PROGRAMS}.script", "1"],
        cwd=ROOT,
        env=environment(REFUSED, OTEL_TRACES_EXPORTER="console", **more),
        capture_output=True,
        text=True,
    )

    assert "started with opentelemetry-instrument" in process.stderr
    assert "keep start_tracing() and start without that command" in process.stderr


def test_flush_returns_true_once_all_is_delivered(receiver: Receiver) -> None:
    output = run("script", "1500", "flush", endpoint=receiver.endpoint)

    assert "flush True" in output
    assert len(receiver.spans) == 1500


@pytest.mark.parametrize("mood", ["hangs", "unavailable"])
@pytest.mark.parametrize("how", ["flush", "shutdown"])
def test_flush_and_shutdown_return_false_in_time_when_nothing_is_delivered(
    receiver: Receiver, mood: Mood, how: str
) -> None:
    receiver.mood = mood
    output = run("script", "10", how, endpoint=receiver.endpoint)

    assert f"{how} False" in output
    assert float(output.partition("took ")[2].split()[0]) < 2


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7), ("3600", 60), ("9" * 5000, 60), ("0", 0.5), ("soon", 0.5), ("", 0.5)],
)
def test_a_collector_that_asks_for_patience_gets_a_minute_at_most(
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    retry_after: str,
    seconds: float,
) -> None:
    session, waits = _RetryingSession(), list[float]()

    def note_and_recover(until: float) -> None:
        waits.append(until - time.monotonic())
        receiver.mood = "accepts"

    monkeypatch.setattr(session, "_sleep", note_and_recover)
    receiver.mood, receiver.patience = "unavailable", retry_after
    response = session.request("POST", receiver.endpoint, data=b"")

    assert response.status_code == 200
    assert waits == [pytest.approx(seconds, abs=0.45)]


@pytest.mark.parametrize("collector", ["refused", "hangs", "unavailable", "patience"])
def test_a_process_ends_in_time_whatever_the_collector_does(
    receiver: Receiver, collector: str
) -> None:
    endpoint = REFUSED if collector == "refused" else receiver.endpoint
    receiver.mood = "hangs" if collector == "hangs" else "unavailable"
    receiver.patience = "60" if collector == "patience" else ""

    wait, remainder, output = wait_at_the_end(endpoint)
    if wait > 2.2:  # a busy machine can only make it later
        wait, remainder, output = wait_at_the_end(endpoint)

    assert wait <= 2.2  # with the SDK's own end: up to 30
    assert remainder < 2  # only the interpreter's own end comes after
    assert output.count("LOGGED") <= 1, output


def wait_at_the_end(endpoint: str) -> tuple[float, float, str]:
    """Return the seconds that tracing waits, those that follow, and the output."""
    seconds, output = seconds_from_ending_to_end("5000", endpoint=endpoint)
    wait = float(output.partition("waited ")[2].split()[0])
    return wait, seconds - wait, output


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_child_that_is_forked_while_the_sending_thread_starts_delivers() -> None:
    exporter = InMemorySpanExporter()
    delivery = SpanDelivery(exporter, exit_timeout=1)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(delivery)
    with delivery._starting:  # as another thread holds it then
        child = os.fork()
        if child == 0:
            provider.get_tracer("test").start_span("in the child").end()
            is_complete = delivery.force_flush(5000)
            os._exit(0 if is_complete and exporter.get_finished_spans() else 1)
    _, status = os.waitpid(child, 0)

    assert status == 0


def test_a_process_with_a_collector_ends_at_once_and_loses_nothing(
    receiver: Receiver,
) -> None:
    seconds, _ = seconds_from_ending_to_end("700", endpoint=receiver.endpoint)

    assert len(receiver.spans) == 700
    assert seconds < 2


@pytest.mark.parametrize("folder", ["", "shop/tracing"])
def test_its_two_files_work_in_a_package_and_in_a_plain_folder(
    tmp_path: Path, folder: str
) -> None:
    target = tmp_path / folder
    target.mkdir(parents=True, exist_ok=True)
    for name in ("tracing_setup.py", "span_delivery.py"):
        shutil.copy(ROOT / "instrumentation" / name, target)
    module = f"{folder}/tracing_setup".strip("/").replace("/", ".")
    code = f"import {module} as t; print(t.start_tracing('shop'), t.flush())"

    assert "True" in subprocess.check_output(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(REFUSED, PYTHONPATH="", OTEL_TRACES_EXPORTER="none"),
        text=True,
    )


def test_without_the_sdks_private_functions_it_reads_the_sampler_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(_configuration, "_import_sampler")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    by_variable = _provider_options(ALWAYS_ON)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "")
    monkeypatch.setenv("OTEL_PYTHON_ID_GENERATOR", "random")

    assert by_variable == {"sampler": None}
    assert _provider_options(ALWAYS_ON) == {"sampler": ALWAYS_ON}


def test_without_the_private_key_the_sending_thread_sets_the_plain_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(context, "_SUPPRESS_INSTRUMENTATION_KEY")
    before = context.attach(context.get_current())
    span_delivery._make_no_spans_in_this_thread()
    is_suppressed = context.get_value("suppress_instrumentation")
    context.detach(before)

    assert is_suppressed is True


def test_lost_spans_are_reported_by_one_flush_and_no_later_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(span_delivery, "_session", _RetryingSession())
    exporter = FailingOnce()
    provider = TracerProvider(shutdown_on_exit=False)
    delivery = SpanDelivery(exporter, exit_timeout=1)
    provider.add_span_processor(delivery)
    answers = []
    for _ in range(2):
        provider.get_tracer("test").start_span("order").end()
        answers.append(delivery.force_flush(5000))
    delivery.shutdown()

    assert answers == [False, True]


class FailingOnce(InMemorySpanExporter):
    has_failed = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.has_failed:
            return super().export(spans)
        self.has_failed = True
        raise OSError("no route to the collector")


SURROGATE = "caf\udce9"


@pytest.mark.parametrize("place", ["name", "status", "attribute", "event", "link"])
def test_a_value_that_otlp_cannot_hold_arrives_as_text_with_all_others(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """A lone surrogate, as in a file name that is not UTF-8, and a large integer."""
    texts = ["é", SURROGATE]
    fields: Attributes = {
        "n": 2**80,
        "texts": texts,
        "file": SURROGATE,
        SURROGATE: True,
    }
    exporter = OTLPSpanExporter(f"{receiver.endpoint}/v1/traces")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(delivery := SpanDelivery(exporter, exit_timeout=1))
    tracer = provider.get_tracer("test")
    tracer.start_span("before").end()
    links = [Link(SpanContext(1, 2, is_remote=True), fields)] if place == "link" else []
    span = tracer.start_span(SURROGATE if place == "name" else "order", links=links)
    if place == "status":
        span.set_status(StatusCode.ERROR, SURROGATE)
    elif place == "attribute":
        span.set_attributes({**(fields or {}), "huge": 16**5000})
    elif place == "event":
        span.add_event(SURROGATE, fields)
    span.end()

    assert delivery.force_flush(5000)
    [_, arrived] = receiver.spans
    assert (arrived.name == "caf?") is (place == "name")
    holders: list[Span | Span.Event | Span.Link] = [arrived]
    holders += [*arrived.events, *arrived.links]
    attributes = {a.key: a.value for each in holders for a in each.attributes}
    if place in ("attribute", "event", "link"):
        texts = [each.string_value for each in attributes["texts"].array_value.values]
        assert attributes["n"].string_value == str(2**80)
        assert (texts, attributes["file"].string_value) == (["é", "caf?"], "caf?")
        assert attributes["caf?"].bool_value is True
    assert caplog.records == []
    delivery.shutdown()


@pytest.mark.parametrize(
    ("second", "is_accepted"),
    [
        ("'shop'", True),
        ("'shop', version='1'", True),
        ("'shop', version='2'", False),
        ("'shop', environment='test'", False),
        ("'shop', processors=[CodeLocation()]", False),
        ("'stock'", False),
    ],
)
def test_a_second_call_may_leave_arguments_out_but_not_change_them(
    second: str, *, is_accepted: bool
) -> None:
    output = python(
        "from instrumentation.tracing_setup import start_tracing as start\n"
        "from instrumentation.code_location import CodeLocation\n"
        f"print(start('shop', version='1') is start({second}))"
    )

    assert ("True" in output) is is_accepted
    assert ("RuntimeError: start_tracing(" in output) is not is_accepted
