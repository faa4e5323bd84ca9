"""The set-up as users run it, in a folder of its own and without an index."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracing_starter_kit.kit.settings import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an empty lock, so that no index is needed."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "install.py", tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "empty.lock").write_text("")
    return tmp_path


def install(project: Path, lock: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/install.py", lock],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def mark_installed(project: Path) -> None:
    """Write the stamp of a finished installation."""
    code = (
        "import sys; sys.argv=['', 'empty.lock']; sys.path.insert(0, 'scripts');"
        "import install; from pathlib import Path;"
        "install.VENV.mkdir(); lock = install.ROOT / 'empty.lock';"
        "install.stamp(lock).write_text(install.fingerprint(lock))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True)


def test_an_installed_lock_is_not_installed_again(project: Path) -> None:
    mark_installed(project)

    answer = install(project, "empty.lock")

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_another_lock_is_installed_again(project: Path) -> None:
    mark_installed(project)
    (project / "empty.lock").write_text("# another\n")

    answer = install(project, "empty.lock")

    assert "Making .venv" in answer.stdout
    assert "Installing empty.lock" in answer.stdout


def test_a_failure_shows_its_cause_and_the_next_step(project: Path) -> None:
    broken = "no-such-package==1.0 --hash=sha256:0\n"
    (project / "broken.lock").write_text(broken)

    answer = install(project, "broken.lock")

    assert answer.returncode == 1
    assert "failed. Is the package index reachable?" in answer.stderr
    assert not (project / ".venv" / "broken.lock.installed").exists()


def test_an_environment_of_another_python_is_kept(project: Path) -> None:
    install(project, "empty.lock")
    config = project / ".venv" / "pyvenv.cfg"
    config.write_text(config.read_text().replace("version = 3", "version = 3.99"))
    before = config.stat().st_ino
    (project / "empty.lock").write_text("# another\n")

    answer = install(project, "empty.lock")

    assert "Making .venv" not in answer.stdout
    assert config.stat().st_ino == before
