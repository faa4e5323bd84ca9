"""A small shop: queues a receipt for each order, and sends its owner a digest."""

from flask import Flask, request
from flask_tracing import trace_flask
from opentelemetry import trace
from receipts import deliver_receipt
from traced import traced
from tracing_setup import start_tracing

start_tracing("shop")

app = Flask(__name__)
trace_flask(app)

waiting = []  # orders for the next digest


@app.post("/orders")
def place_order():
    """Take an order."""
    order = request.get_json()
    deliver_receipt.delay(order)
    waiting.append((order, trace.get_current_span().get_span_context()))
    return {"order": order["order"]}, 201


@app.post("/digests")
def send_digest():
    """Send the owner a digest of every order since the last digest."""
    orders, waiting[:] = waiting[:], []
    return {"text": write_digest(orders)}, 201


@traced
def write_digest(orders):
    """Write the text of a digest."""
    for _, context in orders:
        trace.get_current_span().add_link(context)
    total = sum(order["total"] for order, _ in orders)
    return f"{len(orders)} orders, {total / 100:.2f} EUR"
