"""A thread that queues receipts which could not be queued with their order.

    sender = ReceiptSender(app)      # starts with the first request of its process

It looks for waiting receipts every second. It asks the broker first, so that a broker
that stays down adds no failures to the orders' traces.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Collection
from typing import cast

from flask import Flask, current_app
from opentelemetry.instrumentation.utils import suppress_instrumentation
from sqlalchemy.exc import SQLAlchemyError

from demo_services.billing.receipts import Receipt, queue_receipt, waiting_receipts
from demo_services.queue import is_up
from demo_services.tracing import from_headers

INTERVAL = 1.0
AT_A_TIME = 100
# Seconds after which a waiting receipt's own request must have died.
ABANDONED_AFTER = 30.0
log = logging.getLogger(__name__)


class ReceiptSender:
    """One thread in each process: a fork does not copy threads."""

    def __init__(self, app: Flask) -> None:
        """Prepare to start with the first request; health checks count."""
        self._app = app
        self._refused: set[str] = set()
        self._pid = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        app.before_request(self._start)

    def retry(self, receipt: Receipt) -> None:
        """Queue a receipt once the broker, which has just refused it, is back."""
        self._refused.add(receipt.id)

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _start(self) -> None:
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._thread = threading.Thread(
                target=self._run, name="receipt-sender", daemon=True
            )
            self._thread.start()

    def _run(self) -> None:
        started = time.time()
        while not self._stop.wait(INTERVAL):
            try:
                with self._app.app_context():
                    before = max(started, time.time() - ABANDONED_AFTER)
                    # A statement takes a list of limited length.
                    refused = list(self._refused)[:AT_A_TIME]
                    self._refused -= send_waiting(refused, before)
            except SQLAlchemyError:
                log.exception("cannot read the waiting receipts: trying again")


def send_waiting(refused: Collection[str], abandoned_before: float) -> set[str]:
    """Queue waiting receipts, each in the trace of its order; return their ids."""
    queued: set[str] = set()
    # The search belongs to no request: it makes no spans.
    with suppress_instrumentation():
        receipts = waiting_receipts(refused, abandoned_before=abandoned_before)
        if not receipts or not is_up():
            return queued
    for receipt in receipts:
        # By hand: the thread has no context; the order's context was stored for this.
        with from_headers(receipt.trace_headers):
            if not queue_receipt(receipt):
                break
        queued.add(receipt.id)
    return queued


def receipt_sender() -> ReceiptSender:
    """Return the sender of the current application."""
    return cast(ReceiptSender, current_app.extensions["receipt_sender"])
