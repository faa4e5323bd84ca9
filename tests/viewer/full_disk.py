"""Fill a store on a disk that is full for a while; print counts and log messages.

    python -m tests.viewer.full_disk small FOLDER      # on a small file system
    python -m tests.viewer.full_disk limited FOLDER    # no file may grow

It is a program of its own, so that the full disk affects nothing else.
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
FREE = 400_000  # bytes: room for the journal, none for the database's own log
LIMIT = 3 << 20  # bytes: less than the database file, more than its log needs
chance = random.Random(7)


class LogMessages(logging.Handler):
    """Collects the messages of the log; `first` is set once there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.first = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
        self.first.set()


@contextmanager
def small_file_system(folder: Path) -> Iterator[None]:
    ballast = folder / "ballast"
    disk = os.statvfs(folder)
    ballast.write_bytes(bytes(disk.f_bavail * disk.f_bsize - FREE))
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
    """Submit log records: they have no ids, so a repeated insert would show."""
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
    logging.getLogger().addHandler(messages := LogMessages())
    data = folder / "data"
    with closing(Store.open(data, max_bytes=16 << 20)) as store:
        submitted = sum(submit(store, 4000) for _ in range(12) if store.flush())
    # Closing has merged DuckDB's log into the database file.
    with closing(Store.open(data, max_bytes=16 << 20)) as store:
        with FULL[kind](folder):
            while not messages.first.is_set():
                submitted += submit(store, 2000)
                store.flush(0.2)
            while_full = count_once_possible(store)
        flushed = store.flush()
        stored = count(store)
    return {
        "submitted": submitted,
        "readable while full": while_full > 0,
        "flushed": flushed,
        "stored": stored,
        "refused": [path.name for path in data.glob("refused/*")],
        "messages": messages.texts,
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
