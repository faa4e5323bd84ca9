"""A small shop: takes orders of its customers, prices and stores them."""

import os

from business import BusinessFields
from client_tracing import trace_clients
from flask import Flask, request
from flask_tracing import trace_flask
from sqlalchemy import text
from store import open_store
from traced import traced
from tracing_setup import start_tracing

BUILD = os.environ.get("BUILD", "unknown")

start_tracing("shop", processors=[BusinessFields(allowed=[])])
trace_clients("sqlalchemy")

app = Flask(__name__)
trace_flask(app)
store = open_store()


@app.post("/orders")
def place_order():
    """Take an order of some seats of a plan."""
    customer = request.headers["X-Customer"]
    order = read_order(request.get_json())
    total = price_order(order)
    number = keep(order, total)
    return {"order": number, "total": total, "customer": customer}, 201


def read_order(form):
    """Return the order in the form that the shop uses."""
    return {
        "plan": str(form["plan"]),
        "quantity": int(form["quantity"]),
        "card": str(form["card"]),
        "email": str(form["email"]),
    }


@traced
def price_order(order):
    """Return the price of an order in cents: the more seats, the cheaper each."""
    with store.connect() as connection:
        seat = connection.execute(
            text("SELECT seat FROM prices WHERE plan = :plan"), {"plan": order["plan"]}
        ).scalar_one()
    total = 0
    for place in range(order["quantity"]):
        total += seat if place < 10 else seat * 9 // 10
    return total


def keep(order, total):
    """Store an order and return its number."""
    with store.begin() as connection:
        return connection.execute(
            text("INSERT INTO orders (plan, total) VALUES (:plan, :total)"),
            {"plan": order["plan"], "total": total},
        ).lastrowid
