"""The benchmark of overhead runs, with and without the peers; no time is judged."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.overhead import GOALS, PEERS
from tests.instrumentation.processes import ROOT


def test_it_prints_a_table_for_each_group_and_the_goals() -> None:
    command = [sys.executable, "-m", "benchmarks.overhead", "--rounds", "2"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)

    peers = ("logfire.instrument", "ddtrace")
    goals = [g for g in GOALS if PEERS.exists() or not g.theirs.endswith(peers)]
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("of stock") == 8
    assert run.stdout.count("goal") == len(goals)
    assert (
        "are not installed: run `make overhead`" in run.stdout
    ) is not PEERS.exists()
