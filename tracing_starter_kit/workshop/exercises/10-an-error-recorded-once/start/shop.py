"""A small shop: charges cards through a card network, which may decline or fail."""

import os

import requests
from client_tracing import trace_clients
from flask import Flask, request
from flask_tracing import trace_flask
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode
from traced import traced
from tracing_setup import start_tracing

CARD_NETWORK_URL = os.environ["CARD_NETWORK_URL"]

start_tracing("shop")
trace_clients("requests")

app = Flask(__name__)
trace_flask(app)


class CardDeclined(Exception):
    """The card network refused the card; the message is the reason."""


class CardNetworkError(Exception):
    """The card network failed to answer the charge."""


@app.post("/orders")
def place_order():
    """Take an order, paid by card."""
    form = request.get_json()
    try:
        charge_card(form["card"], form["total"])
    except CardDeclined as error:
        note(error)
        return {"title": "Card declined", "reason": str(error)}, 402
    except CardNetworkError as error:
        note(error)
        return {"title": "Card network failed"}, 502
    return {"title": "Thank you"}, 201


def note(error):
    """Record an error on the current span."""
    here = trace.get_current_span()
    here.record_exception(error)
    here.set_status(Status(StatusCode.ERROR, str(error)))


@traced
def charge_card(card, total):
    """Take the total from a card.

    Raises:
        CardDeclined: The customer must use another card.
        CardNetworkError: The outcome is unknown; somebody must look.
    """
    answer = requests.post(
        CARD_NETWORK_URL, json={"card": card, "total": total}, timeout=5
    )
    if answer.status_code != 200:
        raise CardNetworkError(f"the card network answered {answer.status_code}")
    if not answer.json()["approved"]:
        raise CardDeclined(answer.json()["reason"])
