"""The helpers' tests under each Python, with the oldest and the newest packages.

The first line of the run names the interpreters of this machine. The oldest packages
run with the oldest of them, the newest with the newest.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.instrumentation.docstrings import HELPERS, NAMES
from tests.instrumentation.processes import ROOT
from tests.long.alone.project import run_alone
from tests.long.environments import Environments, locked_versions
from tests.long.versions.interpreters import interpreters

PYTHONS = list(interpreters())
OLDEST = """
opentelemetry-api==1.45.0
opentelemetry-instrumentation==0.66b0
flask==3.0.0
celery==5.4.0
"""
# Packages to try in several versions, and those that fit only one of them.
FREE = re.compile(
    r"^(opentelemetry[-_]|flask|werkzeug|celery|kombu|billiard|amqp|vine)"
)
# Packages of the project that no helper and no test of a helper uses.
OTHERS = re.compile(
    r"celery-types|codespell|duckdb|editables|grpcio|hatchling|httptools|mypy|psycopg"
    r"|opentelemetry-instrumentation-httpx|pygments|ruff|types-.*|uvicorn"
)


def locked(*, without: re.Pattern[str]) -> str:
    lines = locked_versions().splitlines()
    return "\n".join(line for line in lines if not without.match(line))


SETS = {
    "oldest": OLDEST + locked(without=FREE),
    "locked": locked_versions(),
    "newest": locked(without=FREE),
}
RUNS = dict.fromkeys(
    [("oldest", PYTHONS[0])]
    + [("locked", version) for version in PYTHONS[1:-1]]
    + [("newest", PYTHONS[-1])]
)


def packages() -> list[str]:
    """Return the packages that the helpers' tests need."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = tables["project"]
    lines = [*project["dependencies"], *tables["dependency-groups"]["dev"]]
    for extra in project["optional-dependencies"].values():
        lines += extra
    names = {Requirement(line).name for line in lines} - {project["name"]}
    return sorted(name for name in names if not OTHERS.fullmatch(name))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("versions", "python"), RUNS)
def test_the_helpers_tests_pass(
    versions: str, python: str, environments: Environments
) -> None:
    path = environments.python_with(packages(), interpreters()[python], SETS[versions])
    ignored = "--ignore=tests/instrumentation/test_types.py"  # the type checker's

    status, output = run(path, "-m", "pytest", "tests/instrumentation", ignored, "-n2")

    assert status == 0, f"{installed(path)}\n{output}"


def run(*command: str | Path) -> tuple[int, str]:
    """Run a command to its end, and end all its processes."""
    process = subprocess.Popen(
        [*command, "-q", "-pno:cacheprovider"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    finally:  # also after a timeout, in the middle of a test with a server
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, output


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_alone_with_the_newest_packages_its_example_makes_its_spans(
    helper: Path, environments: Environments, tmp_path: Path
) -> None:
    run_alone(helper, tmp_path, environments, interpreters()[PYTHONS[-1]], "")


def installed(python: Path) -> str:
    """Return the versions of a failed run, one a line."""
    folders = python.parents[1].glob("lib/*/site-packages/*.dist-info")
    names = sorted(path.name.removesuffix(".dist-info") for path in folders)
    return "\n".join(name for name in names if FREE.match(name))
