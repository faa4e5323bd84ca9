"""The source beside a span: which text is shown, and what the reader must know of it.

    shown = read_source(roots, CodeReference("billing/pricing.py", line=42, …))

Shown is the file at the revision that the trace was recorded with. But code also runs
with changes that nobody has committed: if the line lies in the span's function only in
the file as it is now, that is what ran, and what is shown.
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
    """A file's text, which one it is, and where the span lies in it."""

    path: str
    text: str
    version: Version
    note: str | None
    line: int | None
    function: Function | None


@dataclass(frozen=True, slots=True)
class CodeReference:
    """What a span says of its code."""

    path: str
    line: int | None = None
    function: str | None = None
    revision: str | None = None


def read_source(roots: Sequence[Path], wanted: CodeReference) -> SourceText:
    """Return the text to show, or raise RefusedError or MissingError."""
    for place in locate(roots, wanted.path):
        current = _current(place)
        recorded = _recorded(place, wanted.revision)
        if current is not None or recorded is not None:
            return _placed(wanted, *_choose(current, recorded, wanted))
    raise MissingError(
        f"{wanted.path!r} is in none of the folders whose source may be shown, "
        f"neither now nor at the revision {wanted.revision or '(none was recorded)'}."
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
    # Git knows the file behind a link by its own path.
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
    current: str | None, recorded: str | None, wanted: CodeReference
) -> tuple[str, Version, str | None]:
    """Return the text to show, which one that is, and what to say about it."""
    if recorded is None:
        assert current is not None
        return current, "working-tree", _why_not_recorded(wanted.revision)
    short = str(wanted.revision)[:10]
    if current is None:
        return recorded, "recorded", f"As of {short}; the file is not there any more."
    if _fits(current, wanted) and not _fits(recorded, wanted):
        note = f"As it is now: it ran with changes that {short} does not have."
        return current, "working-tree", note
    changed = f"As of {short}; the file has changed since."
    return recorded, "recorded", None if current == recorded else changed


def _why_not_recorded(revision: str | None) -> str:
    if revision is None:
        return "As it is now: the trace was recorded without a revision."
    if not is_revision(revision):
        return f"As it is now: the recorded revision {revision!r} is not a commit."
    return f"As it is now: git cannot show the file at {revision[:10]} here."


def _fits(text: str, wanted: CodeReference) -> bool:
    """Whether the line lies in the function that the span names."""
    if wanted.line is None or wanted.function is None:
        return False
    around = function_at(text, wanted.line)
    return around is not None and is_named(around, wanted.function)


def _placed(
    wanted: CodeReference, text: str, shown: Version, note: str | None
) -> SourceText:
    line, count = wanted.line, len(text.removesuffix("\n").split("\n"))
    if line is not None and line > count:
        note = f"The span names line {line}, but the file has {count} lines."
        line = None
    around = _function(wanted, text, line)
    return SourceText(wanted.path, text, shown, note, line, around)


def _function(wanted: CodeReference, text: str, line: int | None) -> Function | None:
    if not wanted.path.endswith((".py", ".pyi")):
        return None
    if line is not None:
        return function_at(text, line)
    return function_named(text, wanted.function) if wanted.function else None
