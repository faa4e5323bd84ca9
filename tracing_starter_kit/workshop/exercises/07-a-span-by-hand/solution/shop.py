"""A small shop: takes orders, prices and stores them."""

from client_tracing import trace_clients
from flask import Flask, request
from flask_tracing import trace_flask
from sqlalchemy import text
from store import open_store
from traced import traced
from tracing_setup import start_tracing

start_tracing("shop")
trace_clients("sqlalchemy")

app = Flask(__name__)
trace_flask(app)
store = open_store()


@app.post("/orders")
def place_order():
    """Take an order of some seats of a plan."""
    order = read_order(request.get_json())
    total = price_order(order)
    number = keep(order, total)
    return {"order": number, "total": total}, 201


def read_order(form):
    """Return the order in the form that the shop uses."""
    return {"plan": str(form["plan"]), "quantity": int(form["quantity"])}


@traced
def price_order(order):
    """Return the price of an order in cents: the more seats, the cheaper each."""
    with store.connect() as connection:
        seat = connection.execute(
            text("SELECT seat FROM prices WHERE plan = :plan"), order
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
