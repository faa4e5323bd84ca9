"""Suggestions for a search field: services, operations, attribute keys and values.

    suggest(cursor, "attribute-value", prefix="c-", key="shop.customer.id")

Attributes are suggested from the newest spans, not from all, because the page asks at
every key press.
"""

from __future__ import annotations

from tracing_starter_kit.viewer.query.reader import Cursor, statement

MOST = 20
CANDIDATES = {
    "service": "service_candidates",
    "operation": "operation_candidates",
    "attribute-key": "attribute_key_candidates",
    "attribute-value": "attribute_value_candidates",
}
FIELDS = tuple(CANDIDATES)


def suggest(
    cursor: Cursor, field: str, *, prefix: str = "", service: str = "", key: str = ""
) -> list[str]:
    """Return values that contain the prefix, those that start with it first."""
    candidates = statement(CANDIDATES[field])
    sql = statement("suggest").replace("/*candidates*/", f"\n{candidates}\n")
    parameters = {"prefix": prefix, "most": MOST, "service": service, "key": key}
    used = {name: value for name, value in parameters.items() if f"${name}" in sql}
    return [row[0] for row in cursor.execute(sql, used).fetchall()]
