"""The output of a learner's program, cut down to the lines that help.

Example:
    text = learner_frames(program.output(), folder)
"""

from __future__ import annotations

import re
from pathlib import Path

FRAME = re.compile(r'^  File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<name>.+)$')
LAST_LINES = 5
HELPER_MARK = "__tracing_helper__ = True"


def learner_frames(output: str, folder: Path) -> str:
    """Return the last exception in the output, with the learner's own frames only.

    Without an exception, return the last lines of the output, if there are any.
    """
    lines = output.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("Traceback (most")]
    if not starts:
        return "\n".join(["", *lines[-LAST_LINES:]]) if lines else ""
    frames = []
    for number in range(starts[-1] + 1, len(lines)):
        line = lines[number]
        if match := FRAME.match(line):
            file = Path(match["path"])
            if _is_learners(file, folder.resolve()):
                code = lines[number + 1].strip() if number + 1 < len(lines) else ""
                frames.append(f"  {file.name}, line {match['line']}: {code}")
        elif line and not line.startswith(" "):
            return "\n".join(["Your program printed:", *frames, f"  {line}"])
    return "\n".join(frames)


def _is_learners(file: Path, folder: Path) -> bool:
    """Tell whether a file is in the learner's folder, and is not a copied helper."""
    try:
        is_helper = HELPER_MARK in file.read_text(errors="replace")
    except OSError:
        is_helper = False
    return file.is_relative_to(folder) and not is_helper
