"""A store on a disk that is full for a while; prints what became of what it took.

    python -m tests.viewer.full_disk small FOLDER      # FOLDER is a small one
    python -m tests.viewer.full_disk limited FOLDER    # no file may grow

As a program of its own: a full file system and a limit are for nobody else.
"""

from __future__ import annotations

import json
import logging
import os
import random
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from tests.viewer.telemetry import logs
from tracing_starter_kit.viewer.store import Store, StoreError

RECORDS = 100
LEFT = 400_000  # bytes: room for the journal, none for the database's own log
LIMIT = 3 << 20  # bytes: less than the file has, more than its log needs
chance = random.Random(7)


class Sayings(logging.Handler):
    """What the log says, and a way to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.said = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
        self.said.set()


@contextmanager
def small_file_system(folder: Path) -> Iterator[None]:
    ballast = folder / "ballast"
    found = os.statvfs(folder)
    ballast.write_bytes(bytes(found.f_bavail * found.f_bsize - LEFT))
    yield
    ballast.unlink()


@contextmanager
def no_file_may_grow(_: Path) -> Iterator[None]:
    hard = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


FULL = {"small": small_file_system, "limited": no_file_may_grow}


def submit(store: Store, size: int) -> int:
    """Send log records, as of them no id says which are there already."""
    body = logs(*[LogRecord(body=text(size)) for _ in range(RECORDS)])
    store.submit("logs", body.SerializeToString(), items=RECORDS).result()
    return RECORDS


def text(size: int) -> AnyValue:
    return AnyValue(string_value=chance.randbytes(size // 2).hex())


def count(store: Store) -> int:
    with store.cursor() as cursor:
        row = cursor.execute("SELECT count(*) FROM logs").fetchone()
    return int(row[0]) if row else -1


def run(kind: str, folder: Path) -> dict[str, object]:
    logging.getLogger().addHandler(sayings := Sayings())
    data = folder / "data"
    with closing(Store.open(data, max_bytes=16 << 20)) as store:
        taken = sum(submit(store, 4000) for _ in range(12) if store.flush())
    # Closing has put all of it into the database's file.
    with closing(Store.open(data, max_bytes=16 << 20)) as store:
        with FULL[kind](folder):
            while not sayings.said.is_set():
                taken += submit(store, 2000)
                store.flush(0.2)
            while_full = count_once_possible(store)
        flushed = store.flush()
        stored = count(store)
    return {
        "taken": taken,
        "readable while full": while_full > 0,
        "flushed": flushed,
        "stored": stored,
        "set aside": [path.name for path in data.glob("refused/*")],
        "said": sayings.texts,
    }


def count_once_possible(store: Store) -> int:
    deadline = time.monotonic() + 10
    while True:
        try:
            return count(store)
        except (StoreError, duckdb.Error):
            if time.monotonic() > deadline:
                return -1


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))), flush=True)
