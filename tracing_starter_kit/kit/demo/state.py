"""The state of the running demo, in one ignored folder: pids, logs, data.

    save(folder, Run(...)); run = load(folder)

A pid may be reused by another program, so each is stored with the start time of its
process.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

# Every program has this variable, which identifies a process of ours that outlived
# its parent.
MARK = "KIT_RUN"


@dataclass(frozen=True)
class ProcessId:
    """A process; its start time distinguishes it from a later one with the same pid."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """Return the identity of a running process."""
        return cls(pid, _started(psutil.Process(pid)))

    def process(self) -> psutil.Process | None:
        """Return the process if it still runs."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(_started(process) - self.started) < 1
            return process if is_same and process.status() != "zombie" else None
        except psutil.NoSuchProcess:
            return None


def _started(process: psutil.Process) -> float:
    """Return when a process started, in seconds that setting the clock cannot change.

    Linux counts from the boot. psutil adds the boot time, which changes when the clock
    is set. macOS stores the time itself.
    """
    since = psutil.boot_time() if sys.platform == "linux" else 0.0
    return process.create_time() - since


@dataclass(frozen=True)
class RunningProgram:
    """A program of the demo, as `kit status` shows it."""

    name: str
    id: ProcessId
    ports: tuple[int, ...]
    restarts: int = 0
    ready: bool = True


@dataclass(frozen=True)
class Run:
    """One `kit up`: the process that supervises, and the programs that it started."""

    supervisor: ProcessId
    tracing: str
    ready: bool
    programs: tuple[RunningProgram, ...]


def log_file(folder: Path, name: str) -> Path:
    """Return the path of a program's log."""
    return folder / "logs" / f"{name}.log"


def save(folder: Path, run: Run) -> None:
    """Write the run; a reader sees the old state or the new one, never half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "state.json.new"
    draft.write_text(json.dumps(asdict(run), indent=1))
    draft.replace(folder / "state.json")


def load(folder: Path) -> Run | None:
    """Return the last saved run, whether it is still running or not."""
    try:
        raw = json.loads((folder / "state.json").read_text())
        programs = [
            RunningProgram(
                name=program["name"],
                id=ProcessId(**program["id"]),
                ports=tuple(program["ports"]),
                restarts=program["restarts"],
                ready=program["ready"],
            )
            for program in raw["programs"]
        ]
        supervisor = ProcessId(**raw["supervisor"])
        return Run(supervisor, raw["tracing"], raw["ready"], tuple(programs))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def clear(folder: Path) -> None:
    """Forget the run; logs and data stay."""
    (folder / "state.json").unlink(missing_ok=True)


def request_stop(folder: Path, name: str) -> None:
    """Ask the supervisor to stop a program and not to restart it."""
    (folder / "stopped").mkdir(parents=True, exist_ok=True)
    (folder / "stopped" / name).touch()


def cancel_stop(folder: Path, name: str) -> None:
    """Ask the supervisor to start a stopped program again."""
    (folder / "stopped" / name).unlink(missing_ok=True)


def stopped_names(folder: Path) -> set[str]:
    """Return the names of the programs that `kit stop` has stopped."""
    return {file.name for file in (folder / "stopped").glob("*")}


def cancel_all_stops(folder: Path) -> None:
    """Forget every `kit stop`: a new start starts everything."""
    for name in stopped_names(folder):
        cancel_stop(folder, name)


def leftovers(folder: Path) -> list[psutil.Process]:
    """Return the processes of an earlier run that nothing supervises any more."""
    run = load(folder)
    programs = [program.id.process() for program in run.programs] if run else []
    by_pid = {process.pid: process for process in programs if process}
    for process in list(by_pid.values()):
        by_pid.update({child.pid: child for child in process.children(recursive=True)})
    by_pid.update({process.pid: process for process in _marked(folder)})
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [process for pid, process in by_pid.items() if pid not in own]


def _marked(folder: Path) -> Iterator[psutil.Process]:
    """Yield the processes whose environment has this folder's mark."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(folder):
                yield process
        except (psutil.Error, OSError):
            continue
