"""The receipts, which a worker takes from the queue and writes."""

import os

from celery import Celery
from celery_tracing import trace_celery
from traced import traced

app = Celery("receipts", broker=os.environ["BROKER_URL"])
trace_celery(app)


@app.task
def deliver_receipt(total):
    """Send a customer the receipt of an order."""
    write_receipt(total)


@traced
def write_receipt(total):
    """Write the text of a receipt."""
    return f"Thank you. You paid {total / 100:.2f} EUR."
