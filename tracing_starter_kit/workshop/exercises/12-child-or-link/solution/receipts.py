"""The receipts, which a worker takes from the queue and writes."""

import os

from celery import Celery
from celery_tracing import trace_celery
from traced import traced

app = Celery("receipts", broker=os.environ["BROKER_URL"])
trace_celery(app)


@app.task
def deliver_receipt(order):
    """Send one customer the receipt of one order."""
    write_receipt(order)


@traced
def write_receipt(order):
    """Write the text of a receipt."""
    return f"Thank you for order {order['order']}: {order['total'] / 100:.2f} EUR"
