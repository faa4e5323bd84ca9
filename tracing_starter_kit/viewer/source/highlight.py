"""Source text as HTML, one string per line.

    for html in highlight(text, "billing/pricing.py"): ...

The HTML has Pygments' short class names and no styles. A string over several lines is
closed at the end of each line and opened again on the next, so each line is complete.
"""

from __future__ import annotations

import html
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# Above this size the text stays plain: Pygments reads about 1 MB/s.
MOST_COLOURED = 256 * 1024


@lru_cache(maxsize=16)
def highlight(text: str, filename: str) -> tuple[str, ...]:
    """Return the lines of a text, safe to insert into a page."""
    if len(text) > MOST_COLOURED:
        return tuple(html.escape(line) for line in _lines(text))
    # Imported late, because most viewers never show source.
    from pygments import highlight as render
    from pygments.formatters import HtmlFormatter

    formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
    return tuple(_lines(render(text, _lexer(filename), formatter)))


def _lexer(filename: str) -> Lexer:
    from pygments.lexers import TextLexer, find_lexer_class_for_filename

    lexer = find_lexer_class_for_filename(filename) or TextLexer
    # Keep all lines at their numbers, also the empty ones at both ends.
    return lexer(stripnl=False, ensurenl=False)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
