"""The types that tsc checks the page with are those of the code that runs."""

from __future__ import annotations

import re

from scripts.page_types import SHAPES, TYPES, typescript
from tests.viewer_page.test_page_files import PAGE

EXPORT_LIST = re.compile(r"^export \{([^}]*)\}", re.MULTILINE)
EXPORT_CONST = re.compile(r"^export const (\w+)", re.MULTILINE)


def exported_names(file: str) -> set[str]:
    text = (PAGE / file).read_text()
    lists = [re.findall(r"\w+", names) for names in EXPORT_LIST.findall(text)]
    return {name for names in lists for name in names} | {*EXPORT_CONST.findall(text)}


def test_the_answers_types_are_generated_from_the_viewers_shapes() -> None:
    """After a change of shapes.py: python -m scripts.page_types."""
    assert TYPES.read_text() == typescript(SHAPES.read_text())


def test_a_field_becomes_its_typescript_type() -> None:
    text = '''
Kind = Literal["a", "b"]
class Row(TypedDict):
    """A row."""
    kind: Kind
    size: int | float | None  # None: unknown
    texts: list[str | None]
    pairs: dict[str, object]
'''

    lines = typescript(text).splitlines()

    assert 'export type Kind = "a" | "b";' in lines
    assert lines[-6:] == [
        "export interface Row {",
        "  kind: Kind;",
        "  size: number | null; // null: unknown",
        "  texts: Array<string | null>;",
        "  pairs: Record<string, unknown>;",
        "}",
    ]


def test_the_libraries_types_cover_exactly_the_exported_names() -> None:
    assert exported_names("preact.js") == exported_names("preact.d.ts")
    assert "html" in exported_names("preact.js")
