"""A forked child: runs a learner's web service or worker.

    run_job({"id": "1", "kind": "web", "module": "shop", "folder": "...", ...})

It reports "ready" with its port, or "failed" with the learner's part of the traceback.
On SIGTERM it finishes its work, sends its last spans and ends, so no span arrives after
its end.
Needs: flask or celery, as the learner's module does.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

from opentelemetry import trace

from tracing_starter_kit.workshop.running.stacks import DUMP_SIGNAL

LAST_SPANS_MS = 3000
THREAD_TIMEOUT = 3.0

Report = Callable[..., None]


def run_job(job: dict[str, Any]) -> NoReturn:
    """Run a job in this process, and end the process."""
    pipe = os.dup(1)

    def report(**message: Any) -> None:
        os.write(pipe, json.dumps({"id": job["id"], **message}).encode() + b"\n")

    code = 1
    try:
        _set_up_process(job)
        _KINDS[job["kind"]](job, report)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else bool(error.code)
        if error.code and not isinstance(error.code, int):
            report(event="failed", error=str(error.code))
        elif text := shortened(error, Path(job["folder"])).rstrip():
            report(event="failed", error=text)
    except BaseException as error:  # noqa: BLE001 - anything the learner's code raised
        report(event="failed", error=shortened(error, Path(job["folder"])))
    finally:
        _send_last_spans()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # not through the fork server's own exit handlers


def shortened(error: BaseException, folder: Path) -> str:
    """Return a traceback with the learner's own frames only.

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
        name = Path(error.filename).name
        lines.append(f"  {name}, line {error.lineno}: {(error.text or '').strip()}")
        last = [f"{type(error).__name__}: {error.msg}"]
    return "\n".join([*lines, last[-1].strip()])


def _set_up_process(job: dict[str, Any]) -> None:
    """Apply the job's folder, environment and output file to this process."""
    folder = job["folder"]
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(job["environment"])
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    # Bytecode of a file saved twice within a second would be the older version's.
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    faulthandler.register(DUMP_SIGNAL)  # writes to standard error, the output file
    sys.argv = [job["module"]]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the watch, not this


def _serve_web(job: dict[str, Any], report: Report) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    app = _application(job, "Flask")
    quiet = type("Quiet", (WSGIRequestHandler,), {"log": lambda *_, **__: None})
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=quiet)
    server.daemon_threads = False  # type: ignore[attr-defined]  # wait for open requests

    def stop(_: int, __: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    report(event="ready", port=server.server_port)
    server.serve_forever(poll_interval=0.02)
    server.server_close()
    _wait_for_threads()


def _run_worker(job: dict[str, Any], report: Report) -> None:
    from celery import signals

    app = _application(job, "Celery")

    def report_ready(**_: Any) -> None:
        report(event="ready", port=0)

    signals.worker_ready.connect(report_ready, weak=False)
    app.conf.update(worker_prefetch_multiplier=1, worker_hijack_root_logger=False)
    worker = app.Worker(
        pool="solo",
        loglevel="WARNING",
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
    )
    with contextlib.suppress(SystemExit):  # the worker raises it at its end
        worker.start()


_KINDS: dict[str, Callable[[dict[str, Any], Report], None]] = {
    "web": _serve_web,
    "worker": _run_worker,
}


def _application(job: dict[str, Any], class_name: str) -> Any:
    """Return `app` of the learner's module, an instance of this class."""
    module: ModuleType = importlib.import_module(job["module"])
    app = getattr(module, "app", None)
    if app is None or class_name not in [base.__name__ for base in type(app).__mro__]:
        sys.exit(
            f"{job['module']}.py has no `app = {class_name}(...)` at its top level: "
            f"the check starts the program by that name."
        )
    return app


def _wait_for_threads() -> None:
    """Wait for the threads that the program started.

    Those of a pool, which may be a global of the program's, end when they have no work.
    """
    for candidate in gc.get_objects():
        if issubclass(type(candidate), ThreadPoolExecutor):  # isinstance asks proxies
            candidate.shutdown(wait=False)
    deadline = time.monotonic() + THREAD_TIMEOUT
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(deadline - time.monotonic(), 0))


def _send_last_spans() -> None:
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    with contextlib.suppress(Exception):
        if flush is not None:
            flush(LAST_SPANS_MS)
