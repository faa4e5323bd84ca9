"""OTLP over HTTP: the specification's rules for a receiver, one by one."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.viewer.asgi import Answer, Client
from tests.viewer.conftest import MAX_BODY, rows, stored_names
from tests.viewer.telemetry import (
    COMPRESS,
    JSON,
    PROTOBUF,
    a_request,
    as_otlp_json,
    encode,
    logs,
    new_span,
    new_trace_id,
    traces,
)
from tracing_starter_kit.viewer.otlp.signals import SIGNALS
from tracing_starter_kit.viewer.store import Store

ENCODINGS = pytest.mark.parametrize("content_type", [PROTOBUF, JSON])


def status_of(answer: Answer) -> Status:
    """Parse the body of a refusal, in the encoding of its media type."""
    if answer.media_type == PROTOBUF:
        return Status.FromString(answer.body)
    return Parse(answer.body, Status())


def post_json(otlp: Client, content: object) -> Answer:
    return otlp.post("/v1/traces", json.dumps(content).encode(), JSON)


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@ENCODINGS
@pytest.mark.parametrize("compression", ["", "gzip", "deflate"])
def test_each_signal_is_accepted_in_each_encoding(
    otlp: Client, signal: str, content_type: str, compression: str
) -> None:
    body = COMPRESS[compression](encode(a_request(signal), content_type))

    answer = otlp.post(f"/v1/{signal}", body, content_type, compression)

    assert (answer.status, answer.media_type) == (200, content_type)
    assert answer.body == (b"" if content_type == PROTOBUF else b"{}")


@ENCODINGS
def test_acknowledged_spans_are_readable(
    otlp: Client, shared_store: Store, content_type: str
) -> None:
    trace_id = new_trace_id()
    spans = [new_span(trace_id, name=name) for name in ("a", "b")]

    otlp.post("/v1/traces", encode(traces(*spans), content_type), content_type)

    assert stored_names(shared_store, trace_id) == ["a", "b"]


@ENCODINGS
def test_log_records_are_stored_with_the_ids_of_their_span(
    otlp: Client, shared_store: Store, content_type: str
) -> None:
    trace_id = new_trace_id()
    record = LogRecord(trace_id=trace_id, span_id=b"12345678")
    record.severity_number = SeverityNumber.SEVERITY_NUMBER_INFO
    record.body.string_value = "paid"

    otlp.post("/v1/logs", encode(logs(record), content_type), content_type)

    query = "SELECT body, severity_number, service FROM logs WHERE trace_id = ?::UUID"
    assert rows(shared_store, query, trace_id.hex()) == [("paid", 9, "shop")]


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@pytest.mark.parametrize(("content_type", "body"), [(PROTOBUF, b""), (JSON, b"{}")])
def test_an_empty_request_succeeds(
    otlp: Client, signal: str, content_type: str, body: bytes
) -> None:
    assert otlp.post(f"/v1/{signal}", body, content_type).status == 200


def test_a_content_type_may_have_parameters_and_any_case(otlp: Client) -> None:
    answer = otlp.post("/v1/traces", b"{}", "Application/JSON; charset=utf-8")

    assert (answer.status, answer.media_type) == (200, JSON)


def test_json_ids_are_hexadecimal_in_either_case(
    otlp: Client, shared_store: Store
) -> None:
    trace_id, span_id = bytes.fromhex("ab" * 16), bytes.fromhex("cd" * 8)
    content = as_otlp_json(traces(new_span(trace_id, span_id=span_id)))
    span = content["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span |= {"traceId": "AB" * 16, "spanId": "CD" * 8}

    post_json(otlp, content)

    query = "SELECT span_id FROM spans WHERE trace_id = ?::UUID"
    assert rows(shared_store, query, trace_id.hex()) == [(int.from_bytes(span_id),)]


@pytest.mark.parametrize("is_text", [True, False])
def test_json_numbers_of_64_bits_may_be_texts_or_numbers(
    otlp: Client, shared_store: Store, *, is_text: bool
) -> None:
    trace_id = new_trace_id()
    content = as_otlp_json(traces(new_span(trace_id)))
    span = content["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    start = 1_790_000_000_123_456_789
    span["startTimeUnixNano"] = str(start) if is_text else start

    post_json(otlp, content)

    query = "SELECT start_ns FROM spans WHERE trace_id = ?::UUID"
    assert rows(shared_store, query, trace_id.hex()) == [(start,)]


def test_unknown_json_fields_are_ignored(otlp: Client, shared_store: Store) -> None:
    trace_id = new_trace_id()
    content = as_otlp_json(traces(new_span(trace_id)))
    content["someday"] = {"deep": [1, {"traceId": 5}]}
    content["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["mood"] = "good"

    answer = post_json(otlp, content)

    assert (answer.status, answer.body) == (200, b"{}")
    assert stored_names(shared_store, trace_id) == ["work"]


FAULTY: dict[str, dict[str, Any]] = {
    "a trace id of 15 bytes": {"trace_id": b"x" * 15},
    "a trace id of zeros": {"trace_id": bytes(16)},
    "a span id of 9 bytes": {"span_id": b"x" * 9},
    "a span id of zeros": {"span_id": bytes(8)},
    "a parent id of 3 bytes": {"parent_span_id": b"abc"},
    "a link's trace id of 2 bytes": {"links": [Span.Link(trace_id=b"ab")]},
}


@ENCODINGS
@pytest.mark.parametrize("fault", FAULTY)
def test_spans_with_wrong_ids_are_rejected_and_the_others_stored(
    otlp: Client, shared_store: Store, content_type: str, fault: str
) -> None:
    trace_id = new_trace_id()
    fields = {"trace_id": trace_id, "name": "faulty"} | FAULTY[fault]
    faulty = new_span(**fields)
    request = traces(new_span(trace_id, name="a"), faulty, new_span(trace_id, name="b"))

    answer = otlp.post("/v1/traces", encode(request, content_type), content_type)

    response = SIGNALS["traces"].response()
    partial = (
        response.FromString(answer.body)
        if content_type == PROTOBUF
        else Parse(answer.body, response)
    ).partial_success
    assert (answer.status, partial.rejected_spans) == (200, 1)
    assert "faulty" in partial.error_message
    assert stored_names(shared_store, trace_id) == ["a", "b"]


def test_log_records_with_wrong_ids_are_rejected(otlp: Client) -> None:
    request = logs(LogRecord(trace_id=b"x"), LogRecord())

    answer = otlp.post("/v1/logs", encode(request, PROTOBUF), PROTOBUF)

    partial = SIGNALS["logs"].response.FromString(answer.body).partial_success
    assert partial.rejected_log_records == 1
    assert "trace id of 1 bytes" in partial.error_message


def test_a_long_list_of_faults_is_cut(otlp: Client) -> None:
    request = traces(*[new_span(span_id=b"x", name="n" * 200) for _ in range(2000)])

    answer = otlp.post("/v1/traces", encode(request, PROTOBUF), PROTOBUF)

    partial = SIGNALS["traces"].response.FromString(answer.body).partial_success
    assert partial.rejected_spans == 2000
    assert len(answer.body) < 2000


BAD_BODIES = {
    "random protobuf": (PROTOBUF, b"\xff\xff\xff\xff"),
    "truncated protobuf": (PROTOBUF, encode(a_request("traces"), PROTOBUF)[:-3]),
    "unfinished JSON": (JSON, b"{"),
    "an empty body as JSON": (JSON, b""),
    "a JSON list": (JSON, b"[]"),
    "JSON in UTF-16": (JSON, '{"resourceSpans": []}'.encode("utf-16")),
    "JSON that is very deep": (JSON, b"[" * 100_000),
}


@pytest.mark.parametrize("body", BAD_BODIES)
def test_a_bad_body_is_400_with_the_reason_in_the_encoding_of_the_request(
    otlp: Client, body: str
) -> None:
    content_type, content = BAD_BODIES[body]

    answer = otlp.post("/v1/traces", content, content_type)

    status = status_of(answer)
    assert (answer.status, answer.media_type) == (400, content_type)
    assert (status.code, bool(status.message)) == (3, True)


def test_a_refusal_carries_its_reason_for_programs_too(otlp: Client) -> None:
    answer = otlp.post("/v1/traces", b"\xff", PROTOBUF)

    details, status = BadRequest(), status_of(answer)
    assert status.details[0].Unpack(details)
    assert details.field_violations[0].description == status.message


@pytest.mark.parametrize(
    "body",
    [b"not gzip", gzip.compress(b"x" * 1000)[:-4], gzip.compress(b"") + b"more"],
    ids=["not gzip", "cut short", "something behind it"],
)
def test_broken_gzip_is_400(otlp: Client, body: bytes) -> None:
    answer = otlp.post("/v1/traces", body, PROTOBUF, "gzip")

    assert answer.status == 400
    assert "not gzip" in status_of(answer).message


def test_gzip_of_several_members_is_one_body(otlp: Client, shared_store: Store) -> None:
    trace_id = new_trace_id()
    body = encode(traces(new_span(trace_id)), PROTOBUF)

    otlp.post(
        "/v1/traces",
        gzip.compress(body[:9]) + gzip.compress(body[9:]),
        PROTOBUF,
        "gzip",
    )

    assert stored_names(shared_store, trace_id) == ["work"]


def test_an_unsupported_compression_is_400_and_names_the_supported_ones(
    otlp: Client,
) -> None:
    answer = otlp.post("/v1/traces", b"", PROTOBUF, "br")

    assert answer.status == 400
    assert "gzip, deflate" in status_of(answer).message


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/grpc"])
def test_another_content_type_is_415(otlp: Client, content_type: str) -> None:
    answer = otlp.post("/v1/traces", b"", content_type)

    assert (answer.status, answer.media_type) == (415, JSON)
    assert PROTOBUF in status_of(answer).message


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_another_method_is_405(otlp: Client, method: str) -> None:
    answer = otlp.call(method, "/v1/traces")

    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_an_unknown_path_is_404_and_says_where_to_send(otlp: Client) -> None:
    for path in ("/v1/profiles", "/other"):
        answer = otlp.post(path, b"", PROTOBUF)

        assert answer.status == 404
        assert "/v1/traces" in status_of(answer).message


def test_the_root_explains_this_port(otlp: Client) -> None:
    answer = otlp.call("GET", "/")

    assert answer.status == 200
    assert b"OTLP" in answer.body


@ENCODINGS
@pytest.mark.parametrize("compression", ["", "gzip", "deflate"])
def test_more_than_the_limit_is_413_also_after_decompression(
    otlp: Client, content_type: str, compression: str
) -> None:
    body = COMPRESS[compression](bytes(MAX_BODY + 1))

    answer = otlp.post("/v1/traces", body, content_type, compression)

    assert (answer.status, answer.media_type) == (413, content_type)
    assert str(MAX_BODY) in status_of(answer).message


def test_a_body_without_a_length_is_read_to_the_limit_only(otlp: Client) -> None:
    def endless() -> list[bytes]:
        return [bytes(1 << 16)] * (2 * MAX_BODY >> 16)

    answer = otlp.call("POST", "/v1/traces", {"content-type": PROTOBUF}, endless())

    assert answer.status == 413


def test_a_body_of_exactly_the_limit_is_accepted(otlp: Client) -> None:
    span = new_span(name="n" * (MAX_BODY - 200))
    span.name += "n" * (MAX_BODY - traces(span).ByteSize())
    body = encode(traces(span), PROTOBUF)
    assert len(body) == MAX_BODY

    assert otlp.post("/v1/traces", body, PROTOBUF).status == 200


def test_a_page_of_this_machine_may_send_from_a_browser(otlp: Client) -> None:
    headers = {
        "origin": "http://localhost:5173",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }

    local = otlp.call("OPTIONS", "/v1/traces", headers)
    headers["origin"] = "http://evil.test"
    foreign = otlp.call("OPTIONS", "/v1/traces", headers)

    assert local.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "access-control-allow-origin" not in foreign.headers
