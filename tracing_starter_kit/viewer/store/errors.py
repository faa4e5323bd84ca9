"""What can go wrong with the store, each with a sentence for whoever reads it."""

__all__ = ["QueueFullError", "StoreError", "UnfitError"]


class StoreError(RuntimeError):
    """The store cannot be opened or written; the text says why and what to do."""


class QueueFullError(StoreError):
    """More is waiting to be stored than may; the sender should come back later."""


class UnfitError(StoreError):
    """What was sent cannot be stored, now or later; the fault is its own."""
