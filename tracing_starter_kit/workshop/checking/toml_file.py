"""Reads a TOML file of the learner's, with a sentence for each way to break it.

Example:
    table = read_toml(folder / "answers.toml", example='unseen = "…"')
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tracing_starter_kit.workshop.checking.sentences import CheckFailed


def read_toml(file: Path, *, example: str) -> dict[str, Any]:
    """Return the file's table.

    Raises:
        CheckFailed: The file is missing, or is not TOML.
    """
    try:
        return tomllib.loads(file.read_text())
    except FileNotFoundError:
        raise CheckFailed(
            f"{file.name} is missing: `kit workshop reset` restores the exercise's "
            f"files."
        ) from None
    except OSError as error:
        raise CheckFailed(
            f"{file.name} cannot be read ({error.strerror}): `kit workshop reset` "
            f"restores the exercise's files, and keeps a copy of yours."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CheckFailed(
            f"{file.name} is not valid TOML: {error}. Write each line as a name, an "
            f"equals sign and a text in quotes, such as {example}."
        ) from None
