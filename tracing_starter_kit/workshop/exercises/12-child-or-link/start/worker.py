"""The worker's own program; there is nothing to change here."""

from receipts import app
from tracing_setup import start_tracing

start_tracing("receipts")

__all__ = ["app"]
