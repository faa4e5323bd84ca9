"""Runs `kit logs` as the learner does, with the options of a file.

options = read_options(run.folder, "pattern", "id")
documents = read_log(log, options)      # OTLP JSON, a document a request
trees = drawn_log(log, options)         # as the learner sees them in the terminal
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracing_starter_kit.installation import PACKAGE
from tracing_starter_kit.workshop.checking.words import NotYet

FILE = "options.toml"
WITHIN = 10.0  # s; it takes half a second


def read_options(folder: Path, *names: str) -> dict[str, str]:
    """Return the options by name; those that are empty are left out.

    Raises:
        NotYet: The file is gone, is no TOML, or has an option of another name.
    """
    try:
        found = tomllib.loads((folder / FILE).read_text())
    except FileNotFoundError:
        raise NotYet(
            f"{FILE} is gone: `kit workshop reset` brings the exercise's files back."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotYet(
            f"{FILE} cannot be read: {error}. Each line is a name, =, and a text "
            f"between '…'."
        ) from None
    if unknown := sorted(found.keys() - set(names)):
        raise NotYet(f"{FILE} has `{unknown[0]}`; the options are {', '.join(names)}.")
    if broken := [name for name, text in found.items() if "\0" in str(text)]:
        raise NotYet(
            f"{FILE}: `{broken[0]}` has a NUL in it, which no option can have."
        )
    return {name: str(text) for name, text in found.items() if text}


def read_log(log: Path, options: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what `kit logs` makes of a file.

    Raises:
        NotYet: It refuses the options; the sentence is its own.
    """
    output = log.with_name("traces.jsonl")
    _kit_logs(log, options, output)
    return [json.loads(line) for line in output.read_text().splitlines()]


def drawn_log(log: Path, options: Mapping[str, str]) -> str:
    """Return the trees that `kit logs` draws of a file.

    Raises:
        NotYet: It refuses the options; the sentence is its own.
    """
    printed = _kit_logs(log, options, Path(os.devnull))
    _account, *trees, _where_to = printed.split("\n\n")
    return "\n\n".join(trees)


def _kit_logs(log: Path, options: Mapping[str, str], output: Path) -> str:
    """Run it, and return what it prints."""
    flags = [
        f"--{name.replace('_', '-')}={text}"  # in one: a text may begin with a dash
        for name, text in options.items()
    ]
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tracing_starter_kit", "logs", str(log)),
                *("--timezone", "UTC", "--output", str(output), *flags),
            ],
            cwd=PACKAGE.parent,  # where `python -m` finds the package
            env={**os.environ, "COLUMNS": "80"},
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotYet(
            f"kit logs had not read the few lines after {WITHIN:.0f} s: an expression "
            f"of {FILE} tries the same text over and over, as `(a+)+` does. Name what "
            "stands between two parts, as in `[^ ]+`."
        ) from None
    if done.returncode:
        raise NotYet(f"kit logs says: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
