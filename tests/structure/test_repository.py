"""What the repository holds, and what it must not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.structure.modules import ROOT, shipped_files

# Written so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(
        (
            r"pypi\.o" + "rg",
            "pythonhosted" + r"\.org",
            r"registry\.npm" + "js",
            "deb" + r"\.debian\.org",
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|Users)/" + r"[a-z]")


def tracked_texts() -> dict[str, str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listing.stdout.split("\0") if (ROOT / name).is_file()]
    return {name: _text(ROOT / name) for name in names if name}


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    found = {
        name: match[0]
        for name, text in tracked_texts().items()
        if "/vendor/" not in name
        for pattern in (REGISTRY_HOSTS, MACHINE_PATHS)
        if (match := pattern.search(text))
    }

    assert found == {}


def test_lock_files_hold_names_versions_and_hashes_only() -> None:
    lines = [
        line
        for lock in ROOT.glob("requirements*.lock")
        for line in lock.read_text().splitlines()
    ]
    pattern = re.compile(r"[\w.-]+==[\w.!+]+( ; .+)? \\|    --hash=sha256:\w{64}( \\)?")

    assert [line for line in lines if not pattern.fullmatch(line)] == []


def test_ports_stand_in_the_env_file_only() -> None:
    """A demo port in the code is a default beside its variable, nothing else."""
    ports = re.findall(r"_PORT=(\d+)", (ROOT / ".env").read_text())
    demo_ports = [port for port in ports if port.startswith("86")]
    homes = {
        str(file.relative_to(ROOT))
        for file in shipped_files()
        if any(port in file.read_text() for port in demo_ports)
    }

    assert homes <= {"demo_services/settings.py"}


def test_every_line_of_the_ignore_file_keeps_made_things_out() -> None:
    tracked = tracked_texts()

    assert not [name for name in tracked if name.startswith((".venv/", ".kit/"))]
    assert not [name for name in tracked if name.endswith(".pyc")]
