"""trace_celery: both sides of the queue, with a real worker on an in-memory broker."""

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
from opentelemetry import context, propagate
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanKind

from instrumentation import celery_tracing, traced
from instrumentation.business import BusinessFields, set_fields
from instrumentation.celery_tracing import trace_celery
from tests.instrumentation.recorded import Recorded, is_child

BUSY, LEISURE, LATER = threading.Event(), threading.Event(), threading.Event()


class NotYetError(Exception): ...


class DeclinedError(Exception): ...


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture(scope="module")
def provider(recorded: Recorded) -> TracerProvider:
    """One provider for the module: its workers live as long."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(recorded)
    return provider


@pytest.fixture
def spans(
    recorded: Recorded, provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> Recorded:
    monkeypatch.setattr(traced, "_tracer", provider.get_tracer("test"))
    recorded.all.clear()
    return recorded


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


def processed(spans: Recorded, task: str, times: int = 1) -> list[ReadableSpan]:
    """Wait for the attempts of a task, and return their spans."""
    name = f"process {task}"
    spans.wait_until(lambda: len(spans.named(name)) >= times)
    return spans.named(name)


def test_publishing_and_processing_are_one_trace(app: Celery, spans: Recorded) -> None:
    with traced.span("order"):
        app.tasks["receipts.render"].delay(1)
    processed(spans, "receipts.render")

    sent, done = spans.one("send receipts.render"), spans.one("process receipts.render")
    assert spans.tree() == (
        "order\n  send receipts.render\n    process receipts.render\n      render"
    )
    assert (sent.kind, done.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)


def test_both_sides_carry_the_messaging_names(app: Celery, spans: Recorded) -> None:
    result = app.tasks["receipts.render"].delay(1)
    [done] = processed(spans, "receipts.render")

    common = {
        "messaging.system": "celery",
        "messaging.destination.name": "receipts.render",
        "messaging.message.id": result.id,
    }
    assert attributes(spans.one("send receipts.render")) == common | {
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
    }
    assert attributes(done) | common | {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "kit.queue.name": app.conf.task_default_queue,
        "kit.task.attempt": 1,
        "kit.task.state": "SUCCESS",
        "code.file.path": "tests/instrumentation/test_celery_tracing.py",
        "code.function.name": f"{__name__}.make_app.<locals>.render",
    } == attributes(done)


@pytest.mark.parametrize(
    "publish",
    [
        lambda app: app.send_task("receipts.render", [1]),
        lambda app: app.tasks["receipts.render"].apply_async([1], headers={"x": "y"}),
        lambda app: app.tasks["receipts.render"].s(1).apply_async(),
        lambda app: group(app.tasks["receipts.render"].s(1)).apply_async(),
        lambda app: chain(app.tasks["receipts.render"].s(1)).apply_async(),
    ],
    ids=["by name", "apply_async", "signature", "group", "chain"],
)
def test_every_way_to_publish_is_one_send_span(
    app: Celery, spans: Recorded, publish: Callable[[Celery], object]
) -> None:
    publish(app)
    [done] = processed(spans, "receipts.render")

    assert is_child(done, spans.one("send receipts.render"))


def test_the_next_of_a_chain_is_sent_below_the_one_before(
    app: Celery, spans: Recorded
) -> None:
    render = app.tasks["receipts.render"]
    (render.s(1) | render.s()).apply_async()
    first, second = processed(spans, "receipts.render", times=2)

    assert first.context.trace_id == second.context.trace_id
    assert spans.tree().count("\n") == 5


def test_time_in_the_queue_is_apart_from_a_delay_that_was_asked_for(
    app: Celery, spans: Recorded
) -> None:
    app.tasks["receipts.render"].apply_async([1], countdown=0.3)
    [done] = processed(spans, "receipts.render")

    assert 250 < attributes(done)["kit.queue.scheduled_delay_ms"] < 350
    assert attributes(done)["kit.queue.duration_ms"] < 2000


def test_a_task_that_waits_for_a_worker_has_waited_in_the_queue(
    app: Celery, spans: Recorded
) -> None:
    app.tasks["busy"].delay()
    BUSY.wait()
    app.tasks["receipts.render"].delay(1)
    sent = time.time()
    LEISURE.set()
    [done] = processed(spans, "receipts.render")

    waited = attributes(done)["kit.queue.duration_ms"]
    assert waited >= (spans.one("process busy").end_time / 1e9 - sent) * 1000
    assert "kit.queue.scheduled_delay_ms" not in attributes(done)


def test_a_retry_is_seen_and_is_no_error(app: Celery, spans: Recorded) -> None:
    app.tasks["receipts.deliver"].delay(1)
    first, second = processed(spans, "receipts.deliver", times=2)

    assert attributes(first)["kit.task.state"] == "RETRY"
    assert "mailbox busy" in attributes(first)["kit.task.retry_reason"]
    assert (first.status.is_unset, first.events) == (True, ())
    assert attributes(second)["kit.task.attempt"] == 2
    assert attributes(second)["kit.task.state"] == "SUCCESS"
    assert is_child(spans.named("send receipts.deliver")[1], first)


@pytest.mark.parametrize(
    ("outcome", "state", "is_error"),
    [
        ("crash", "FAILURE", True),
        ("throws", "FAILURE", False),
        ("ignore", "IGNORED", False),
        ("reject", "REJECTED", False),
    ],
)
def test_only_what_the_task_did_not_announce_is_an_error(
    app: Celery, spans: Recorded, outcome: str, state: str, *, is_error: bool
) -> None:
    app.tasks["charge"].delay(outcome)
    [done] = processed(spans, "charge")

    assert attributes(done)["kit.task.state"] == state
    assert (attributes(done).get("error.type") == "ArithmeticError") is is_error
    assert [event.name for event in done.events] == ["exception"] * is_error


def test_throws_may_be_one_class(provider: TracerProvider, spans: Recorded) -> None:
    app = make_app()
    trace_celery(app, tracer_provider=provider)
    app.tasks["charge"].throws = DeclinedError  # Celery takes it, too
    before = context.get_current()
    app.tasks["charge"].apply(["throws"])

    done = spans.one("process charge")
    assert attributes(done)["kit.task.state"] == "FAILURE"
    assert (done.status.is_unset, done.events) == (True, ())
    assert context.get_current() is before


def test_whatever_fails_while_a_task_ends_its_span_ends(
    provider: TracerProvider, spans: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    trace_celery(app, tracer_provider=provider)
    before = context.get_current()
    with monkeypatch.context() as patched:
        patched.setattr(celery_tracing, "_record_error", None)
        app.tasks["charge"].apply(["crash"])

    assert [span.name for span in spans.all] == ["process charge"]
    assert context.get_current() is before


def test_a_producer_may_be_given_by_its_place(app: Celery, spans: Recorded) -> None:
    given = "receipts.render", [1], {}, None, None, None
    with app.producer_pool.acquire() as producer:
        app.send_task(*given, producer)
    [done] = processed(spans, "receipts.render")

    assert is_child(done, spans.one("send receipts.render"))


def test_a_failed_publish_is_an_error_and_leaves_the_context(
    provider: TracerProvider, spans: Recorded
) -> None:
    app = make_app("redis://127.0.0.1:1")
    trace_celery(app, tracer_provider=provider)
    before = context.get_current()

    with pytest.raises((OperationalError, BrokerError)):
        app.send_task("receipts.render", retry=False)

    sent = spans.one("send receipts.render")
    assert attributes(sent)["error.type"] == "kombu.exceptions.OperationalError"
    assert [event.name for event in sent.events] == ["exception"]
    assert context.get_current() is before


@pytest.mark.usefixtures("fields")
@pytest.mark.parametrize("mode", ["app", "linked"])
def test_fields_travel_through_the_queue_in_both_modes(
    mode: str, spans: Recorded, request: pytest.FixtureRequest
) -> None:
    app: Celery = request.getfixturevalue(mode)
    with traced.span("order"):
        set_fields({"shop.customer.id": "c-17", "shop.internal": "stays"})
        app.tasks["receipts.render"].delay(1)
    [done] = processed(spans, "receipts.render")

    assert attributes(done)["shop.customer.id"] == "c-17"
    assert attributes(spans.one("render"))["shop.customer.id"] == "c-17"
    assert "shop.internal" not in attributes(done)


def test_in_link_mode_a_task_is_a_trace_with_a_link_to_its_sender(
    linked: Celery, spans: Recorded
) -> None:
    with traced.span("order"):
        linked.tasks["receipts.deliver"].delay(1)
    first, second = processed(spans, "receipts.deliver", times=2)

    sent = spans.named("send receipts.deliver")[0]
    assert first.parent is None
    assert [link.context.span_id for link in first.links] == [sent.context.span_id]
    assert second.context.trace_id == first.context.trace_id  # its retry stays with it


def test_an_eager_task_is_below_its_caller(
    provider: TracerProvider, spans: Recorded
) -> None:
    app = make_app()
    app.conf.task_always_eager = True
    trace_celery(app, mode="link", tracer_provider=provider)

    with traced.span("order"):
        app.tasks["receipts.render"].delay(1)

    assert spans.tree() == "order\n  process receipts.render\n    render"


def test_an_eager_task_that_propagates_is_an_error(
    provider: TracerProvider, spans: Recorded
) -> None:
    app = make_app()
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    trace_celery(app, tracer_provider=provider)
    before = context.get_current()

    with pytest.raises(ArithmeticError):
        app.tasks["charge"].delay("crash")

    assert attributes(spans.one("process charge"))["error.type"] == "ArithmeticError"
    assert context.get_current() is before


def test_tasks_of_an_app_that_is_not_traced_have_no_spans(
    app: Celery, spans: Recorded
) -> None:
    other = make_app()
    other.tasks["receipts.render"].apply([1])

    assert spans.tree() == "render"


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


class Base(Task):
    """A base class that is not made from the app's own."""


class OwnRequest(Request):
    """What an application may have put in the place of Celery's."""


@pytest.mark.parametrize("when", ["before the worker", "with the worker running"])
@pytest.mark.parametrize("request_class", [Request, OwnRequest])
def test_whatever_class_a_task_has_the_death_of_its_process_is_a_span(
    provider: TracerProvider, spans: Recorded, request_class: type[Request], when: str
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
    options = {"pool": "solo", "perform_ping_check": False, "loglevel": "CRITICAL"}
    with start_worker(app, **options) as worker:
        if when != "before the worker":
            register()
        for _ in range(2):  # as after a broken connection
            worker.consumer.update_strategies()
        app.send_task("import")
        message = received.get(timeout=10)
        processed(spans, "import")
        message.on_timeout(soft=False, timeout=1.5)  # as the pool of processes says it

    _done, died = spans.named("process import")
    assert attributes(died)["error.type"] == "billiard.exceptions.TimeLimitExceeded"
    assert is_child(died, spans.one("send import"))
    assert isinstance(message, request_class)


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match='mode=\'links\': use "parent" or "link"'):
        trace_celery(make_app(), mode="links")  # type: ignore[arg-type]
