"""The benchmark of overhead runs, with and without the peers; its times are no test."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.overhead import GOALS, PEERS
from tests.instrumentation.processes import ROOT


def test_it_prints_a_table_for_each_group_and_what_became_of_the_goals() -> None:
    command = [sys.executable, "-m", "benchmarks.overhead", "--rounds", "2"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100
    )

    peers = ("logfire.instrument", "ddtrace")
    goals = [g for g in GOALS if PEERS.exists() or not g.theirs.endswith(peers)]
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("of stock") == 8
    assert done.stdout.count("goal") == len(goals)
    assert ("are not installed: `make overhead`" in done.stdout) is not PEERS.exists()
