"""The one exception of this package."""

from __future__ import annotations


class LogReaderError(Exception):
    """Logs cannot be read or sent; the message tells the user the cause and a fix."""
