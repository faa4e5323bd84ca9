"""Drop keys of JSON that UTF-8 cannot encode: those with half of a surrogate pair.

    json.loads(text, object_hook=drop_wrong_keys)

Such a key names no field, and protobuf's parser fails on it with a SystemError.
"""

from __future__ import annotations

from typing import Any


def drop_wrong_keys(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the keys that UTF-8 cannot encode."""
    return {key: value for key, value in fields.items() if is_encodable(key)}


def is_encodable(text: str) -> bool:
    """Tell whether a text can be UTF-8: it has no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
