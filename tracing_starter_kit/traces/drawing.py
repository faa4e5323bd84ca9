"""A trace drawn as a tree for the terminal: a span a line, with its code.

    print(render(spans, color=True, width=120))

Needs nothing but the standard library.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tracing_starter_kit.traces.spans import Node, Span, build_tree

# One colour a service, in the order in which the trace meets them.
SERVICE_COLORS = ("36", "35", "33", "32", "34", "95", "94", "96")
RED, DIM = "31", "2"
LAST, ANOTHER = ("└─ ", "   "), ("├─ ", "│  ")
TOOK_WIDTH = 10
SHORTEST_NAME = 16

# What would move the cursor, ring the bell or set the window's title, and halves of
# characters, which no terminal takes.
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

# A cell is its text and its colour; a line is its cells, two blanks between them.
_Cell = tuple[str, str]


def render(
    spans: Sequence[Span], *, color: bool = False, width: int | None = None
) -> str:
    """Return the trace as text, a line a span, parents above their children.

    A line holds the service, the kind, the tree of names, the duration, the file and
    line of the code, and why it failed. Where lines are wider than `width` columns,
    they say less: of the code only the file's name, then no kind, then shorter names.
    """
    rows = list(_rows(build_tree(spans)))
    lines = _lines(rows, code=_full_code, kind=True)
    if width and _widest(lines) > width:
        lines = _lines(rows, code=_short_code, kind=True)
    if width and _widest(lines) > width:
        lines = _lines(rows, code=_short_code, kind=False)
    if width and (too_wide := _widest(lines) - width) > 0:
        lines = _lines(rows, code=_short_code, kind=False, shorter_by=too_wide)
    return "\n".join(_join(line, color=color, width=width) for line in lines)


def print_tree(spans: Sequence[Span]) -> None:
    """Print a trace, in colour and as wide as the terminal where there is one."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    print(render(spans, color=terminal, width=width))


def duration_text(nanoseconds: int) -> str:
    """Return a duration as people read it: `0.42 ms`, `318 ms`, `6.01 s`."""
    milliseconds = nanoseconds / 1e6
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.2f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def visible(text: str) -> str:
    r"""Return a text with what a terminal would obey as people write it: `\x1b`."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _rows(roots: Sequence[Node]) -> Iterator[tuple[Span, str]]:
    """Yield each span with the branches before its name."""
    # What is to come, with the branch before it and the indent of what is below it.
    waiting = [(root, "", "") for root in reversed(roots)]
    while waiting:
        node, branch, indent = waiting.pop()
        yield _visible(node.span), branch
        for child in reversed(node.children):
            mark, below = LAST if child is node.children[-1] else ANOTHER
            waiting.append((child, indent + mark, indent + below))


def _visible(span: Span) -> Span:
    return replace(
        span,
        service=visible(span.service),
        name=visible(span.name),
        status_message=visible(span.status_message),
    )


def _lines(
    rows: Sequence[tuple[Span, str]],
    *,
    code: Callable[[Span], str],
    kind: bool,
    shorter_by: int = 0,
) -> list[list[_Cell]]:
    services = list(dict.fromkeys(span.service for span, _ in rows))
    service_width = max(map(len, services), default=0)
    longest_name = max((len(prefix + span.name) for span, prefix in rows), default=0)
    name_width = min(longest_name, max(SHORTEST_NAME, longest_name - shorter_by))
    lines = []
    for span, prefix in rows:
        hue = SERVICE_COLORS[services.index(span.service) % len(SERVICE_COLORS)]
        mark = "✗ " if span.status == "ERROR" else ""
        took = mark + duration_text(span.end_ns - span.start_ns)
        cells = [
            (f"{span.service:<{service_width}}", hue),
            (f"{span.kind.lower():<8}", DIM),
            (f"{_cut(prefix + span.name, name_width):<{name_width}}", ""),
            (f"{took:>{TOOK_WIDTH}}", RED if span.status == "ERROR" else ""),
            (code(span), DIM),
            (_failure(span), RED),
        ]
        lines.append([cell for cell in cells if kind or cell is not cells[1]])
    return lines


def _full_code(span: Span) -> str:
    return visible(span.code or "")


def _short_code(span: Span) -> str:
    return _full_code(span).rpartition("/")[2]


def _failure(span: Span) -> str:
    return span.status_message if span.status == "ERROR" else ""


def _widest(lines: Sequence[Sequence[_Cell]]) -> int:
    # A failure's message may be as long as it likes: it is what is cut.
    return max((len(_join(line[:-1])) for line in lines), default=0)


def _join(
    cells: Sequence[_Cell], *, color: bool = False, width: int | None = None
) -> str:
    """Return the line; what does not fit into `width` columns is cut off with a …."""
    room = width if width else sys.maxsize
    parts = []
    for text, code in cells:
        if not text:
            continue
        shown = _cut(text, room)
        parts.append(f"\x1b[{code}m{shown}\x1b[0m" if color and code else shown)
        room -= len(text) + 2
        if room <= 0:
            break
    return "  ".join(parts).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
