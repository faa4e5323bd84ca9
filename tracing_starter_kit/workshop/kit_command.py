"""The `kit` command as a learner can type it, in a new terminal and any folder.

    print(typable("Next:  `kit workshop watch`"))

The texts of the workshop say `kit`. A virtual environment is on the PATH only where it
was activated, so `typable` puts the command's path in place of the name, unless the
PATH of every terminal leads to it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from tracing_starter_kit.installation import PACKAGE

# In code, as in "`kit logs`", or on a line of its own, as in "    kit logs".
CALL = re.compile(r"(?:(?<=`)|(?<=[ ]{2}))kit(?=\s+[a-z]+)")


def typable(text: str) -> str:
    """Return a text in which each call of `kit` works when it is typed."""
    return CALL.sub(lambda _: kit_command(), text)


def kit_command() -> str:
    """Return the command that runs this kit: its name, or else its path."""
    script = Path(sys.executable).parent / "kit"
    if not script.is_file():
        module = f"-m {PACKAGE.name}"
        return f"PYTHONPATH={_typed(PACKAGE.parent)} {_typed(sys.executable)} {module}"
    on_path = shutil.which("kit", path=_lasting_path())
    if on_path and Path(on_path).resolve() == script.resolve():
        return "kit"
    return _typed(script)


def _lasting_path() -> str:
    """Return the PATH without the folder that an activated environment has added."""
    own = Path(sys.prefix) / "bin"
    entries = os.environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if entry and Path(entry) != own)


def _typed(path: str | Path) -> str:
    """Return a path for a shell, with `~` for the home folder."""
    absolute, home = Path(path).absolute(), Path.home()
    if absolute.is_relative_to(home) and home != Path(home.anchor):
        return f"~/{shlex.quote(str(absolute.relative_to(home)))}"
    return shlex.quote(str(absolute))
