"""Billing, a service of ours behind the shop."""

from flask import Flask, request
from flask_tracing import trace_flask
from traced import traced
from tracing_setup import start_tracing

SEAT = 900  # cents

start_tracing("billing")

app = Flask(__name__)
trace_flask(app)


@app.post("/invoices")
def write_invoice():
    """Price an order."""
    return {"total": price_order(request.get_json()["seats"])}, 201


@traced
def price_order(seats):
    """Return the price of some seats in cents: the more, the cheaper each."""
    return sum(SEAT if place < 10 else SEAT * 9 // 10 for place in range(seats))
