"""The values of `traces.txt`: any, an integer, /a pattern/, {order} and the rest.

names = Names({"order": "o-17"})
names.fits("{order}", "o-17")
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS = {"an integer": int, "a number": int | float}


class Names:
    """What the names in braces stand for: the first value that one meets."""

    def __init__(self, known: Mapping[str, object] | None = None) -> None:
        self._known = {name: str(value) for name, value in (known or {}).items()}

    def copy(self) -> Names:
        """Return another one that may learn without this one learning."""
        return Names(self._known)

    def fits(self, wanted: str, value: object) -> bool:
        """Say whether a value is as the contract wants it."""
        if value is None or wanted == "none":
            return value is None and wanted == "none"
        if wanted.startswith("{") and wanted.endswith("}"):
            return self._known.setdefault(wanted[1:-1], _text(value)) == _text(value)
        if wanted in KINDS:
            return isinstance(value, KINDS[wanted]) and not isinstance(value, bool)
        return _fits_text(wanted, _text(value))

    def shown(self, wanted: str) -> str:
        """Return what was wanted, with what a name stands for."""
        known = self._known.get(wanted[1:-1]) if wanted.startswith("{") else None
        return f"{wanted} ({known})" if known else wanted


def _fits_text(wanted: str, text: str) -> bool:
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        return re.search(wanted[1:-1], text) is not None
    return wanted == "any" or text in wanted.split(" | ")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
