"""The store's exceptions: each message has the reason and the next step."""

from __future__ import annotations


class StoreError(RuntimeError):
    """The store cannot be opened, read or written."""


class QueueFullError(StoreError):
    """Too much is waiting to be stored: the sender should try again later."""


class UnstorableError(StoreError):
    """The database can never take these records: the fault is in the data itself."""
