"""A wrong value in one span or log record never loses its neighbours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from tests.viewer.asgi import Answer, Client
from tests.viewer.conftest import rows, stored_names
from tests.viewer.telemetry import (
    JSON,
    PROTOBUF,
    as_otlp_json,
    encode,
    logs,
    new_span,
    new_trace_id,
    traces,
)
from tracing_starter_kit.viewer.otlp.mending import MARK
from tracing_starter_kit.viewer.otlp.signals import SIGNALS
from tracing_starter_kit.viewer.store import Store

TEXT = "TEXTTEXT"


def attribute(kind: str, value: object) -> dict[str, Any]:
    return {"attributes": [{"key": "note", "value": {kind: value}}]}


WRONG_VALUES: dict[str, dict[str, Any]] = {
    "half a surrogate pair as a name": {"name": "wrong \ud83d"},
    "half a surrogate pair as a value": attribute("stringValue", "cut \ud83d"),
    "an integer out of range": attribute("intValue", 2**80),
    "an integer that is a word": attribute("intValue", "abc"),
    "a boolean that is a word": attribute("boolValue", "yes"),
    "bytes that are a number": attribute("bytesValue", 7),
    "a time out of range": {"startTimeUnixNano": str(2**64)},
    "an unknown word for a kind": {"kind": "SPAN_KIND_TELEPATH"},
    "an unknown word for a status": {"status": {"code": "BROKEN"}},
    "a number for the attributes": {"attributes": 5},
    "a number among the attributes": {"attributes": [5]},
    "a number for the status": {"status": 5},
    "a negative count": {"droppedEventsCount": -1},
}


def partial_success(answer: Answer, signal: str = "traces") -> Any:
    response = SIGNALS[signal].response
    is_json = answer.media_type == JSON
    message = (
        Parse(answer.body, response()) if is_json else response.FromString(answer.body)
    )
    return message.partial_success


def send_with_neighbours(
    otlp: Client, trace_id: bytes, wrong: dict[str, Any]
) -> Answer:
    spans = [new_span(trace_id, name=name) for name in ("a", "wrong", "z")]
    content = as_otlp_json(traces(*spans))
    content["resourceSpans"][0]["scopeSpans"][0]["spans"][1] |= wrong
    return otlp.post("/v1/traces", json.dumps(content).encode(), JSON)


def marks(store: Store, trace_id: bytes) -> list[list[str]]:
    query = f"SELECT attributes['{MARK}'] FROM spans WHERE trace_id = ?::UUID"
    values = [row[0] for row in rows(store, query, trace_id.hex())]
    return [json.loads(value) for value in values if value]


@pytest.mark.parametrize("fault", WRONG_VALUES)
def test_a_wrong_json_value_is_replaced_and_marked(
    otlp: Client, shared_store: Store, fault: str
) -> None:
    trace_id = new_trace_id()

    answer = send_with_neighbours(otlp, trace_id, WRONG_VALUES[fault])

    names = stored_names(shared_store, trace_id)
    assert (answer.status, len(names), names[0], names[2]) == (200, 3, "a", "z")
    assert names[1].startswith("wrong")
    assert partial_success(answer).rejected_spans == 0
    assert "1 value replaced" in partial_success(answer).error_message
    assert [len(sentences) for sentences in marks(shared_store, trace_id)] == [1]


def test_an_attribute_that_does_not_fit_is_kept_as_text(
    otlp: Client, shared_store: Store
) -> None:
    trace_id = new_trace_id()

    send_with_neighbours(otlp, trace_id, attribute("intValue", 2**80))

    query = "SELECT attributes['note'] FROM spans WHERE name = 'wrong' AND trace_id = ?"
    assert rows(shared_store, query, trace_id.hex()) == [(str(2**80),)]
    assert marks(shared_store, trace_id) == [[f"attributes.note was {2**80}"]]


@pytest.mark.parametrize("word", ["STATUS_CODE_ERROR", "ERROR", "Error", 2, "2"])
def test_an_enum_may_be_its_word_with_and_without_its_prefix(
    otlp: Client, shared_store: Store, word: object
) -> None:
    trace_id = new_trace_id()

    answer = send_with_neighbours(otlp, trace_id, {"status": {"code": word}})

    query = "SELECT status_code FROM spans WHERE name = 'wrong' AND trace_id = ?::UUID"
    assert rows(shared_store, query, trace_id.hex()) == [(2,)]
    assert answer.body == b"{}"


WRONG_SPANS: dict[str, dict[str, Any]] = {
    "an id that is not hexadecimal": {"traceId": "xyz"},
    "an id that is a number": {"spanId": 5},
    "a parent's id that is not hexadecimal": {"parentSpanId": "?"},
    "a link's id that is not hexadecimal": {"links": [{"traceId": "xyz"}]},
    "two values of one attribute": {
        "attributes": [{"key": "k", "value": {"intValue": 1, "stringValue": "a"}}]
    },
}


@pytest.mark.parametrize("fault", WRONG_SPANS)
def test_a_json_span_that_cannot_be_mended_is_rejected_alone(
    otlp: Client, shared_store: Store, fault: str
) -> None:
    trace_id = new_trace_id()

    answer = send_with_neighbours(otlp, trace_id, WRONG_SPANS[fault])

    assert partial_success(answer).rejected_spans == 1
    assert "'wrong'" in partial_success(answer).error_message
    assert stored_names(shared_store, trace_id) == ["a", "z"]


def test_a_byte_of_json_that_is_not_utf8_is_replaced(
    otlp: Client, shared_store: Store
) -> None:
    trace_id = new_trace_id()
    body = json.dumps(as_otlp_json(traces(new_span(trace_id, name=TEXT)))).encode()

    otlp.post("/v1/traces", body.replace(TEXT.encode(), b"caf\xe9"), JSON)

    assert stored_names(shared_store, trace_id) == ["caf\ufffd"]


def test_a_wrong_text_of_protobuf_is_replaced_and_marked(
    otlp: Client, shared_store: Store
) -> None:
    trace_id = new_trace_id()
    spans = [new_span(trace_id, name=name) for name in ("a", "b", "z")]
    spans[1].attributes.add(key="note").value.string_value = TEXT
    body = encode(traces(*spans), PROTOBUF).replace(TEXT.encode(), b"cut off\xf0")

    answer = otlp.post("/v1/traces", body, PROTOBUF)

    query = (
        "SELECT attributes['note'] FROM spans WHERE name = 'b' AND trace_id = ?::UUID"
    )
    assert rows(shared_store, query, trace_id.hex()) == [("cut off\ufffd",)]
    assert marks(shared_store, trace_id) == [[r"attributes.note was b'cut off\xf0'"]]
    assert stored_names(shared_store, trace_id) == ["a", "b", "z"]
    assert partial_success(answer).rejected_spans == 0
    assert "attributes.note" in partial_success(answer).error_message


@pytest.mark.parametrize("place", ["service", "name", "nested", "event", "key"])
def test_a_wrong_text_of_protobuf_may_stand_anywhere(
    otlp: Client, shared_store: Store, place: str
) -> None:
    trace_id = new_trace_id()
    span = new_span(trace_id, name=TEXT if place == "name" else "b")
    if place == "nested":
        value = span.attributes.add(key="list").value.array_value.values.add()
        value.string_value = TEXT
    if place == "event":
        span.events.add(name=TEXT)
    if place == "key":
        span.attributes.add(key=TEXT).value.int_value = 1
    request = traces(span, service=TEXT if place == "service" else "shop")
    body = encode(request, PROTOBUF).replace(TEXT.encode(), b"\xc3\x28" * 4)

    answer = otlp.post("/v1/traces", body, PROTOBUF)

    assert (answer.status, len(stored_names(shared_store, trace_id))) == (200, 1)
    assert "1 value replaced" in partial_success(answer).error_message


def test_a_wrong_text_in_a_log_record_does_not_lose_the_others(
    otlp: Client, shared_store: Store
) -> None:
    trace_id = new_trace_id()
    records = [LogRecord(trace_id=trace_id) for _ in range(2)]
    for record, text in zip(records, ("fine", TEXT), strict=True):
        record.body.string_value = text
    body = encode(logs(*records), PROTOBUF).replace(TEXT.encode(), b"\xff" * 8)

    answer = otlp.post("/v1/logs", body, PROTOBUF)

    query = "SELECT body FROM logs WHERE trace_id = ?::UUID ORDER BY body"
    stored = rows(shared_store, query, trace_id.hex())
    assert stored == [("fine",), ("\ufffd" * 8,)]
    assert "body was" in partial_success(answer, "logs").error_message


def test_half_a_surrogate_pair_as_a_key_is_ignored(
    otlp: Client, shared_store: Store
) -> None:
    trace_id = new_trace_id()

    answer = send_with_neighbours(otlp, trace_id, {"\ud83d": 1})

    assert answer.status == 200
    assert stored_names(shared_store, trace_id) == ["a", "wrong", "z"]
