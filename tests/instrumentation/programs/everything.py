"""Makes a span of every kind that the helpers and their client libraries make."""

import contextlib
import sys

import requests
import sqlalchemy
from celery import Celery
from flask import Flask
from sqlalchemy import create_engine, text

from instrumentation.business import BusinessFields, set_fields
from instrumentation.celery_tracing import trace_celery
from instrumentation.client_tracing import trace_clients
from instrumentation.code_location import CodeLocation
from instrumentation.flags import FlagFields, record_flag
from instrumentation.flask_tracing import trace_flask
from instrumentation.redact import Redaction
from instrumentation.rescue import Rescue
from instrumentation.sampling import RuleSampler
from instrumentation.traced import span, traced
from instrumentation.tracing_setup import start_tracing

start_tracing(
    "everything",
    version="1.2",
    processors=[CodeLocation(), BusinessFields(["shop.customer.id"]), FlagFields()],
    wrap_exporter=Redaction().spans,
    # Nothing is sampled; the whole trace is rescued, because the order fails.
    sampler=RuleSampler(0, record_unsampled=True),
    wrap_batches=Rescue,
)
trace_clients("requests", "sqlalchemy")
trace_clients("requests", "sqlalchemy")
engine = create_engine(f"sqlite:///{sys.argv[1]}/orders.db")
with engine.begin() as connection:  # at start-up, below no span: no trace
    connection.execute(text("CREATE TABLE orders (number INTEGER)"))
with contextlib.suppress(requests.ConnectionError):
    requests.get("http://127.0.0.1:9/start-up", timeout=5)

app = Flask(__name__)
celery = Celery("everything", broker="memory://")
trace_flask(app)
trace_celery(celery)


@celery.task(name="receipt")
def receipt() -> None:
    """Do nothing, in the background."""


@traced
def write_order() -> None:
    """Insert a row, and fail at a second one."""
    with engine.begin() as connection:
        connection.execute(text("insert into orders values (1)"))
    with contextlib.suppress(sqlalchemy.exc.OperationalError), engine.begin() as bad:
        bad.execute(text("SELECT * FROM nowhere"))


@app.post("/orders")
def place_order() -> str:
    """Use every library once."""
    set_fields({"shop.customer.id": "c-17"})
    record_flag("new-checkout", variant="on", provider="own", error="general")
    write_order()
    with contextlib.suppress(requests.ConnectionError):
        requests.get("http://127.0.0.1:9/charge", timeout=5)
    receipt.delay()
    receipt.apply()
    with span("by hand"):
        pass
    raise LookupError("at the end")


app.test_client().post("/orders?x=1", headers={"User-Agent": "test"})
