"""What a learner's program printed, cut down to what helps.

own_frames(program.output(), folder)
"""

from __future__ import annotations

import re
from pathlib import Path

FRAME = re.compile(r'^  File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<name>.+)$')
LAST_LINES = 5
HELPER = "__tracing_helper__ = True"


def own_frames(output: str, folder: Path) -> str:
    """Return the last exception that was printed, with the learner's own frames only.

    Without one, the last lines that were printed; without those, nothing.
    """
    lines = output.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("Traceback (most")]
    if not starts:
        return "\n".join(["", *lines[-LAST_LINES:]]) if lines else ""
    kept = []
    for number in range(starts[-1] + 1, len(lines)):
        line = lines[number]
        if found := FRAME.match(line):
            if is_theirs(Path(found["path"]), folder.resolve()):
                name = Path(found["path"]).name
                code = lines[number + 1].strip() if number + 1 < len(lines) else ""
                kept.append(f"  {name}, line {found['line']}: {code}")
        elif line and not line.startswith(" "):
            return "\n".join(["Your program says:", *kept, f"  {line}"])
    return "\n".join(kept)


def is_theirs(file: Path, folder: Path) -> bool:
    """Tell whether a frame is the learner's: in their folder, and no copied helper."""
    try:
        helper = HELPER in file.read_text(errors="replace")
    except OSError:
        helper = False
    return file.is_relative_to(folder) and not helper
