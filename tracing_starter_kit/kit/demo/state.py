"""What runs, written down in one ignored folder: pids, logs, data.

    save(folder, Run(...)); run = load(folder)

A pid alone may be another program's by tomorrow, so each is kept with the time at
which its process started.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

# Every program gets this variable; a process of ours that outlived its parent is
# found by it.
MARK = "KIT_RUN"


@dataclass(frozen=True)
class ProcessId:
    """One process, told apart from a later one with the same pid by when it started."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """Return the identity of a process that runs now."""
        return cls(pid, _started(psutil.Process(pid)))

    def process(self) -> psutil.Process | None:
        """Return the process if it still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(_started(process) - self.started) < 1
            return process if same and process.status() != "zombie" else None
        except psutil.NoSuchProcess:
            return None


def _started(process: psutil.Process) -> float:
    """Return when a process started, in seconds that no setting of the clock moves.

    Linux knows it since the boot, and psutil adds the time of that, which is another
    one after the clock was set; macOS notes the time itself.
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
    """One `kit up`: the process that watches, and the programs that it started."""

    supervisor: ProcessId
    tracing: str
    ready: bool
    programs: tuple[RunningProgram, ...]


def log_file(folder: Path, name: str) -> Path:
    """Return where a program's output goes."""
    return folder / "logs" / f"{name}.log"


def save(folder: Path, run: Run) -> None:
    """Write the run down; a reader sees the old state or the new one, never half."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "state.json.new"
    draft.write_text(json.dumps(asdict(run), indent=1))
    draft.replace(folder / "state.json")


def load(folder: Path) -> Run | None:
    """Return the last run that was written down, whether it still runs or not."""
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


def hold_down(folder: Path, name: str) -> None:
    """Ask for a program to be stopped, and to stay so."""
    (folder / "stopped").mkdir(parents=True, exist_ok=True)
    (folder / "stopped" / name).touch()


def release(folder: Path, name: str) -> None:
    """Ask for a stopped program to be started again."""
    (folder / "stopped" / name).unlink(missing_ok=True)


def held_down(folder: Path) -> set[str]:
    """Return the programs that are to be down."""
    return {file.name for file in (folder / "stopped").glob("*")}


def release_all(folder: Path) -> None:
    """Forget what was stopped: a new start starts everything."""
    for name in held_down(folder):
        release(folder, name)


def leftovers(folder: Path) -> list[psutil.Process]:
    """Return the processes of an earlier run that nobody watches any more."""
    run = load(folder)
    known = [program.id.process() for program in run.programs] if run else []
    found = {process.pid: process for process in known if process}
    for process in list(found.values()):
        found.update({child.pid: child for child in process.children(recursive=True)})
    found.update({process.pid: process for process in _marked(folder)})
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [process for pid, process in found.items() if pid not in ours]


def _marked(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(folder):
                yield process
        except (psutil.Error, OSError):
            continue
