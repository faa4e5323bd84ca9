"""Several processes of a service, such as an API and a worker, start at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.demo_services.databases import database_url

OPEN = """
import sys
from demo_services.database import open_database
from demo_services.notifications.tables import tables

print("ready", flush=True)
sys.stdin.readline()
open_database(sys.argv[1], tables)
"""


def test_processes_that_start_at_once_all_have_their_tables(tmp_path: Path) -> None:
    url = database_url(tmp_path, "notifications")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()

    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]

    assert errors == [""] * 4
