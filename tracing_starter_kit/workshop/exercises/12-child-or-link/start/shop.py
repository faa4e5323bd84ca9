"""A small shop: queues a receipt for each order, and sends its owner a digest."""

from flask import Flask, request
from flask_tracing import trace_flask
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
    waiting.append(order)
    return {"order": order["order"]}, 201


@app.post("/digests")
def send_digest():
    """Send the owner a digest of every order since the last digest."""
    orders, waiting[:] = waiting[:], []
    return {"text": write_digest(orders)}, 201


@traced
def write_digest(orders):
    """Write the text of a digest."""
    total = sum(order["total"] for order in orders)
    return f"{len(orders)} orders, {total / 100:.2f} EUR"
