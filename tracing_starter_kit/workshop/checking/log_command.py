"""Runs `kit logs` as the learner does, with the options of `options.toml`.

Example:
    options = read_options(run.folder, "pattern", "id")
    documents = read_log(log, options)      # OTLP JSON, one document a request
    trees = drawn_log(log, options)         # the text that the learner sees
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracing_starter_kit.installation import PACKAGE
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.checking.toml_file import read_toml

FILE = "options.toml"
TIMEOUT = 10.0  # s; the command takes half a second


def read_options(folder: Path, *names: str) -> dict[str, str]:
    """Return the options by name, without the empty ones.

    Raises:
        CheckFailed: The file is missing or is not TOML, or an option is unknown or
            cannot be passed on.
    """
    table = read_toml(folder / FILE, example=f"{names[0]} = '…'")
    if unknown := sorted(table.keys() - set(names)):
        raise CheckFailed(
            f"{FILE} has an unknown option `{unknown[0]}`; expected {', '.join(names)}."
        )
    if broken := [name for name, text in table.items() if "\0" in str(text)]:
        raise CheckFailed(
            f"{FILE}: `{broken[0]}` contains a NUL character, which no option can "
            f"have. Remove it."
        )
    return {name: str(text) for name, text in table.items() if text}


def read_log(log: Path, options: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the traces that `kit logs` makes of a file.

    Raises:
        CheckFailed: The command refuses the options.
    """
    output = log.with_name("traces.jsonl")
    _run_kit_logs(log, options, output)
    return [json.loads(line) for line in output.read_text().splitlines()]


def drawn_log(log: Path, options: Mapping[str, str]) -> str:
    """Return the trees that `kit logs` draws of a file.

    Raises:
        CheckFailed: The command refuses the options.
    """
    printed = _run_kit_logs(log, options, Path(os.devnull))
    _summary, *trees, _destination = printed.split("\n\n")
    return "\n\n".join(trees)


def _run_kit_logs(log: Path, options: Mapping[str, str], output: Path) -> str:
    """Run the command, and return the text that it prints."""
    command = [sys.executable, "-m", "tracing_starter_kit", "logs", str(log)]
    command += ["--timezone", "UTC", "--output", str(output)]
    # One word for option and text: the text may begin with a dash.
    command += [f"--{name.replace('_', '-')}={text}" for name, text in options.items()]
    try:
        result = subprocess.run(
            command,
            cwd=PACKAGE.parent,  # where `python -m` finds the package
            env={**os.environ, "COLUMNS": "80"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CheckFailed(
            f"`kit logs` did not read the few lines within {TIMEOUT:.0f} s: an "
            f"expression in {FILE} tries the same text over and over, as `(a+)+` does. "
            f"Name the character between two parts, as in `[^ ]+`."
        ) from None
    if result.returncode:
        reason = result.stderr.strip() or result.stdout.strip()
        raise CheckFailed(f"`kit logs` failed: {reason}")
    return result.stdout
