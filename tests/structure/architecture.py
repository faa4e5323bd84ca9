"""Reads the tables of ARCHITECTURE.md.

for folder, purpose in rows_of("The tree"):
    ...
"""

from __future__ import annotations

from tests.structure.modules import ROOT


def rows_of(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading, without its head."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]
    ]
