"""Choose the source text to show for a span, with a note where the reader needs one.

    source = read_source(roots, CodeReference("billing/pricing.py", line=42))

Usually that is the file at the revision recorded with the trace. But code also runs
with uncommitted changes: if the span's line lies in its function only in the working
tree, then the working tree's text is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from tracing_starter_kit.viewer.source.functions import (
    Function,
    function_at,
    function_named,
    is_named,
)
from tracing_starter_kit.viewer.source.locate import MissingError, Place, locate
from tracing_starter_kit.viewer.source.revision import (
    is_made_from,
    is_revision,
    read_at_revision,
)

MOST_BYTES = 1024 * 1024
Version = Literal["recorded", "working-tree"]


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text, its version, and the place of the span in it."""

    path: str
    text: str
    version: Version
    note: str | None
    line: int | None
    function: Function | None


@dataclass(frozen=True, slots=True)
class CodeReference:
    """The place in the code that a span names."""

    path: str
    line: int | None = None
    function: str | None = None
    revision: str | None = None


def read_source(roots: Sequence[Path], code: CodeReference) -> SourceText:
    """Return the text to show, or raise RefusedError or MissingError."""
    for place in locate(roots, code.path):
        current = _current(place)
        recorded = _recorded(place, code.revision)
        if current is not None or recorded is not None:
            text, version, note = _choose(current, recorded, code)
            return _source_text(code, text, version, note)
    raise MissingError(
        f"{code.path!r} is in none of the folders whose source may be shown, "
        f"neither now nor at the revision {code.revision or '(none was recorded)'}."
    )


def _current(place: Place) -> str | None:
    if place.file is None:
        return None
    if place.file.stat().st_size > MOST_BYTES:
        raise MissingError(f"{str(place.relative)!r} is too large to be shown.")
    return _text(place, place.file.read_bytes())


def _recorded(place: Place, revision: str | None) -> str | None:
    if revision is None:
        return None
    # git knows a file by its own path, not by the path of a link to it.
    path = place.file.relative_to(place.root) if place.file else place.relative
    content = read_at_revision(place.root, PurePosixPath(path), revision)
    if content is None and place.file and is_made_from(place.root, revision):
        content = place.file.read_bytes()
    return None if content is None else _text(place, content)


def _text(place: Place, content: bytes) -> str:
    if b"\0" in content or len(content) > MOST_BYTES:
        raise MissingError(f"{str(place.relative)!r} is not source text.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MissingError(f"{str(place.relative)!r} is not UTF-8 text.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _choose(
    current: str | None, recorded: str | None, code: CodeReference
) -> tuple[str, Version, str | None]:
    """Return the text to show, its version, and a note for the reader."""
    if recorded is None:
        assert current is not None
        return current, "working-tree", _why_not_recorded(code.revision)
    short = str(code.revision)[:10]
    if current is None:
        return recorded, "recorded", f"As of {short}; the file is not there any more."
    if _fits(current, code) and not _fits(recorded, code):
        note = f"As it is now: it ran with changes that {short} does not have."
        return current, "working-tree", note
    note = f"As of {short}; the file has changed since."
    return recorded, "recorded", None if current == recorded else note


def _why_not_recorded(revision: str | None) -> str:
    if revision is None:
        return "As it is now: the trace was recorded without a revision."
    if not is_revision(revision):
        return f"As it is now: the recorded revision {revision!r} is not a commit."
    return f"As it is now: git cannot show the file at {revision[:10]} here."


def _fits(text: str, code: CodeReference) -> bool:
    """Return whether the line lies in the function that the span names."""
    if code.line is None or code.function is None:
        return False
    function = function_at(text, code.line)
    return function is not None and is_named(function, code.function)


def _source_text(
    code: CodeReference, text: str, version: Version, note: str | None
) -> SourceText:
    line, line_count = code.line, len(text.removesuffix("\n").split("\n"))
    if line is not None and line > line_count:
        note = f"The span names line {line}, but the file has {line_count} lines."
        line = None
    return SourceText(code.path, text, version, note, line, _function(code, text, line))


def _function(code: CodeReference, text: str, line: int | None) -> Function | None:
    if not code.path.endswith((".py", ".pyi")):
        return None
    if line is not None:
        return function_at(text, line)
    return function_named(text, code.function) if code.function else None
