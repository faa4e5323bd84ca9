"""Time zones by their offset or their usual abbreviation.

    zone_of("+02:00")
    zone_of("EDT")

Abbreviations with several meanings, such as IST, are left out.
"""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo

# The hours from UTC.
HOURS = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "SAST": 2, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
# For patterns, behind a time. No word of a log is written in this way.
ABBREVIATIONS = (
    r"UTC|GMT|W?EST|WET|BST|CES?T|EEST|EET|MSK|SAST|[JK]ST|AE[SD]T|NZ[SD]T|[ECMP]DT"
    r"|[CMP]ST|AK[SD]T|HST"
)


def zone_of(text: str) -> tzinfo:
    """Return the zone of Z, an offset or an abbreviation."""
    if text in ("Z", "UTC"):
        return UTC
    if text in HOURS:
        return timezone(timedelta(hours=HOURS[text]), text)
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
