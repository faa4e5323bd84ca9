"""No span of a request is lost, with any server and any end of it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.instrumentation.processes import PROGRAMS
from tests.instrumentation.receiver import Receiver
from tests.long.processes.servers import ONLY_AT_THE_END, Server, running
from tests.ports import free_port

APP = f"{PROGRAMS}.web:app"
FLASK = (sys.executable, "-m", "flask", "--app", APP, "run")
GUNICORN = (sys.executable, "-m", "gunicorn", APP, "--no-control-socket")
UWSGI = (str(Path(sys.executable).with_name("uwsgi")), "--need-app", "--master")


@contextmanager
def serving(
    receiver: Receiver, folder: Path, *command: str, **variables: str
) -> Iterator[Server]:
    more = {**ONLY_AT_THE_END, **variables}
    with running(*command, endpoint=receiver.endpoint, folder=folder, **more) as server:
        yield server


def test_flasks_server_delivers(receiver: Receiver, tmp_path: Path) -> None:
    port = free_port()
    with serving(receiver, tmp_path, *FLASK, f"--port={port}") as server:
        server.ask(port, 8)
        server.end(signal.SIGINT)

    assert receiver.names() == ["GET /pid"] * 8


def edit(file: Path) -> None:
    """Make a file newer: the reloader may not have looked at it before."""
    later = file.stat().st_mtime + 1
    os.utime(file, (later, later))


def test_flasks_reloader_delivers_before_and_after(
    receiver: Receiver, tmp_path: Path
) -> None:
    port = free_port()
    watched = tmp_path / "settings.py"
    watched.touch()
    options = (f"--port={port}", "--reload", f"--extra-files={watched}")
    with serving(receiver, tmp_path, *FLASK, *options) as server:
        first = server.ask(port, 5)
        server.wait_for("Restarting with", times=2, meanwhile=lambda: edit(watched))
        second = server.ask(port, 5)
        os.killpg(server.process.pid, signal.SIGINT)  # as Ctrl-C in a terminal
        server.process.wait(60)
        receiver.wait_for(10)

    assert len(first) == len(second) == 1
    assert first != second
    assert receiver.names() == ["GET /pid"] * 10


@pytest.mark.parametrize(
    "options",
    [
        ("--worker-class=sync",),
        ("--worker-class=gthread", "--threads=4"),
        ("--worker-class=gthread", "--threads=4", "--preload"),
        ("--worker-class=sync", "--preload", "--max-requests=3"),
        ("--worker-class=gevent",),
        ("--worker-class=gevent", "--preload", "--max-requests=5"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_gunicorn_delivers(
    receiver: Receiver,
    tmp_path: Path,
    options: tuple[str, ...],
    ended_by: signal.Signals,
) -> None:
    port = free_port()
    bind = (f"--bind=127.0.0.1:{port}", "--workers=2")
    with serving(receiver, tmp_path, *GUNICORN, *bind, *options) as server:
        pids = server.ask(port, 20)
        log = server.end(ended_by)
        receiver.wait_for(20)

    assert receiver.names() == ["GET /pid"] * 20, log
    assert str(server.process.pid) not in pids


@pytest.mark.parametrize("lazy", [(), ("--lazy-apps",)], ids=["forked", "lazy"])
@pytest.mark.parametrize("threads", ["--enable-threads", "--threads=2"])
def test_uwsgi_delivers(
    receiver: Receiver, tmp_path: Path, lazy: tuple[str, ...], threads: str
) -> None:
    port = free_port()
    options = (f"--http-socket=127.0.0.1:{port}", "--processes=2", "--die-on-term")
    app = ("--module", APP)
    with serving(receiver, tmp_path, *UWSGI, *options, *app, *lazy, threads) as server:
        server.wait_for("WSGI app 0 (mountpoint='') ready", times=2 if lazy else 1)
        server.ask(port, 20)
        log = server.end(signal.SIGTERM)

    assert receiver.names() == ["GET /pid"] * 20, log
    assert len({span.trace_id for span in receiver.spans}) == 20
