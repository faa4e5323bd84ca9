"""A small shop: takes orders, prices them, asks a carrier for the shipping costs."""

import os
import time

import requests
from client_tracing import trace_clients
from flask import Flask, request
from flask_tracing import trace_flask
from sqlalchemy import text
from store import open_store
from tracing_setup import start_tracing

CARRIER_URL = os.environ["CARRIER_URL"]

start_tracing("shop")
trace_clients("requests", "sqlalchemy")

app = Flask(__name__)
trace_flask(app)
store = open_store()


@app.post("/orders")
def place_order():
    """Take an order of some seats of a plan."""
    form = request.get_json()
    seat = look_up_price(form["plan"])
    total = apply_discounts(seat, int(form["quantity"]))
    shipping = ask_carrier(form["country"])
    number = keep(form["plan"], total + shipping)
    return {"order": number, "total": total + shipping}, 201


def look_up_price(plan):
    """Return the price of a seat in cents."""
    with store.connect() as connection:
        return connection.execute(
            text("SELECT seat FROM prices WHERE plan = :plan"), {"plan": plan}
        ).scalar_one()


def apply_discounts(seat, quantity):
    """Return the price of all seats: the more, the cheaper each."""
    total = 0
    for place in range(quantity):
        total += seat if place < 10 else seat * 9 // 10
        time.sleep(0.002)  # the rules are slow: there are many
    return total


def ask_carrier(country):
    """Return another company's price for shipping, in cents."""
    return requests.get(f"{CARRIER_URL}/costs/{country}", timeout=5).json()["cost"]


def keep(plan, total):
    """Store an order and return its number."""
    with store.begin() as connection:
        return connection.execute(
            text("INSERT INTO orders (plan, total) VALUES (:plan, :total)"),
            {"plan": plan, "total": total},
        ).lastrowid
