"""Which parts need the packages of pyproject.toml, and which lock file holds them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.instrumentation.docstrings import HELPERS, NAMES, docstring
from tests.structure.modules import ROOT

CONTENT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = CONTENT["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
PROGRAM_EXTRAS = ["viewer", "logs", "workshop", "demo", "all"]
HELPER_EXTRAS = [extra for extra in EXTRAS if extra not in PROGRAM_EXTRAS]


def requirements(lines: Iterable[str]) -> list[Requirement]:
    """Return the requirements, with an extra of ours in the place of its name."""
    flat: list[Requirement] = []
    for requirement in map(Requirement, lines):
        if requirement.name == PROJECT["name"]:
            for extra in requirement.extras:
                flat += requirements(EXTRAS[extra])
        else:
            flat.append(requirement)
    return flat


def packages_of_helpers() -> set[tuple[str, str]]:
    lines = [*PROJECT["dependencies"], *(x for e in HELPER_EXTRAS for x in EXTRAS[e])]
    return {(r.name, str(r.specifier)) for r in requirements(lines)}


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_what_a_helper_needs_comes_with_the_package_or_with_a_helpers_extra(
    helper: Path,
) -> None:
    needs = map(Requirement, docstring(helper).needs)

    assert {(r.name, str(r.specifier)) for r in needs} <= packages_of_helpers()


def test_a_helpers_extra_brings_nothing_of_the_viewer_or_the_demo() -> None:
    programs = {"duckdb", "grpcio", "starlette", "uvicorn", "gunicorn", "psycopg"}

    assert not programs & {name for name, _ in packages_of_helpers()}


@pytest.mark.parametrize(
    ("lines", "lock"),
    [
        (PROJECT["dependencies"], "requirements.lock"),
        (EXTRAS["demo"], "requirements.lock"),
        (CONTENT["dependency-groups"]["checkout"], "requirements.lock"),
        (EXTRAS["flags"] + EXTRAS["testing"], "requirements-dev.lock"),
        (CONTENT["dependency-groups"]["dev"], "requirements-dev.lock"),
    ],
)
def test_a_lock_file_holds_a_version_in_the_range(lines: list[str], lock: str) -> None:
    versions = dict(
        re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / lock).read_text(), re.MULTILINE)
    )
    outside = [
        str(requirement)
        for requirement in requirements(lines)
        if not requirement.specifier.contains(
            versions.get(requirement.name, "0"), prereleases=True
        )
        or requirement.name not in versions
    ]

    assert outside == []


def test_all_is_every_extra() -> None:
    every = {str(r) for name in EXTRAS for r in requirements(EXTRAS[name])}

    assert {str(r) for r in requirements(EXTRAS["all"])} == every
