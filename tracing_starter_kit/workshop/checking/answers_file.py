"""The learner's answers in `answers.toml`.

Example:
    answers = read_answers(run.folder, "unseen")
"""

from __future__ import annotations

from pathlib import Path

from tracing_starter_kit.workshop.checking.toml_file import read_toml

FILE = "answers.toml"


def read_answers(folder: Path, *names: str) -> dict[str, str]:
    """Return the answers as text; a missing answer is the empty text.

    Raises:
        CheckFailed: The file is missing, or is not TOML.
    """
    table = read_toml(folder / FILE, example=f'{names[0]} = "…"')
    return {name: str(table.get(name, "")).strip() for name in names}
