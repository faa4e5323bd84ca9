"""What the wheel puts into an environment: one package, whole."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.wheel.installation import ROOT, Installation
from tracing_starter_kit.installation import PACKAGE

HELPERS = sorted((ROOT / "instrumentation").glob("[a-z]*.py"))
NAMES = [file.stem for file in HELPERS]


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_one_package_stands_at_the_top(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names_in(wheel)}

    assert {top for top in tops if not top.endswith(".dist-info")} == {PACKAGE.name}


def test_every_tracked_file_of_the_package_is_in_it(wheel: Path) -> None:
    listing = subprocess.run(
        ["git", "ls-files", "-z", PACKAGE.name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    tracked = {name for name in listing.stdout.split("\0") if (ROOT / name).is_file()}

    assert tracked - {""} <= set(names_in(wheel))


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_a_helper_is_a_module_of_the_package(
    helper: Path, installed: Installation
) -> None:
    copy = installed.packages / PACKAGE.name / helper.name

    assert copy.read_bytes() == helper.read_bytes()


@pytest.mark.parametrize("helper", NAMES)
def test_no_helper_has_the_name_of_a_room(helper: str) -> None:
    assert not (PACKAGE / helper).exists()
    assert not (PACKAGE / f"{helper}.py").exists()


@pytest.mark.parametrize("where", ["wheel", "checkout"])
def test_helpers_are_imported_by_one_name_from_the_wheel_and_from_a_checkout(
    where: str, installed: Installation, tmp_path: Path
) -> None:
    python = str(installed.python) if where == "wheel" else sys.executable
    lines = [f"import tracing_starter_kit.{name}" for name in NAMES]
    code = "\n".join([*lines, "print(tracing_starter_kit.tracing_setup.__file__)"])
    run = subprocess.run(
        [python, "-c", code],
        cwd=tmp_path,
        env=installed.environment(tmp_path),
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr
    is_in_wheel = run.stdout.startswith(str(installed.packages))
    assert is_in_wheel == (where == "wheel")


def test_a_folder_of_another_project_is_not_taken_for_a_checkout(
    installed: Installation, tmp_path: Path
) -> None:
    """Another package may put `instrumentation` at the top of the environment."""
    other = installed.packages / "instrumentation"
    other.mkdir()
    code = "from tracing_starter_kit.installation import CHECKOUT; print(CHECKOUT)"
    run = subprocess.run(
        [installed.python, "-c", code],
        cwd=tmp_path,
        env=installed.environment(tmp_path),
        capture_output=True,
        text=True,
    )
    other.rmdir()

    assert run.stdout == "None\n", run.stderr
