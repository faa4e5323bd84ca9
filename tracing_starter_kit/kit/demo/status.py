"""`kit status`: the running programs, their uptime and memory."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass

import psutil

from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.settings import Settings


@dataclass(frozen=True)
class ProgramStatus:
    """One row of the table; memory in bytes, including child processes."""

    name: str
    running: bool
    pid: int
    processes: int
    ports: tuple[int, ...]
    uptime_s: int
    restarts: int
    memory: int


def status_command(settings: Settings, *, as_json: bool) -> int:
    """Print the table, or one JSON object; return 0 if every program is running."""
    run = state.load(settings.state)
    if run is None or not run.supervisor.process():
        sentence = "The demo is not running: start it with `make demo`."
        print(json.dumps({"running": False}) if as_json else sentence)
        return 1
    kit = state.RunningProgram("kit", run.supervisor, ())
    rows = [_row(kit, alone=True)]
    rows += [_row(program) for program in run.programs]
    total = sum(row.memory for row in rows)
    if as_json:
        facts = {"running": True, "tracing": run.tracing, "ready": run.ready}
        programs = [asdict(row) for row in rows]
        print(json.dumps({**facts, "memory": total, "programs": programs}))
    else:
        _print_table(rows, total)
    return 0 if all(row.running for row in rows) else 1


def _row(program: state.RunningProgram, *, alone: bool = False) -> ProgramStatus:
    process = program.id.process()
    family = [process] if process else []
    if process and not alone:
        family += process.children(recursive=True)
    return ProgramStatus(
        name=program.name,
        running=process is not None,
        pid=program.id.pid,
        processes=len(family),
        ports=program.ports,
        uptime_s=int(time.time() - process.create_time()) if process else 0,
        restarts=program.restarts,
        memory=sum(_memory(member) for member in family),
    )


def _memory(process: psutil.Process) -> int:
    """Return the proportional set size if the system measures it, else the resident.

    The proportional size counts a page of N processes as 1/N for each of them (Linux:
    `/proc/PID/smaps_rollup`).
    """
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", 0) or full.rss)
    except psutil.Error:
        return 0


def _print_table(rows: list[ProgramStatus], total: int) -> None:
    print(f"{'program':<14} {'state':<8} {'pid':>8} {'procs':>5} {'memory':>8}  ports")
    for row in rows:
        word = "running" if row.running else "DEAD"
        restarts = f"  (restarted {row.restarts} times)" if row.restarts else ""
        ports = " ".join(map(str, row.ports))
        print(
            f"{row.name:<14} {word:<8} {row.pid:>8} {row.processes:>5} "
            f"{row.memory / 1e6:>5.0f} MB  {ports}{restarts}"
        )
    print(f"{'':<14} {'':<8} {'':>8} {'':>5} {total / 1e6:>5.0f} MB  in total")
