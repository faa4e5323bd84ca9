"""The code that made a span, as its attributes and its scope name it.

    code = code_of(attributes)     # path, line and function, or None
    is_automatic(scope_name)       # made by an instrumentation, not by hand

Older names of the code attributes are read too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Scopes of instrumentation libraries. The last one is .NET's.
AUTOMATIC_SCOPES = (
    "opentelemetry.instrumentation.",
    "tracing_starter_kit.flask",
    "tracing_starter_kit.celery",
    "@opentelemetry/",
    "io.opentelemetry.",
    "go.opentelemetry.io/",
    "OpenTelemetry.Instrumentation",
)


@dataclass(frozen=True, slots=True)
class Code:
    """A place in the code."""

    path: str | None
    line: int | None
    function: str | None


def code_of(attributes: Mapping[str, str]) -> Code | None:
    """Read the code attributes, by their current names or else by their older ones."""
    path = attributes.get("code.file.path") or attributes.get("code.filepath")
    line = attributes.get("code.line.number") or attributes.get("code.lineno")
    function = attributes.get("code.function.name") or _older_function(attributes)
    if not (path or line or function):
        return None
    return Code(path or None, read_line(line), function or None)


def read_line(text: str | None) -> int | None:
    """Return a line number; None if the text is not one."""
    if text and text.isascii() and text.isdigit() and 0 < len(text) < 10:
        return int(text) or None
    return None


def is_automatic(scope_name: str) -> bool:
    """Return whether an instrumentation library made the span, not a line of code."""
    return scope_name.startswith(AUTOMATIC_SCOPES)


def _older_function(attributes: Mapping[str, str]) -> str | None:
    function = attributes.get("code.function")
    namespace = attributes.get("code.namespace")
    return f"{namespace}.{function}" if function and namespace else function
