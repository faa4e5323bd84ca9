"""`kill -9` under load: every acknowledged span is stored afterwards, exactly once."""

from __future__ import annotations

import http.client
import threading
from pathlib import Path

import pytest

from tests.viewer.conftest import rows
from tests.viewer.program import Program, running
from tests.viewer.telemetry import PROTOBUF, new_span, traces
from tracing_starter_kit.viewer.store import Store

SENDERS = 4
SPANS = 200


class Load:
    """Senders that note the acknowledged spans, until the viewer is gone."""

    def __init__(self) -> None:
        self.acknowledged: set[tuple[str, int]] = set()
        self.bodies: list[bytes] = []
        self.enough = threading.Event()
        self._lock = threading.Lock()

    def run(self, program: Program, *, kill_after: int) -> None:
        """Send; kill the viewer after this number of acknowledged requests."""
        threads = [
            threading.Thread(target=self._send, args=(program, kill_after))
            for _ in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        assert self.enough.wait(60)
        program.process.kill()
        for thread in threads:
            thread.join()
        self.enough.clear()

    def _send(self, program: Program, kill_after: int) -> None:
        port = program.ports["otlp_http_port"]
        connection = http.client.HTTPConnection("127.0.0.1", port)
        answer_count = 0
        try:
            while True:
                spans = [new_span() for _ in range(SPANS)]
                body = traces(*spans).SerializeToString()
                self.bodies.append(body)
                headers = {"Content-Type": PROTOBUF}
                connection.request("POST", "/v1/traces", body, headers)
                if connection.getresponse().read() == b"":
                    answer_count += 1
                    ids = {(s.trace_id.hex(), int.from_bytes(s.span_id)) for s in spans}
                    with self._lock:
                        self.acknowledged |= ids
                if answer_count >= kill_after:
                    self.enough.set()
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()


def stored_ids(
    data: Path, *, resend: list[bytes] | None = None
) -> list[tuple[str, int]]:
    """Open the store as the next start does, and read the ids of all spans."""
    store = Store.open(data)
    try:
        for body in resend or []:
            store.submit("traces", body, items=SPANS).result()
        query = "SELECT replace(trace_id::VARCHAR, '-', ''), span_id FROM spans"
        return [(trace_id, span_id) for trace_id, span_id in rows(store, query)]
    finally:
        store.close()


@pytest.fixture(scope="module")
def killed_viewer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Load]:
    """A data folder whose viewer was killed three times, early and late."""
    data, load = tmp_path_factory.mktemp("killed") / "data", Load()
    for kill_after in (1, 5, 20):
        with running(data) as program:
            load.run(program, kill_after=kill_after)
    return data, load


def test_every_acknowledged_span_is_stored_once(
    killed_viewer: tuple[Path, Load],
) -> None:
    data, load = killed_viewer

    spans = stored_ids(data)

    assert len(load.acknowledged) >= 26 * SPANS
    assert load.acknowledged <= set(spans)
    assert len(spans) == len(set(spans))


def test_spans_that_are_sent_again_are_not_stored_twice(
    killed_viewer: tuple[Path, Load],
) -> None:
    data, load = killed_viewer

    spans = stored_ids(data, resend=load.bodies)

    assert len(spans) == len(set(spans)) == len(load.bodies) * SPANS
