"""The store: a write-ahead journal in front of one DuckDB file."""

from viewer.store.errors import QueueFullError, StoreError
from viewer.store.segments import Signal
from viewer.store.store import Store, StoreStats

__all__ = ["QueueFullError", "Signal", "Store", "StoreError", "StoreStats"]
