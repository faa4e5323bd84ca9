"""The one exception of this package: what is wrong, and the way on."""

from __future__ import annotations


class LogReaderError(Exception):
    """Logs cannot be read or sent; the message is one sentence for the user."""
