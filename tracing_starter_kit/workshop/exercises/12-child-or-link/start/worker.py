"""The worker's program. You need not change this file."""

from receipts import app
from tracing_setup import start_tracing

start_tracing("receipts")

__all__ = ["app"]
