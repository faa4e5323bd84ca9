"""A small shop: asks three carriers for a parcel's price, all at the same time."""

import os
from threading import Thread

import requests
from client_tracing import trace_clients
from context import ContextThreadPoolExecutor, carry
from flask import Flask, request
from flask_tracing import trace_flask
from opentelemetry import trace
from traced import traced
from tracing_setup import start_tracing

CARRIERS_URL = os.environ["CARRIERS_URL"]
CARRIERS = ("harbour", "north", "swift")

start_tracing("shop")
trace_clients("requests")

app = Flask(__name__)
trace_flask(app)


@app.post("/quotes")
def find_quote():
    """Answer with the cheapest offer for a parcel."""
    parcel = request.get_json()["parcel"]
    with ContextThreadPoolExecutor() as pool:
        offers = list(pool.map(ask_carrier, CARRIERS))
    cheapest = min(offers, key=lambda offer: offer["cents"])
    # The customer does not wait for this.
    Thread(target=carry(file_offer), args=(parcel, cheapest)).start()
    return cheapest, 201


@traced
def ask_carrier(carrier):
    """Return the price of one carrier."""
    trace.get_current_span().set_attribute("shop.carrier", carrier)
    answer = requests.get(f"{CARRIERS_URL}/offers/{carrier}", timeout=5)
    return {"carrier": carrier, "cents": answer.json()["cents"]}


@traced
def file_offer(parcel, offer):
    """Store the offer, in case the customer asks later."""
    trace.get_current_span().set_attribute("shop.parcel.id", parcel)
    requests.post(f"{CARRIERS_URL}/archive", json=offer, timeout=5)
