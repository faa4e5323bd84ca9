"""One viewer per data folder: a file lock that the system releases with its process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from tracing_starter_kit.viewer.store.errors import StoreError


class FolderLock:
    """An exclusive lock from `take` to `release`; its file holds the process id."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Lock the file; if another process has it, raise StoreError with its id."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"The viewer cannot write in {path.parent} ({error.strerror}): "
                "make the folder writable, or start with another data folder."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 20).decode() or "unknown"
            os.close(descriptor)
            raise StoreError(
                f"Another viewer (process {holder}) already uses "
                f"{path.with_name('spans.duckdb')}: stop it, use its page, or start "
                "this one with another data folder."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Release the lock, so that the next viewer can take it."""
        os.close(self._descriptor)
