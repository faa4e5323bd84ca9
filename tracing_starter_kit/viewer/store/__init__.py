"""The store: a write-ahead journal in front of one DuckDB file.

`store.Store` is its front; `writer` moves requests from the `journal` into the
`database`; `rows` turns OTLP messages into the columns of the tables.
"""

from tracing_starter_kit.viewer.store.errors import QueueFullError, StoreError
from tracing_starter_kit.viewer.store.journal.segments import Signal
from tracing_starter_kit.viewer.store.store import Store, StoreStats

__all__ = ["QueueFullError", "Signal", "Store", "StoreError", "StoreStats"]
