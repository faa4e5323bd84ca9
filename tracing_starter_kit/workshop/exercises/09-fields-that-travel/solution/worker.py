"""The worker's program."""

from business import BusinessFields
from fields import FIELDS
from receipts import app
from tracing_setup import start_tracing

start_tracing("receipts", processors=[BusinessFields(allowed=FIELDS)])

__all__ = ["app"]
