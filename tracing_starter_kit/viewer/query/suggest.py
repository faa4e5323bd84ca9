"""What could come next in a search field: services, operations, attributes.

    suggest(cursor, "attribute-value", prefix="c-", key="shop.customer.id")

Attributes are suggested from the spans that came last, not from all: it is asked with
every key that is pressed.
"""

from __future__ import annotations

from tracing_starter_kit.viewer.query.reader import Cursor

MOST = 20
CANDIDATES = {
    "service": "SELECT DISTINCT service AS value FROM spans",
    "operation": """
        SELECT DISTINCT name AS value FROM spans
        WHERE $service = '' OR service = $service""",
    "attribute-key": """
        SELECT DISTINCT unnest(map_keys(attributes)) AS value
        FROM spans WHERE rowid > (SELECT max(rowid) - 200000 FROM spans)
        UNION SELECT DISTINCT unnest(map_keys(attributes)) FROM resources""",
    "attribute-value": """
        SELECT DISTINCT attributes[$key] AS value
        FROM spans WHERE rowid > (SELECT max(rowid) - 200000 FROM spans)
        UNION SELECT DISTINCT attributes[$key] FROM resources""",
}
FIELDS = tuple(CANDIDATES)
CHOSEN = """
    SELECT value FROM ({candidates})
    WHERE value <> '' AND contains(lower(value), lower($prefix))
    ORDER BY NOT starts_with(lower(value), lower($prefix)), lower(value), value
    LIMIT $most"""


def suggest(
    cursor: Cursor, field: str, *, prefix: str = "", service: str = "", key: str = ""
) -> list[str]:
    """Return values that contain the prefix, those that start with it first."""
    candidates = CANDIDATES[field]
    parameters = {"prefix": prefix, "most": MOST}
    optional = {"service": service, "key": key}
    used = {name: text for name, text in optional.items() if f"${name}" in candidates}
    sql = CHOSEN.format(candidates=candidates)
    return [row[0] for row in cursor.execute(sql, parameters | used).fetchall()]
