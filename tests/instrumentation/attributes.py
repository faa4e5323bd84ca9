"""The attributes of spans, events and log records, as tests compare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class _Holder(Protocol):
    @property
    def attributes(self) -> Mapping[str, Any] | None: ...


def attributes(holder: _Holder) -> dict[str, Any]:
    """Return the attributes of a span, an event or a log record."""
    return dict(holder.attributes or {})


def own_attributes(holder: _Holder) -> dict[str, Any]:
    """Return the attributes that no convention names: `shop.*` and `kit.*`."""
    names = attributes(holder).items()
    return {name: v for name, v in names if name.startswith(("shop.", "kit."))}
