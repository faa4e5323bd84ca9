"""A learner's whole path, in a pseudo-terminal, through the commands they type.

`pytest -s` prints how long a saved file waits for its answer. ANSWERED_WITHIN, in
seconds, judges it, which only a machine without other work can do.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.workshop.learner import alone, begin
from workshop.progress import Progress

ANSWERED_WITHIN = float(os.environ.get("ANSWERED_WITHIN", "60"))


@pytest.mark.timeout(600)
def test_the_whole_path(tmp_path: Path) -> None:
    with begin(tmp_path) as learner:
        learner.watch(str(alone()[0].number))
        learner.solve(alone())
        learner.expect("✗ 1  ")  # which needs the demo: tests/system
        passed = Progress.load(learner.folder).passed

    slowest = max(learner.answered_after)
    print(f"{len(passed)} exercises; a saved file is answered within {slowest:.2f} s")
    assert passed == [one.number for one in alone()]
    assert slowest < ANSWERED_WITHIN
