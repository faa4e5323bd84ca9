"""Convert the values of the options of `kit logs`."""

from __future__ import annotations

import argparse
import zoneinfo
from datetime import UTC, date, tzinfo


def text_value(argument: str) -> str:
    r"""Return an argument as valid text; bytes that are not UTF-8 become `\xff`."""
    return argument.encode(errors="surrogateescape").decode(errors="backslashreplace")


def zone_value(name: str) -> tzinfo:
    """Return the time zone of a name."""
    try:
        return UTC if name.upper() in ("UTC", "Z") else zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(
            f"{name!r} is not a time zone: write UTC, or a name such as Europe/Berlin"
        ) from None


def date_value(text: str) -> date:
    """Return the date of a text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date: write YYYY-MM-DD"
        ) from None
