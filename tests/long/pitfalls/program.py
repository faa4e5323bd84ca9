"""One pitfall, as it is with the stock packages or with the kit's helpers.

Arguments: the pitfall, and "stock" or "kit". Prints the values that the test checks.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator

from celery import Celery
from flask import Flask, Response
from opentelemetry import baggage, context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from instrumentation import celery_tracing, flask_tracing, tracing_setup

pitfall, kind = sys.argv[1:]
is_stock = kind == "stock"
if is_stock:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
else:
    provider = tracing_setup.start_tracing("kit")
tracer = trace.get_tracer("pitfall")


def work() -> None:
    """Be a span."""
    with tracer.start_as_current_span("work"):
        pass


def celery_app(broker: str) -> Celery:
    app = Celery("shop", broker=broker, set_as_current=False)
    app.conf.broker_transport_options = {"max_retries": 0}
    if is_stock:
        CeleryInstrumentor().instrument()
    else:
        celery_tracing.trace_celery(app)
    return app


def forked_child() -> None:
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()


def instance_id() -> None:
    child = os.fork()
    if child == 0:
        print(provider.resource.attributes["service.instance.id"], flush=True)
        os._exit(0)
    os.waitpid(child, 0)


def slow_exit() -> None:
    work()
    start = time.monotonic()
    provider.shutdown()
    print(time.monotonic() - start)


def flush() -> None:
    work()
    print(provider.force_flush(1000))


def failed_publish() -> None:
    app = celery_app("redis://127.0.0.1:1")
    task = app.task(name="lost")(work)
    before = trace.get_current_span()
    try:
        task.apply_async(retry=False)
    except Exception as error:  # noqa: BLE001 - any error of the broker's library
        print(type(error).__name__)
    print(trace.get_current_span() is before)


def expected_error() -> None:
    app = celery_app("memory://")

    @app.task(name="charge", throws=(LookupError,))
    def charge() -> None:
        raise LookupError

    charge.apply()


def streaming() -> None:
    app = Flask("stream")

    @app.get("/")
    def stream() -> Response:
        def body() -> Iterator[str]:
            work()
            time.sleep(0.2)
            yield "end"

        return Response(body())

    if is_stock:
        FlaskInstrumentor().instrument_app(app)
    else:
        flask_tracing.trace_flask(app)
    app.test_client().get("/").get_data()


def second_setup() -> None:
    try:
        if is_stock:
            trace.set_tracer_provider(TracerProvider())
        else:
            tracing_setup.start_tracing("other")
    except RuntimeError as error:
        print(error)


def link_mode() -> None:
    app = Celery("shop", broker="memory://", backend="cache+memory://")
    if is_stock:
        CeleryInstrumentor().instrument(use_span_links=True)
    else:
        celery_tracing.trace_celery(app, mode="link")

    @app.task(name="bill")
    def bill() -> None:
        print(baggage.get_baggage("customer"))

    from celery.contrib.testing.worker import start_worker

    with start_worker(app, pool="solo", perform_ping_check=False):
        context.attach(baggage.set_baggage("customer", "c-17"))
        bill.delay().get(timeout=20)


vars()[pitfall]()
