"""Follows instrumentation/README.md from top to bottom in one program.

Its argument is the start method of the pool's processes.
"""

import logging
import multiprocessing
import sys
from threading import Thread

from celery import Celery
from flask import Flask

from instrumentation.business import BusinessFields, set_fields
from instrumentation.celery_tracing import trace_celery
from instrumentation.client_tracing import trace_clients
from instrumentation.code_location import CodeLocation
from instrumentation.context import (
    ContextProcessPoolExecutor,
    ContextThreadPoolExecutor,
    carry,
    from_headers,
    inject_headers,
)
from instrumentation.errors import record_error
from instrumentation.flask_tracing import trace_flask
from instrumentation.log_export import send_logs
from instrumentation.traced import span, traced
from instrumentation.tracing_setup import flush, start_tracing

app = Flask(__name__)
celery = Celery("billing", broker="memory://")

start_tracing(
    "billing", processors=[CodeLocation(), BusinessFields(allowed=["shop.customer.id"])]
)
trace_clients("requests", "sqlalchemy")
trace_flask(app)
trace_celery(celery)
send_logs()


@traced
def price(number: int) -> int:
    """Be a span, and log a line."""
    logging.getLogger("billing").warning("priced %d", number)
    return number * 900


@celery.task(name="receipt")
def receipt() -> None:
    """Do nothing, in the background."""


@app.post("/orders")
def order() -> list[int]:
    """Price three orders in processes, one in a thread of a pool, one in a thread."""
    set_fields({"shop.customer.id": "c-17"})
    with ContextProcessPoolExecutor(
        2, initializer=start_tracing, initargs=("billing",)
    ) as processes:
        prices = list(processes.map(price, range(3)))
    with ContextThreadPoolExecutor(8) as threads:
        threads.submit(price, 3).result()
    thread = Thread(target=carry(price), args=(4,))
    thread.start()
    thread.join()
    with from_headers(inject_headers()), span("message"):
        receipt.delay()
    try:
        raise TimeoutError("no answer")
    except TimeoutError as error:
        record_error(error)
    return prices


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    print(app.test_client().post("/orders").json, flush())
