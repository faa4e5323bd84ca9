"""The helpers' names for `TRACING=auto`, where they do nothing.

    from demo_services.no_tracing import traced   # decorates nothing

All spans come from `opentelemetry-instrument`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def start_tracing(*_args: object, **_options: object) -> None:
    """Do nothing: `opentelemetry-instrument` has set tracing up."""


def trace_flask(*_args: object, **_options: object) -> None:
    """Do nothing: contrib instruments Flask."""


def traced(function: F) -> F:
    """Return the function unchanged."""
    return function


def span(*_args: object, **_options: object) -> AbstractContextManager[None]:
    """Make no span."""
    return nullcontext()


def set_fields(*_args: object, **_options: object) -> None:
    """Set no attribute."""


def expected(*_types: object) -> None:
    """Expect nothing."""


def inject_headers() -> dict[str, str]:
    """Return no headers."""
    return {}


def from_headers(_headers: object) -> AbstractContextManager[None]:
    """Continue no trace."""
    return nullcontext()
