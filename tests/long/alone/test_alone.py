"""Each helper, copied alone into an empty project, makes the spans of its docstring."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.instrumentation.docstrings import HELPERS, NAMES
from tests.long.alone.project import run_alone
from tests.long.environments import Environments


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_its_example_runs_and_its_spans_arrive(
    helper: Path, environments: Environments, tmp_path: Path
) -> None:
    run_alone(helper, tmp_path, environments)
