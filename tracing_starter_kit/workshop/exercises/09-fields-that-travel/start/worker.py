"""The worker's program."""

from receipts import app
from tracing_setup import start_tracing

start_tracing("receipts")

__all__ = ["app"]
