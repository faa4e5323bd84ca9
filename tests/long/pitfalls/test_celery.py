"""Faults of contrib's instrumentation of Celery that `trace_celery` does not have."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery, Task, signals
from celery.contrib.testing.worker import start_worker
from celery.utils import uuid
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanKind

from instrumentation.celery_tracing import trace_celery
from instrumentation.testing import Spans
from tests.instrumentation.waiting import wait_until
from tests.long.pitfalls.conftest import Expect


@pytest.fixture
def app() -> Celery:
    app = Celery("shop", broker="memory://", set_as_current=False)
    app.conf.update(
        broker_connection_retry_on_startup=True,
        broker_transport_options={"polling_interval": 0.01},
        task_default_queue=uuid(),  # memory:// is one for the whole process
        task_ignore_result=True,
    )

    @app.task(name="deliver", bind=True, default_retry_delay=0, shared=False)
    def deliver(self: Task[Any, Any]) -> None:
        if not self.request.retries:
            raise self.retry(exc=LookupError("mailbox busy"))

    return app


@pytest.fixture
def linked(kind: str, app: Celery, provider: TracerProvider) -> Iterator[Celery]:
    if kind == "kit":
        trace_celery(app, mode="link", tracer_provider=provider)
        yield app
    else:
        stock = CeleryInstrumentor()
        stock.instrument(tracer_provider=provider, use_span_links=True)
        yield app
        stock.uninstrument()


def attempts(app: Celery, spans: Spans) -> list[ReadableSpan]:
    """Let a worker fail a task and retry it; return the span of each attempt."""

    def consumers() -> list[ReadableSpan]:
        return [span for span in spans.find() if span.kind is SpanKind.CONSUMER]

    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
        app.tasks["deliver"].delay()
        wait_until(lambda: len(consumers()) >= 2, timeout=60)
    return consumers()


def test_in_link_mode_each_retry_is_a_new_trace(
    linked: Celery, spans: Spans, expect: Expect
) -> None:
    traces = {span.context.trace_id for span in attempts(linked, spans)}

    expect(len(traces), stock=2, kit=1)


def test_the_name_of_the_worker_is_the_senders(
    linked: Celery, spans: Spans, kind: str, expect: Expect
) -> None:
    workers: list[str] = []
    receiver = signals.task_prerun.connect(
        lambda task, **_: workers.append(task.request.hostname), weak=False
    )
    span, _ = attempts(linked, spans)
    signals.task_prerun.disconnect(receiver)

    name = "celery.hostname" if kind == "stock" else "kit.worker.name"
    expect((span.attributes or {})[name] == workers[0], stock=False, kit=True)


def test_the_names_come_from_old_conventions(
    linked: Celery, spans: Spans, expect: Expect
) -> None:
    span, _ = attempts(linked, spans)
    names = {name for name in span.attributes or {} if name.startswith("messaging")}

    current = {"messaging.system", "messaging.destination.name"}
    expect("messaging.destination" in names, stock=True, kit=False)
    expect(names & current, stock=set(), kit=current)


def test_a_task_sent_by_name_has_a_span_that_ends_before_it_is_sent(
    linked: Celery, spans: Spans, expect: Expect
) -> None:
    publish_times: list[int] = []
    receiver = signals.after_task_publish.connect(
        lambda **_: publish_times.append(time.time_ns()), weak=False
    )
    linked.send_task("known.elsewhere")
    signals.after_task_publish.disconnect(receiver)

    [span] = spans.find()
    assert span.end_time is not None
    expect(span.end_time >= publish_times[0], stock=False, kit=True)
