"""What the learner has written into `answers.toml`.

answers = read_answers(run.folder, "unseen")
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from tracing_starter_kit.workshop.checking.sentences import CheckFailed

FILE = "answers.toml"


def read_answers(folder: Path, *names: str) -> dict[str, str]:
    """Return the answers, as text; empty where nothing is said.

    Raises:
        CheckFailed: The file is gone, or is no TOML.
    """
    try:
        found = tomllib.loads((folder / FILE).read_text())
    except FileNotFoundError:
        raise CheckFailed(
            f"{FILE} is gone: `kit workshop reset` brings the exercise's files back."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CheckFailed(
            f"{FILE} cannot be read: {error}. Each line is a name, =, and an answer "
            f'between quotes, such as {names[0]} = "…".'
        ) from None
    return {name: str(found.get(name, "")).strip() for name in names}
