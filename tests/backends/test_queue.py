"""Spans that the Collector has acknowledged arrive, also after outages and kills."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.pipeline import Collector, Jaeger, collector, free_ports, jaeger
from tests.backends.counting import ARRIVING, Load, await_complete
from tests.system.demo import await_
from tests.viewer.program import running

pytestmark = pytest.mark.timeout(300)

SPANS = 4_096
QUICKLY = 30.0  # seconds to acknowledge all spans, on a busy machine


class Way:
    """A Collector, Jaeger and the viewer; none of them runs yet."""

    def __init__(self, folder: Path, **environment: Any) -> None:
        self.data = folder / "viewer"
        self.ports = free_ports("otlp_http_port")
        self.jaeger: Jaeger = jaeger(folder)
        viewer = f"http://127.0.0.1:{self.ports['otlp_http_port']}"
        self.collector: Collector = collector(
            folder, jaeger=self.jaeger.otlp, viewer=viewer, **environment
        )


@pytest.fixture
def way(tmp_path: Path) -> Way:
    return Way(tmp_path)


def test_spans_in_the_queue_survive_a_kill(way: Way) -> None:
    load = Load(SPANS)
    with way.collector as through:
        load.send(through.otlp)
        through.kill()

        with running(way.data, **way.ports) as viewer, way.jaeger as store:
            through.start()

            await_complete(viewer.page, load.traces)
            await_complete(store.query, load.traces)


def test_a_kill_between_the_queue_and_the_stores_loses_nothing(way: Way) -> None:
    load = Load(SPANS)
    with (
        running(way.data, **way.ports) as viewer,
        way.jaeger as store,
        way.collector as through,
    ):
        load.send(through.otlp)
        through.kill()
        through.start()

        await_complete(viewer.page, load.traces)
        await_complete(store.query, load.traces)


def test_jaeger_gets_everything_while_the_viewer_is_away(way: Way) -> None:
    load = Load(SPANS)
    with way.jaeger as store, way.collector as through:
        load.send(through.otlp)

        await_complete(store.query, load.traces)
        with running(way.data, **way.ports) as viewer:
            await_complete(viewer.page, load.traces)


def test_the_viewer_gets_everything_while_jaeger_is_away(way: Way) -> None:
    load = Load(SPANS)
    with running(way.data, **way.ports) as viewer, way.collector as through:
        load.send(through.otlp)

        await_complete(viewer.page, load.traces)
        with way.jaeger as store:
            await_complete(store.query, load.traces)


def test_a_backend_that_never_answers_delays_nothing(
    tmp_path: Path,
) -> None:
    load = Load(SPANS)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        running(tmp_path / "viewer") as viewer,
    ):
        host, port = silent.getsockname()
        with collector(
            tmp_path, jaeger=f"http://{host}:{port}", viewer=viewer.otlp
        ) as through:
            started = time.monotonic()
            load.send(through.otlp)
            seconds = time.monotonic() - started

            await_complete(viewer.page, load.traces)
            assert seconds < QUICKLY


def test_a_full_queue_refuses_until_the_sender_repeats(tmp_path: Path) -> None:
    way = Way(tmp_path, QUEUE_BYTES="1000000")
    load = Load(SPANS)
    with way.collector as through, ThreadPoolExecutor() as sender:
        sending = sender.submit(load.send_until_taken, through.otlp)
        await_(
            through.metrics,
            lambda metrics: "otelcol_exporter_enqueue_failed_spans" in metrics,
            lambda _: "no queue was ever full",
        )
        with running(way.data, **way.ports) as viewer, way.jaeger as store:
            assert sending.result(ARRIVING)["refused"] > 0

            await_complete(viewer.page, load.traces)
            await_complete(store.query, load.traces)
