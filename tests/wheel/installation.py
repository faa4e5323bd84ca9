"""A virtual environment with the kit's wheel in it, made without a network.

The packages that the kit needs are those of this environment, by a line of a `.pth`
file. BLOCKED_IMPORTS, names with spaces between, makes some of them missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.workshop.offline import ENVIRONMENT
from tracing_starter_kit.installation import PACKAGE

ROOT = PACKAGE.parent
BLOCKER = """
import os, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in os.environ.get("BLOCKED_IMPORTS", "").split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def build_wheel(folder: Path, project: Path = ROOT) -> Path:
    """Build the wheel of a checkout, with the builder of this environment."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    run([*pip, "--no-build-isolation", "--wheel-dir", str(folder), str(project)])
    (wheel,) = folder.glob("*.whl")
    return wheel


class Installation:
    """The environment: its programs, and where its packages lie."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        self.python = folder / "bin" / "python"
        (self.packages,) = folder.glob("lib/python*/site-packages")
        # A folder named by a .pth file does not bring its own .pth files, such as the
        # one of an editable installation.
        (self.packages / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (self.packages / "sitecustomize.py").write_text(BLOCKER)

    def install(self, wheel: Path) -> None:
        """Install a wheel in place of an older one."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install"]
        options = ["--quiet", "--no-index", "--no-deps", "--force-reinstall"]
        run([*pip, *options, "--disable-pip-version-check", str(wheel)])

    def kit(
        self, *arguments: str, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `kit` in a folder, with a home of its own."""
        return subprocess.run(
            self.command(*arguments),
            cwd=cwd,
            env=self.environment(cwd, **environment),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def command(self, *arguments: str) -> list[str]:
        return [str(self.folder / "bin" / "kit"), *arguments]

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        own = ("PYTHONPATH", "VIRTUAL_ENV", "KIT_STATE_DIR", "XDG_STATE_HOME")
        inherited = {k: v for k, v in os.environ.items() if k not in own}
        return {**inherited, **ENVIRONMENT, "HOME": str(home), **more}


def run(command: list[str]) -> None:
    """Run a command that must succeed, with no network to ask."""
    environment = {**os.environ, **ENVIRONMENT, "PIP_REQUIRE_VIRTUALENV": "0"}
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
