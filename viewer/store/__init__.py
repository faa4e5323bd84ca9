"""The store: a write-ahead journal in front of one DuckDB file."""

from viewer.store.store import Signal, Store, StoreStats

__all__ = ["Signal", "Store", "StoreStats"]
