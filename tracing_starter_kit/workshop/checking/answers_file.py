"""The learner's answers in `answers.toml`.

Example:
    answers = read_answers(run.folder, "unseen")
"""

from __future__ import annotations

import re
from pathlib import Path

from tracing_starter_kit.workshop.checking.toml_file import read_toml

FILE = "answers.toml"
# "17,470" and "17 470", but not "17,47".
SEPARATOR = re.compile(r"(?<=\d)[,'\u2019_\s](?=\d{3}(?!\d))")


def read_answers(folder: Path, *names: str) -> dict[str, str]:
    """Return the answers as text; a missing answer is the empty text.

    Raises:
        CheckFailed: The file is missing, or is not TOML.
    """
    table = read_toml(folder / FILE, example=f'{names[0]} = "…"')
    return {name: str(table.get(name, "")).strip() for name in names}


def without_separators(answer: str) -> str:
    """Return a number without the words task and ms, and marks between thousands.

    >>> without_separators("17,470 ms")
    '17470'
    """
    return SEPARATOR.sub("", answer.removeprefix("task").removesuffix("ms").strip())
