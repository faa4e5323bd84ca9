"""What a forked child does: become a learner's web service, worker or script.

    become({"id": "1", "kind": "web", "module": "shop", "folder": "...", ...})

Reports "ready" with its port, or "failed" with the learner's own part of a stack trace.
On SIGTERM it finishes what it is at, sends its last spans and ends: who has waited for
the end knows that nothing more will come.
Needs: flask or celery, whichever the learner's module does.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

from opentelemetry import trace

LAST_SPANS_MS = 3000
THREADS_END_WITHIN = 3.0


def become(job: dict[str, Any]) -> NoReturn:
    """Run a job in this process, and end it."""
    pipe = os.dup(1)

    def report(**message: Any) -> None:
        os.write(pipe, json.dumps({"id": job["id"], **message}).encode() + b"\n")

    code = 1
    try:
        _settle(job)
        _KINDS[job["kind"]](job, report)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else bool(error.code)
        if error.code and not isinstance(error.code, int):
            report(event="failed", error=str(error.code))
    except BaseException as error:  # noqa: BLE001 - whatever the learner's code raised
        report(event="failed", error=shortened(error, Path(job["folder"])))
    finally:
        _send_last_spans()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # not through the warm process's own exit handlers


def shortened(error: BaseException, folder: Path) -> str:
    """Return a stack trace with the learner's own frames only.

    >>> shortened(ValueError("no"), Path("/srv"))
    'ValueError: no'
    """
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(folder)
    ]
    lines = [
        f"  {Path(frame.filename).relative_to(folder)}, line {frame.lineno}: "
        f"{frame.line}"
        for frame in frames
    ]
    last = traceback.format_exception_only(error)
    if isinstance(error, SyntaxError) and error.filename:
        where = Path(error.filename).name
        lines.append(f"  {where}, line {error.lineno}: {(error.text or '').strip()}")
        last = [f"{type(error).__name__}: {error.msg}"]
    return "\n".join([*lines, last[-1].strip()])


def _settle(job: dict[str, Any]) -> None:
    """Take the job's folder, environment and output file."""
    folder = job["folder"]
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(job["environment"])
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    # A file saved twice within a second would run as its older self.
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    sys.argv = [job["module"], *job.get("arguments", [])]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the watch


def _web(job: dict[str, Any], report: Callable[..., None]) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    app = _find(job, "app", "Flask")
    quiet = type("Quiet", (WSGIRequestHandler,), {"log": lambda *_, **__: None})
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=quiet)
    server.daemon_threads = False  # type: ignore[attr-defined]  # a request that is being answered is waited for

    def stop(_: int, __: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    report(event="ready", port=server.server_port)
    server.serve_forever(poll_interval=0.02)
    server.server_close()
    _wait_for_threads()


def _worker(job: dict[str, Any], report: Callable[..., None]) -> None:
    from celery import signals

    app = _find(job, "app", "Celery")

    def tell(**_: Any) -> None:
        report(event="ready", port=0)

    signals.worker_ready.connect(tell, weak=False)
    app.conf.update(worker_prefetch_multiplier=1, worker_hijack_root_logger=False)
    worker = app.Worker(
        pool="solo",
        loglevel="WARNING",
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
    )
    with contextlib.suppress(SystemExit):  # its way to say that it has ended
        worker.start()


def _script(job: dict[str, Any], report: Callable[..., None]) -> None:
    report(event="ready", port=0)
    runpy.run_path(f"{job['folder']}/{job['module']}.py", run_name="__main__")
    _wait_for_threads()


_KINDS: dict[str, Callable[[dict[str, Any], Callable[..., None]], None]] = {
    "web": _web,
    "worker": _worker,
    "script": _script,
}


def _find(job: dict[str, Any], name: str, kind: str) -> Any:
    """Return the application in the learner's module."""
    module: ModuleType = importlib.import_module(job["module"])
    found = getattr(module, name, None)
    if found is None or kind not in [base.__name__ for base in type(found).__mro__]:
        sys.exit(
            f"{job['module']}.py has no `{name} = {kind}(...)` at its top level any "
            f"more: the check starts the program by that name."
        )
    return found


def _wait_for_threads() -> None:
    """Let threads that the program started come to their end."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(THREADS_END_WITHIN)


def _send_last_spans() -> None:
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    with contextlib.suppress(Exception):
        if flush is not None:
            flush(LAST_SPANS_MS)
