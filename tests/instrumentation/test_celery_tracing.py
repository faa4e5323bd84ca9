"""trace_celery: both sides of the queue, with a real worker and an in-memory broker."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery, Task, chain, group, signals
from celery.contrib.testing.worker import start_worker
from celery.exceptions import Ignore, OperationalError, Reject
from celery.utils import uuid
from celery.worker.request import Request
from kombu.exceptions import OperationalError as BrokerError
from opentelemetry import context, propagate, trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

from instrumentation import celery_tracing, traced
from instrumentation.business import BusinessFields, set_fields
from instrumentation.celery_tracing import trace_celery
from instrumentation.testing import Spans
from tests.instrumentation.waiting import wait_until

BUSY, LEISURE, LATER = threading.Event(), threading.Event(), threading.Event()


class NotYetError(Exception): ...


class DeclinedError(Exception): ...


@pytest.fixture(scope="module")
def provider() -> TracerProvider:
    """One provider for the module, as its workers live as long."""
    return TracerProvider(shutdown_on_exit=False)


@pytest.fixture(autouse=True)
def tracer_of_traced(provider: TracerProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `traced.span()` use the provider of the module, too."""
    monkeypatch.setattr(traced, "_tracer", provider.get_tracer("test"))


def make_app(broker: str = "memory://") -> Celery:
    app = Celery("shop", broker=broker, backend="cache+memory://", set_as_current=False)
    app.conf.update(
        broker_connection_retry_on_startup=True,
        broker_transport_options={"polling_interval": 0.01, "max_retries": 0},
        task_default_queue=uuid(),  # memory:// is one for the whole process
    )

    @app.task(name="receipts.render", shared=False)
    def render(number: int) -> int:
        with traced.span("render"):
            return number

    @app.task(name="receipts.deliver", bind=True, default_retry_delay=0, shared=False)
    def deliver(self: Task[Any, Any], failures: int) -> None:
        if self.request.retries < failures:
            raise self.retry(exc=NotYetError("mailbox busy"), max_retries=3)

    @app.task(name="busy", shared=False)
    def busy() -> None:
        BUSY.set()
        LEISURE.wait()

    @app.task(name="charge", throws=(DeclinedError,), shared=False)
    def charge(outcome: str) -> None:
        errors = {"throws": DeclinedError, "ignore": Ignore, "reject": Reject}
        raise errors.get(outcome, ArithmeticError)(outcome)

    return app


@contextlib.contextmanager
def working(app: Celery) -> Iterator[None]:
    """Run a worker in a thread of this process."""
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
        yield


@pytest.fixture(scope="module")
def app(provider: TracerProvider) -> Iterator[Celery]:
    app = make_app()
    trace_celery(app, tracer_provider=provider)
    with working(app):
        yield app


@pytest.fixture(scope="module")
def linked(provider: TracerProvider) -> Iterator[Celery]:
    app = make_app()
    trace_celery(app, mode="link", tracer_provider=provider)
    with working(app):
        yield app


@pytest.fixture(scope="module")
def fields(provider: TracerProvider) -> Iterator[None]:
    before = propagate.get_global_textmap()
    provider.add_span_processor(BusinessFields(["shop.customer.id"]))
    yield
    propagate.set_global_textmap(before)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def processed(spans: Spans, task: str, times: int = 1) -> list[ReadableSpan]:
    """Wait for the attempts of a task, and return their spans."""
    name = f"process {task}"
    wait_until(lambda: len(spans.find(name)) >= times)
    return spans.find(name)


def test_publishing_and_processing_are_one_trace(app: Celery, spans: Spans) -> None:
    with traced.span("order"):
        app.tasks["receipts.render"].delay(1)
    processed(spans, "receipts.render")

    spans.assert_tree(
        """
        order
          PRODUCER send receipts.render
            CONSUMER process receipts.render
              render
        """
    )


def test_both_sides_carry_the_messaging_names(app: Celery, spans: Spans) -> None:
    result = app.tasks["receipts.render"].delay(1)
    [process] = processed(spans, "receipts.render")

    common = {
        "messaging.system": "celery",
        "messaging.destination.name": "receipts.render",
        "messaging.message.id": result.id,
    }
    assert attributes(spans.one("send receipts.render")) == common | {
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
    }
    assert attributes(process) | common | {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "kit.queue.name": app.conf.task_default_queue,
        "kit.task.attempt": 1,
        "kit.task.state": "SUCCESS",
        "code.file.path": "tests/instrumentation/test_celery_tracing.py",
        "code.function.name": f"{__name__}.make_app.<locals>.render",
    } == attributes(process)


@pytest.mark.parametrize(
    "publish",
    [
        lambda app: app.send_task("receipts.render", [1]),
        lambda app: app.tasks["receipts.render"].apply_async((1,), headers={"x": "y"}),
        lambda app: app.tasks["receipts.render"].s(1).apply_async(),
        lambda app: group(app.tasks["receipts.render"].s(1)).apply_async(),
        lambda app: chain(app.tasks["receipts.render"].s(1)).apply_async(),
    ],
    ids=["by name", "apply_async", "signature", "group", "chain"],
)
def test_every_way_to_publish_is_one_send_span(
    app: Celery, spans: Spans, publish: Callable[[Celery], object]
) -> None:
    publish(app)
    processed(spans, "receipts.render")

    spans.one("process receipts.render", parent="send receipts.render")


def test_the_next_of_a_chain_is_sent_below_the_one_before(
    app: Celery, spans: Spans
) -> None:
    render = app.tasks["receipts.render"]
    (render.s(1) | render.s()).apply_async()
    processed(spans, "receipts.render", times=2)

    spans.assert_tree(
        """
        send receipts.render
          process receipts.render
            render
            send receipts.render
              process receipts.render
                render
        """
    )


def test_time_in_the_queue_is_apart_from_a_requested_delay(
    app: Celery, spans: Spans
) -> None:
    app.tasks["receipts.render"].apply_async((1,), countdown=0.3)
    [process] = processed(spans, "receipts.render")

    assert 250 < attributes(process)["kit.queue.scheduled_delay_ms"] < 350
    assert attributes(process)["kit.queue.duration_ms"] < 2000


def test_a_task_that_waits_for_a_worker_has_waited_in_the_queue(
    app: Celery, spans: Spans
) -> None:
    app.tasks["busy"].delay()
    BUSY.wait()
    app.tasks["receipts.render"].delay(1)
    sent_at = time.time()
    LEISURE.set()
    [process] = processed(spans, "receipts.render")

    busy_until = (spans.one("process busy").end_time or 0) / 1e9
    assert attributes(process)["kit.queue.duration_ms"] >= (busy_until - sent_at) * 1000
    assert "kit.queue.scheduled_delay_ms" not in attributes(process)


def test_a_retry_is_a_state_and_not_an_error(app: Celery, spans: Spans) -> None:
    app.tasks["receipts.deliver"].delay(1)
    first, second = processed(spans, "receipts.deliver", times=2)

    assert attributes(first)["kit.task.state"] == "RETRY"
    assert "mailbox busy" in attributes(first)["kit.task.retry_reason"]
    assert (first.status.is_unset, first.events) == (True, ())
    assert attributes(second)["kit.task.attempt"] == 2
    assert attributes(second)["kit.task.state"] == "SUCCESS"
    spans.one("send receipts.deliver", parent="process receipts.deliver")


@pytest.mark.parametrize(
    ("outcome", "state", "is_error"),
    [
        ("crash", "FAILURE", True),
        ("throws", "FAILURE", False),
        ("ignore", "IGNORED", False),
        ("reject", "REJECTED", False),
    ],
)
def test_only_an_exception_that_the_task_does_not_announce_is_an_error(
    app: Celery, spans: Spans, outcome: str, state: str, *, is_error: bool
) -> None:
    app.tasks["charge"].delay(outcome)
    [process] = processed(spans, "charge")

    assert attributes(process)["kit.task.state"] == state
    assert (attributes(process).get("error.type") == "ArithmeticError") is is_error
    assert [event.name for event in process.events] == ["exception"] * is_error


def test_throws_may_be_one_class(provider: TracerProvider, spans: Spans) -> None:
    app = make_app()
    trace_celery(app, tracer_provider=provider)
    # Celery takes a class, too, which its types do not say.
    app.tasks["charge"].throws = DeclinedError  # type: ignore[assignment]
    before = context.get_current()
    app.tasks["charge"].apply(("throws",))

    process = spans.one("process charge")
    assert attributes(process)["kit.task.state"] == "FAILURE"
    assert (process.status.is_unset, process.events) == (True, ())
    assert context.get_current() is before


def test_a_span_ends_even_if_recording_the_outcome_fails(
    provider: TracerProvider, spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    trace_celery(app, tracer_provider=provider)
    before = context.get_current()
    with monkeypatch.context() as patched:
        patched.setattr(celery_tracing, "_record_error", None)
        app.tasks["charge"].apply(("crash",))

    assert [span.name for span in spans.find()] == ["process charge"]
    assert context.get_current() is before


def test_a_producer_may_be_a_positional_argument(app: Celery, spans: Spans) -> None:
    with app.producer_pool.acquire() as producer:
        app.send_task("receipts.render", [1], {}, None, None, None, producer)
    processed(spans, "receipts.render")

    spans.one("process receipts.render", parent="send receipts.render")


def test_a_failed_publish_is_an_error_and_leaves_the_context(
    provider: TracerProvider, spans: Spans
) -> None:
    app = make_app("redis://127.0.0.1:1")
    trace_celery(app, tracer_provider=provider)
    before = context.get_current()

    with pytest.raises((OperationalError, BrokerError)):
        app.send_task("receipts.render", retry=False)

    send = spans.one("send receipts.render")
    assert attributes(send)["error.type"] == "kombu.exceptions.OperationalError"
    assert [event.name for event in send.events] == ["exception"]
    assert context.get_current() is before


@pytest.mark.usefixtures("fields")
@pytest.mark.parametrize("mode", ["app", "linked"])
def test_fields_travel_through_the_queue_in_both_modes(
    mode: str, spans: Spans, request: pytest.FixtureRequest
) -> None:
    app: Celery = request.getfixturevalue(mode)
    with traced.span("order"):
        set_fields({"shop.customer.id": "c-17", "shop.internal": "stays"})
        app.tasks["receipts.render"].delay(1)
    [process] = processed(spans, "receipts.render")

    assert attributes(process)["shop.customer.id"] == "c-17"
    assert attributes(spans.one("render"))["shop.customer.id"] == "c-17"
    assert "shop.internal" not in attributes(process)


def test_in_link_mode_a_task_is_a_trace_with_a_link_to_its_sender(
    linked: Celery, spans: Spans
) -> None:
    with traced.span("order"):
        linked.tasks["receipts.deliver"].delay(1)
    first, second = processed(spans, "receipts.deliver", times=2)

    send = spans.find("send receipts.deliver")[0]
    assert first.parent is None
    assert [link.context.span_id for link in first.links] == [send.context.span_id]
    assert second.context.trace_id == first.context.trace_id  # its retry stays with it


def test_an_eager_task_is_below_its_caller(
    provider: TracerProvider, spans: Spans
) -> None:
    app = make_app()
    app.conf.task_always_eager = True
    trace_celery(app, mode="link", tracer_provider=provider)

    with traced.span("order"):
        app.tasks["receipts.render"].delay(1)

    spans.assert_tree("order\n  process receipts.render\n    render")


def test_a_postrun_handlers_attributes_are_on_the_tasks_own_span(
    provider: TracerProvider, spans: Spans
) -> None:
    app = make_app()
    trace_celery(app, tracer_provider=provider)

    @app.task(name="outer", shared=False)
    def outer() -> None:
        app.tasks["receipts.render"].apply((1,))

    def note(task: Task[Any, Any], **_: object) -> None:
        trace.get_current_span().set_attribute("shop.task", task.name)

    for _ in range(2):  # connected before the first task, and between two
        signals.task_postrun.connect(note)
        outer.apply()
        signals.task_postrun.disconnect(note)

    spans.assert_tree(
        2
        * """
        process outer
            shop.task = outer
          process receipts.render
              shop.task = receipts.render
            render
        """
    )


def test_an_eager_task_that_propagates_is_an_error(
    provider: TracerProvider, spans: Spans
) -> None:
    app = make_app()
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    trace_celery(app, tracer_provider=provider)
    before = context.get_current()

    with pytest.raises(ArithmeticError):
        app.tasks["charge"].delay("crash")

    assert attributes(spans.one("process charge"))["error.type"] == "ArithmeticError"
    assert context.get_current() is before


@pytest.mark.usefixtures("app")
def test_tasks_of_an_app_that_is_not_traced_have_no_spans(spans: Spans) -> None:
    untraced = make_app()
    untraced.tasks["receipts.render"].apply((1,))

    spans.assert_tree("render")


def test_a_childs_end_waits_for_a_dead_collector_only_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Hanging(TracerProvider):
        def force_flush(self, timeout_millis: int = 30000) -> bool:
            return LATER.wait(30)

    monkeypatch.setattr(celery_tracing, "_FLUSH_SECONDS", 0.1)
    trace_celery(make_app(), tracer_provider=Hanging(shutdown_on_exit=False))
    start = time.monotonic()
    signals.worker_process_shutdown.send(None)
    LATER.set()

    assert time.monotonic() - start < 5


class Base(Task):  # type: ignore[type-arg] # Celery 5.4 has no Task[...]
    """A base class that does not derive from the app's own."""


class OwnRequest(Request):
    """An application's own class in the place of Celery's."""


@pytest.mark.parametrize("when", ["before the worker", "with the worker running"])
@pytest.mark.parametrize("request_class", [Request, OwnRequest])
def test_with_any_request_class_the_death_of_a_process_is_a_span(
    provider: TracerProvider, spans: Spans, request_class: type[Request], when: str
) -> None:
    app = make_app()
    trace_celery(app, tracer_provider=provider)
    received: queue.SimpleQueue[Request] = queue.SimpleQueue()

    def note(request: Request, **_: object) -> None:
        received.put(request)

    def register() -> None:
        @app.task(name="import", base=Base, Request=request_class, shared=False)
        def run() -> None: ...

    if when == "before the worker":
        register()
    signals.task_received.connect(note)
    worker: Any
    with start_worker(
        app, pool="solo", perform_ping_check=False, loglevel="CRITICAL"
    ) as worker:
        if when != "before the worker":
            register()
        for _ in range(2):  # as after a broken connection
            worker.consumer.update_strategies()
        app.send_task("import")
        message = received.get(timeout=10)
        processed(spans, "import")
        message.on_timeout(soft=False, timeout=1.5)  # as a pool of processes does

    _, timed_out = spans.find("process import", parent="send import")
    error_type = attributes(timed_out)["error.type"]
    assert error_type == "billiard.exceptions.TimeLimitExceeded"
    assert isinstance(message, request_class)


def test_another_prefix_holds_for_every_attribute_of_its_own(
    provider: TracerProvider, spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_tracing, "PREFIX", "acme.")
    app = make_app()
    trace_celery(app, tracer_provider=provider)
    app.tasks["receipts.render"].apply((1,))

    names = set(attributes(spans.one("process receipts.render")))
    assert {"acme.task.attempt", "acme.task.state"} <= names
    assert not [name for name in names if name.startswith("kit.")]


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match='mode=\'links\': use "parent" or "link"'):
        trace_celery(make_app(), mode="links")  # type: ignore[arg-type]
