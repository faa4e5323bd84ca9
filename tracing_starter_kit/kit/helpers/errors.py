"""The error that every part of `kit helpers` raises."""

from __future__ import annotations


class HelpersError(Exception):
    """The command cannot go on; the message says why, and the next step."""
