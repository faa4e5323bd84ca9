"""Draw a trace as a tree of text lines, a span a line, with its code.

    print(render(spans, color=True, width=120))

The one tree printer of the programs: for `kit`, the log reader and the workshop.
Needs nothing but the standard library.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tracing_starter_kit.traces.spans import Node, Span, build_tree
from tracing_starter_kit.traces.warnings import trace_warnings

# One colour a service, in the order in which the trace meets them.
SERVICE_COLORS = ("36", "35", "33", "32", "34", "95", "94", "96")
RED, DIM = "31", "2"
LAST, ANOTHER = ("└─ ", "   "), ("├─ ", "│  ")
KIND_WIDTH = 8
DURATION_WIDTH, MARK_WIDTH = 10, 2
SHORTEST_NAME = 16
DETAIL_INDENT = 2
# Deeper levels are not indented further, but say their number: 15,000 levels would be
# 675 MB.
DEEPEST_INDENT = 40
MOST_SPANS = 2_000  # that `print_tree` prints

LONG_UNITS = {"d": 86_400_000, "h": 3_600_000}  # in milliseconds

# Control characters that would move the cursor, ring the bell or set the window's
# title, and lone surrogates, which no terminal accepts.
UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

# A cell is its text and its colour; a line is its cells, two blanks between them.
_Cell = tuple[str, str]

# Returns the lines to print below a span, from the span and its parent.
Details = Callable[[Span, Span | None], Sequence[str]]


@dataclass(frozen=True)
class _Layout:
    """The parts of a line that are shown, and the columns that its name loses."""

    durations: bool
    full_paths: bool
    kinds: bool = True
    name_cut: int = 0


@dataclass(frozen=True)
class _Row:
    """A span, the branches before its name, and the lines below it."""

    span: Span
    branch: str
    details: Sequence[str]


def render(
    spans: Sequence[Span],
    *,
    color: bool = False,
    width: int | None = None,
    durations: bool = True,
    full_paths: bool = True,
    details: Details | None = None,
    most: int | None = None,
) -> str:
    """Return the trace as text, a line a span, parents above their children.

    A line holds the service, the kind, the tree of names, the duration, the file and
    line of the code, and the error message. Lines wider than `width` columns lose
    first the folder of the code, then the kind, then the end of long names.

    Args:
        spans: The spans of one trace, in any order.
        color: Whether to use the colours of a terminal.
        width: The columns of the terminal; None does not cut anything.
        durations: Whether to show durations; without them two runs look the same.
        full_paths: Whether to show the folder of the code, too.
        details: Returns more lines to print below a span.
        most: The number of spans after which the tree ends; None draws all.
    """
    rows = list(islice(_rows(build_tree(spans), details or (lambda *_: ())), most))
    layout = _Layout(durations=durations, full_paths=full_paths)
    lines = _lines(rows, layout)
    if width:
        for kinds in (True, False):
            if _widest(lines) > width:
                layout = replace(layout, full_paths=False, kinds=kinds)
                lines = _lines(rows, layout)
        if (excess := _widest(lines) - width) > 0:
            lines = _lines(rows, replace(layout, name_cut=excess))
    return "\n".join(_join(line, color=color, width=width) for line in lines)


def print_tree(spans: Sequence[Span]) -> None:
    """Print a trace; on a terminal in colour and in its width."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    print(render(spans, color=terminal, width=width, most=MOST_SPANS))
    if (hidden := len(spans) - MOST_SPANS) > 0:
        print(f"… and {hidden} more spans: the viewer's page and --json have all.")
    for warning in trace_warnings(spans):
        print(f"Warning: {visible(warning)}")


def duration_text(nanoseconds: int) -> str:
    """Return a duration as people read it: `0.42 ms`, `318 ms`, `6.01 s`."""
    milliseconds = nanoseconds / 1e6
    for name, size in LONG_UNITS.items():
        if milliseconds >= size:
            return f"{milliseconds / size:.2f} {name}"
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.2f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def visible(text: str) -> str:
    r"""Return a text with control characters escaped, such as `\x1b`."""
    return UNPRINTABLE.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def _rows(roots: Sequence[Node], details: Details) -> Iterator[_Row]:
    """Yield a row for each span, a parent before its children."""
    # Nodes to draw, each with its parent, depth, branch and its children's indent.
    pending: list[tuple[Node, Span | None, int, str, str]]
    pending = [(root, None, 0, "", "") for root in reversed(roots)]
    while pending:
        node, parent, depth, branch, indent = pending.pop()
        lines = [visible(line) for line in details(node.span, parent)]
        yield _Row(_visible_span(node.span), branch, lines)
        for child in reversed(node.children):
            mark, below = LAST if child is node.children[-1] else ANOTHER
            if depth < DEEPEST_INDENT:
                place = indent + mark, indent + below
            else:
                place = f"{indent}{depth + 1} {mark}", indent
            pending.append((child, node.span, depth + 1, *place))


def _visible_span(span: Span) -> Span:
    return replace(
        span,
        service=visible(span.service),
        name=visible(span.name),
        status_message=visible(span.status_message),
    )


def _lines(rows: Sequence[_Row], layout: _Layout) -> list[list[_Cell]]:
    services = list(dict.fromkeys(row.span.service for row in rows))
    service_width = max(map(len, services), default=0)
    longest_name = max((len(row.branch + row.span.name) for row in rows), default=0)
    name_width = min(longest_name, max(SHORTEST_NAME, longest_name - layout.name_cut))
    lines = []
    for row in rows:
        span, name = row.span, _cut(row.branch + row.span.name, name_width)
        hue = SERVICE_COLORS[services.index(span.service) % len(SERVICE_COLORS)]
        before = [(f"{span.service:<{service_width}}", hue)]
        if layout.kinds:
            before.append((f"{span.kind.lower():<{KIND_WIDTH}}", DIM))
        lines.append([*before, (f"{name:<{name_width}}", ""), *_outcome(span, layout)])
        indent = sum(len(text) + 2 for text, _ in before) + len(row.branch)
        blanks = " " * (indent + DETAIL_INDENT)
        lines += [[(blanks + text, "")] for text in row.details]
    return lines


def _outcome(span: Span, layout: _Layout) -> list[_Cell]:
    """Return the cells behind the name: duration, code, error message."""
    has_failed = span.status == "ERROR"
    parts = ["✗"] if has_failed else []
    if layout.durations:
        is_timed = span.start_ns and span.end_ns
        length = span.end_ns - span.start_ns if is_timed else 0
        parts.append(duration_text(length))
    width = DURATION_WIDTH if layout.durations else MARK_WIDTH
    code = visible(span.code or "")
    return [
        (f"{' '.join(parts):>{width}}", RED if has_failed else ""),
        (code if layout.full_paths else code.rpartition("/")[2], DIM),
        (span.status_message if has_failed else "", RED),
    ]


def _widest(lines: Sequence[Sequence[_Cell]]) -> int:
    # An error message may be of any length: it is cut off, and so are details.
    return max((len(_join(line[:-1])) for line in lines), default=0)


def _join(
    cells: Sequence[_Cell], *, color: bool = False, width: int | None = None
) -> str:
    """Return the line, cut off with a … behind `width` columns."""
    room = width if width else sys.maxsize
    parts = []
    for text, code in cells:
        if not text:
            continue
        shorter = _cut(text, room)
        parts.append(f"\x1b[{code}m{shorter}\x1b[0m" if color and code else shorter)
        room -= len(text) + 2
        if room <= 0:
            break
    return "  ".join(parts).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
