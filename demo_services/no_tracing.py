"""The helpers' names without the helpers, for `TRACING=auto`: nothing happens here.

    from demo_services.no_tracing import traced   # decorates nothing

What is still seen in a trace was made by `opentelemetry-instrument`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def start_tracing(*_args: object, **_options: object) -> None:
    """Leave the set-up to `opentelemetry-instrument`, which has done it."""


def trace_flask(*_args: object, **_options: object) -> None:
    """Leave Flask to contrib's instrumentation."""


def traced(function: F) -> F:
    """Return the function as it is."""
    return function


def span(*_args: object, **_options: object) -> AbstractContextManager[None]:
    """Make no span."""
    return nullcontext()


def set_fields(*_args: object, **_options: object) -> None:
    """Set no attribute."""


def expected(*_types: object) -> None:
    """Expect nothing."""


def inject_headers() -> dict[str, str]:
    """Return no headers: what is stored then leads to no trace."""
    return {}


def from_headers(_headers: object) -> AbstractContextManager[None]:
    """Go on in no trace."""
    return nullcontext()
