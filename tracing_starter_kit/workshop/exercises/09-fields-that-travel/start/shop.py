"""The shop: takes orders, charges cards, asks billing for prices."""

import os

import requests
from business import BusinessFields, set_fields
from client_tracing import trace_clients
from fields import FIELDS
from flask import Flask, request
from flask_tracing import trace_flask
from receipts import deliver_receipt
from tracing_setup import start_tracing

BILLING_URL = os.environ["BILLING_URL"]
CARD_NETWORK_URL = os.environ["CARD_NETWORK_URL"]  # another company's

start_tracing("shop", processors=[BusinessFields(allowed=FIELDS)])
trace_clients("requests")

app = Flask(__name__)
trace_flask(app)


@app.post("/orders")
def place_order():
    """Take an order: charge the card, ask billing for the price, queue a receipt."""
    order = request.get_json()
    set_fields(
        {
            "shop.customer.id": request.headers["X-Customer"],
            "shop.plan": order["plan"],
            "shop.payload.size": request.content_length,
        }
    )
    requests.post(CARD_NETWORK_URL, json={"card": order["card"]}, timeout=5)
    seats = {"seats": order["seats"]}
    invoice = requests.post(f"{BILLING_URL}/invoices", json=seats, timeout=5).json()
    deliver_receipt.delay(invoice["total"])
    return {"total": invoice["total"]}, 201
