"""A Celery app that is traced by KIND: "stock" packages, or the "kit"."""

import os

from celery import Celery
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from instrumentation.celery_tracing import trace_celery
from instrumentation.tracing_setup import start_tracing

app = Celery("tasks", broker=os.environ["BROKER_URL"])
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
if os.environ["KIND"] == "kit":
    start_tracing("tasks")
    trace_celery(app)
else:
    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    CeleryInstrumentor().instrument()


@app.task(name="work")
def work() -> None:
    """Be a span."""
