# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""The line of your code that made each span.

Use: `start_tracing("shop", processors=[CodeLocation()])`, or
`provider.add_span_processor(CodeLocation())`.
A span of a client library (HTTP, database, queue) gets the nearest line of yours that
called the library; a span made with the plain API gets the line that made it. Spans
that already have `code.*` attributes keep them.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from code_location import CodeLocation
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    provider.add_span_processor(CodeLocation())

    def place_order() -> None:
        trace.get_tracer("shop").start_span("order").end()

    place_order()

You will see:
    order
        code.function.name = __main__.place_order
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from types import CodeType, FrameType

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.trace import SpanKind

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

_CALLED_FROM_OUTSIDE = (SpanKind.SERVER, SpanKind.CONSUMER)  # they have no caller here
_INSTALLED = ("site-packages", "dist-packages")
# The standard library and installed packages; with conda, both can be in your folder.
_PYTHON_FOLDERS = {
    folder
    for name in ("stdlib", "platstdlib", "purelib", "platlib")
    for path in (Path(sysconfig.get_path(name)),)
    for folder in (path, path.resolve())
}


class CodeLocation(SpanProcessor):
    """Add `code.function.name`, `code.file.path` and `code.line.number` to spans.

    Your code is every file under `root` (default: the repository of the file that
    creates this object), except Python's own files, installed packages and these
    helpers. Paths are relative to `root`: together with the resource's
    `vcs.ref.head.revision` they are a permanent address.
    Source: semantic conventions, "Code attributes" (stable).

    >>> CodeLocation(Path("/srv/shop")).root.as_posix()
    '/srv/shop'
    """

    def __init__(self, root: Path | None = None) -> None:
        root = root or _repository(sys._getframe(1).f_code.co_filename)
        self.root = Path(os.path.normpath(root.absolute()))
        # By id, because hashing a code object hashes its bytecode. The code object is
        # part of the value, so that its id is not used again.
        self._places: dict[int, tuple[CodeType, tuple[str, str] | None]] = {}

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Look up the calling line. The SDK calls this in the caller's thread."""
        if span.kind in _CALLED_FROM_OUTSIDE:
            return
        if "code.function.name" in (span.attributes or ()):
            return
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            place = self._place(frame)
            if place is not None:
                span.set_attribute("code.function.name", place[0])
                span.set_attribute("code.file.path", place[1])
                span.set_attribute("code.line.number", frame.f_lineno)
                return
            frame = frame.f_back

    def _place(self, frame: FrameType) -> tuple[str, str] | None:
        """Return the cached (function name, path) of a frame of yours, else None."""
        code = frame.f_code
        entry = self._places.get(id(code))
        if entry is None:
            entry = self._places[id(code)] = (code, self._find_place(frame))
        return entry[1]

    def _find_place(self, frame: FrameType) -> tuple[str, str] | None:
        path = Path(frame.f_code.co_filename)
        if "__tracing_helper__" in frame.f_globals or not self._is_yours(path):
            return None
        module = frame.f_globals.get("__name__", "?")
        name = f"{module}.{frame.f_code.co_qualname}"
        return name, path.relative_to(self.root).as_posix()

    def _is_yours(self, path: Path) -> bool:
        if not path.is_relative_to(self.root):
            return False
        in_environment = sys.prefix != sys.base_prefix and path.is_relative_to(
            sys.prefix
        )
        if in_environment or not _PYTHON_FOLDERS.isdisjoint(path.parents):
            return False
        return not any(part in _INSTALLED for part in path.parts)


def _repository(filename: str) -> Path:
    """Return the nearest folder above with .git (else pyproject.toml), or the cwd."""
    parents = Path(filename).absolute().parents
    for marker in (".git", "pyproject.toml"):
        for parent in parents:
            if (parent / marker).exists():
                return parent
    return Path.cwd()
