"""OTLP over gRPC, sent by grpcio's client."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from queue import Queue
from typing import Any, TypeVar

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from tests.viewer.conftest import MAX_BODY, rows, stored_names
from tests.viewer.telemetry import a_request, new_span, new_trace_id, traces
from tracing_starter_kit.viewer.otlp.signals import SIGNALS
from tracing_starter_kit.viewer.receiver.grpc_server import MOST_CALLS, start_grpc
from tracing_starter_kit.viewer.servers import listen
from tracing_starter_kit.viewer.store import QueueFullError, Store

CallT = TypeVar("CallT", bound="grpc.Future[bytes]")
COMPRESSIONS = [grpc.Compression.NoCompression, grpc.Compression.Gzip]


@contextmanager
def serving(store: Store) -> Iterator[grpc.Channel]:
    with listen("127.0.0.1", 0, purpose="the tests", setting="none") as listener:
        port = listener.getsockname()[1]
    server = start_grpc(store, port=port, max_body_bytes=MAX_BODY)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(0).wait()


@pytest.fixture(scope="module")
def channel(shared_store: Store) -> Iterator[grpc.Channel]:
    with serving(shared_store) as open_channel:
        yield open_channel


def export(
    channel: grpc.Channel,
    signal: str,
    body: bytes,
    compression: grpc.Compression = grpc.Compression.NoCompression,
) -> bytes:
    send = export_call(channel, SIGNALS[signal].service)
    return send(body, compression=compression, timeout=10)


def export_call(
    channel: grpc.Channel, service: str
) -> grpc.UnaryUnaryMultiCallable[bytes, bytes]:
    """Return the client's call of a service; it sends and returns bytes."""
    return channel.unary_unary(f"/{service}/Export")


def refusal(
    channel: grpc.Channel,
    body: bytes,
    compression: grpc.Compression = grpc.Compression.NoCompression,
) -> grpc.Call:
    with pytest.raises(grpc.RpcError) as caught:
        export(channel, "traces", body, compression)
    assert isinstance(caught.value, grpc.Call)
    return caught.value


def details_of(call: grpc.Call) -> Status:
    metadata = dict(call.trailing_metadata())
    return Status.FromString(metadata["grpc-status-details-bin"])


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_each_signal_is_accepted(
    channel: grpc.Channel, signal: str, compression: grpc.Compression
) -> None:
    body = a_request(signal).SerializeToString()

    assert export(channel, signal, body, compression) == b""


def test_acknowledged_spans_are_readable(
    channel: grpc.Channel, shared_store: Store
) -> None:
    trace_id = new_trace_id()

    export(channel, "traces", traces(new_span(trace_id)).SerializeToString())

    assert stored_names(shared_store, trace_id) == ["work"]


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_an_empty_request_succeeds(channel: grpc.Channel, signal: str) -> None:
    assert export(channel, signal, b"") == b""


def test_spans_with_wrong_ids_are_rejected_and_counted(channel: grpc.Channel) -> None:
    request = traces(new_span(), new_span(span_id=b"short"))

    answer = export(channel, "traces", request.SerializeToString())

    partial = SIGNALS["traces"].response.FromString(answer).partial_success
    assert partial.rejected_spans == 1
    assert "span id of 5 bytes" in partial.error_message


def test_a_bad_body_is_an_invalid_argument(channel: grpc.Channel) -> None:
    call = refusal(channel, b"\xff\xff")

    assert call.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert details_of(call).message == call.details()


def test_more_than_the_limit_exhausts_resources_for_good(channel: grpc.Channel) -> None:
    call = refusal(channel, bytes(MAX_BODY + 1))

    assert call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "grpc-status-details-bin" not in dict(call.trailing_metadata())


def test_the_limit_holds_after_decompression(channel: grpc.Channel) -> None:
    body = bytes(20 * MAX_BODY)
    assert len(gzip.compress(body)) < MAX_BODY

    call = refusal(channel, body, compression=grpc.Compression.Gzip)

    assert call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_full_queue_is_unavailable_with_the_seconds_to_wait(
    channel: grpc.Channel, shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise QueueFullError("1 item is waiting")

    with monkeypatch.context() as patched:
        patched.setattr(shared_store, "submit_parts", full)
        call = refusal(channel, a_request("traces").SerializeToString())

    retry, status = RetryInfo(), details_of(call)
    assert call.code() == grpc.StatusCode.UNAVAILABLE
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.seconds == 1


def test_too_many_calls_at_once_are_unavailable_and_the_others_are_served(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk is slow; afterwards calls are accepted again."""
    durable: Future[None] = Future()
    body = a_request("traces").SerializeToString()

    with monkeypatch.context() as patched, serving(shared_store) as channel:
        patched.setattr(shared_store, "submit_parts", lambda *_: [durable])
        send = export_call(channel, SIGNALS["traces"].service)
        calls = [send.future(body, timeout=30) for _ in range(MOST_CALLS + 10)]
        refusals = [*islice(as_completed(calls), 10)]
        durable.set_result(None)

        assert {call.code() for call in refusals} == {grpc.StatusCode.UNAVAILABLE}
        assert details_of(refusals[0]).details[0].Is(RetryInfo.DESCRIPTOR)
        assert [call.result() for call in calls if call not in refusals] == (
            [b""] * MOST_CALLS
        )
        assert send(body, timeout=10) == b""


def as_completed(calls: Sequence[CallT]) -> Iterator[CallT]:
    """Yield calls as they end; concurrent.futures.as_completed is for its own class."""
    queue: Queue[Any] = Queue()
    for call in calls:
        call.add_done_callback(queue.put)
    while True:
        yield queue.get(timeout=20)


def test_an_unknown_service_is_unimplemented(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        export_call(channel, "opentelemetry.proto.Nothing")(b"", timeout=10)

    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_eight_senders_at_once_lose_nothing(
    channel: grpc.Channel, shared_store: Store
) -> None:
    trace_id = new_trace_id()
    bodies = [
        traces(*[new_span(trace_id) for _ in range(50)]).SerializeToString()
        for _ in range(40)
    ]

    with ThreadPoolExecutor(8) as senders:
        list(senders.map(lambda body: export(channel, "traces", body), bodies))

    query = "SELECT count(*) FROM spans WHERE trace_id = ?::UUID"
    assert rows(shared_store, query, trace_id.hex()) == [(2000,)]
