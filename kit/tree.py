"""A trace drawn as a tree for the terminal: a span a line, with its code.

    print(render(spans, color=sys.stdout.isatty()))

Needs nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kit.trace import Node, Span, build_tree

# One colour a service, in the order in which the trace meets them.
SERVICE_COLORS = ("36", "35", "33", "32", "34", "95", "94", "96")
RED, DIM = "31", "2"

_Row = tuple[Span, str]


def render(spans: Sequence[Span], *, color: bool = False) -> str:
    """Return the trace as text, a line a span, parents above their children.

    A line holds the service, the kind, the tree of names, the duration, and the
    file and line of the code; a failed span's message follows in its line.
    """
    rows = list(_rows(build_tree(spans)))
    services = list(dict.fromkeys(span.service for span, _ in rows))
    service_width = max((len(name) for name in services), default=0)
    name_width = max((len(prefix + span.name) for span, prefix in rows), default=0)
    lines = []
    for span, prefix in rows:
        hue = SERVICE_COLORS[services.index(span.service) % len(SERVICE_COLORS)]
        service = _paint(f"{span.service:<{service_width}}", hue, color)
        kind = _paint(f"{span.kind.lower():<8}", DIM, color)
        gap = " " * (name_width - len(prefix + span.name))
        name = _paint(prefix, DIM, color) + span.name + gap
        took = f"{duration_text(span.end_ns - span.start_ns):>9}"
        code = _paint(span.code or "", DIM, color)
        lines.append(
            f"{service}  {kind}  {name}  {took}  {code}{_failure(span, color)}"
        )
    return "\n".join(line.rstrip() for line in lines)


def duration_text(nanoseconds: int) -> str:
    """Return a duration as people read it: `0.42 ms`, `318 ms`, `6.01 s`."""
    milliseconds = nanoseconds / 1e6
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.2f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def _rows(roots: Sequence[Node]) -> Iterator[_Row]:
    for root in roots:
        yield root.span, ""
        yield from _branches(root.children, "")


def _branches(children: Sequence[Node], indent: str) -> Iterator[_Row]:
    for child in children:
        last = child is children[-1]
        yield child.span, indent + ("└─ " if last else "├─ ")
        yield from _branches(child.children, indent + ("   " if last else "│  "))


def _failure(span: Span, color: bool) -> str:  # noqa: FBT001 - a drawing helper
    if span.status != "ERROR":
        return ""
    return "  " + _paint(f"✗ {span.status_message or 'error'}", RED, color)


def _paint(text: str, code: str, color: bool) -> str:  # noqa: FBT001 - a drawing helper
    return f"\x1b[{code}m{text}\x1b[0m" if color and text else text
