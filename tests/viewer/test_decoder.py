"""The decoding process: the same result, no process left over, no batch lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from tests.viewer.conftest import rows
from tests.viewer.program import running
from tests.viewer.telemetry import PROTOBUF, logs, new_span, traces
from tracing_starter_kit.viewer.store import Store
from tracing_starter_kit.viewer.store.journal.segments import Signal
from tracing_starter_kit.viewer.store.rows.decoding import decode
from tracing_starter_kit.viewer.store.rows.decoding_process import (
    LARGE,
    Decoder,
    DecodingError,
)

Bodies = list[tuple[Signal, bytes]]


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.fixture(scope="module")
def large() -> Bodies:
    """Requests that are decoded in the other process."""
    name = "n" * (LARGE // 1000)
    spans = traces(*[new_span(name=name) for _ in range(1000)]).SerializeToString()
    return [("traces", spans), ("logs", logs().SerializeToString())]


def children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if any(
            "tracing_starter_kit.viewer.store.rows.decoding_process" in part
            for part in child.cmdline()
        )
    ]


def test_a_small_batch_starts_no_process(decoder: Decoder) -> None:
    decoder.decode([("traces", traces(new_span()).SerializeToString())])

    assert children() == []


def test_the_result_of_the_process_is_the_same(decoder: Decoder, large: Bodies) -> None:
    assert decoder.decode(large) == decode(large)
    assert len(children()) == 1


def test_one_process_serves_all_batches_and_ends_with_the_decoder(
    decoder: Decoder, large: Bodies
) -> None:
    decoder.decode(large)
    (first,) = children()
    decoder.decode(large)
    (second,) = children()

    decoder.close()

    assert first == second
    assert children() == []


def test_an_error_of_the_process_is_raised_here(
    decoder: Decoder, large: Bodies
) -> None:
    with pytest.raises(DecodingError):
        decoder.decode([*large, ("traces", b"\xff")])

    assert decoder.decode(large) == decode(large)


def test_without_its_process_the_decoder_decodes_here(
    decoder: Decoder, large: Bodies, caplog: pytest.LogCaptureFixture
) -> None:
    decoder.decode(large)
    (process,) = children()
    process.kill()
    process.wait(10)

    assert decoder.decode(large) == decode(large)
    assert "is gone" in caplog.text


def test_the_process_ends_with_a_killed_viewer(data: Path, large: Bodies) -> None:
    with running(data) as program:
        address = f"{program.otlp}/v1/traces"
        headers = {"Content-Type": PROTOBUF}
        requests.post(address, large[0][1], headers=headers, timeout=30)
        while not (processes := psutil.Process(program.process.pid).children()):
            program.status()  # until the batch is being decoded
        program.process.kill()

        ended, alive = psutil.wait_procs(processes, timeout=10)

    assert (len(ended), alive) == (1, [])


def test_a_bad_request_among_many_is_set_aside_and_the_others_stored(
    store: Store, data: Path, large: Bodies
) -> None:
    for _, body in (large[0], ("traces", b"\xff bad"), large[0]):
        store.submit("traces", body, items=1).result()
    assert store.flush(30)

    assert rows(store, "SELECT count(*) FROM spans") == [(1000,)]
    assert [file.read_bytes() for file in (data / "refused").iterdir()] == [b"\xff bad"]
