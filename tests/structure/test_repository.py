"""The contents of the repository: files that may be there, texts that must not."""

from __future__ import annotations

import re
from pathlib import Path

from tests.structure.modules import ROOT, shipped_files
from tests.structure.repository import ignored_by, tracked_files

# In pieces, so that this file does not match.
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
# A file of each kind that a command of ours or a tool makes.
MADE_FILES = (
    "demo_services/__pycache__/settings.cpython-311.pyc",
    "settings.pyc",
    "node_modules/htm/package.json",
    ".venv/bin/python",
    ".venv-peers/bin/python",
    ".kit/traces.duckdb",
    ".mypy_cache/CACHEDIR.TAG",
    ".pytest_cache/CACHEDIR.TAG",
    ".ruff_cache/CACHEDIR.TAG",
    ".hypothesis/examples/0",
    ".coverage",
    "otel_tracing_starter_kit.egg-info/PKG-INFO",
    "build/lib/x.py",
    "dist/x.whl",
    "test-results/trace.zip",
    "tracing-workshop/README.md",
    "tracing-workshop-bundle.zip",
)


def tracked_texts() -> dict[str, str]:
    paths = {path: ROOT / path for path in tracked_files()}
    return {path: _text(file) for path, file in paths.items() if file.is_file()}


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    matches = {
        name: match[0]
        for name, text in tracked_texts().items()
        if "/vendor/" not in name
        for pattern in (REGISTRY_HOSTS, MACHINE_PATHS)
        if (match := pattern.search(text))
    }

    assert matches == {}


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
    files = {
        str(file.relative_to(ROOT))
        for file in shipped_files()
        if any(port in file.read_text() for port in demo_ports)
    }

    assert files == {"demo_services/settings.py"}


def test_git_ignores_the_files_that_commands_make() -> None:
    assert ignored_by(MADE_FILES).keys() == set(MADE_FILES)


def test_every_line_of_the_ignore_file_ignores_one_of_them() -> None:
    lines = (ROOT / ".gitignore").read_text().splitlines()

    assert set(ignored_by(MADE_FILES).values()) == set(lines)


def test_no_tracked_file_is_one_that_git_ignores() -> None:
    assert tracked_files("--cached", "--ignored", "--exclude-standard") == []
