"""Redaction: secrets are replaced, other values stay, and no error lets one out."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

from instrumentation.redact import Redaction
from instrumentation.testing import Spans
from tests.contract.conventions import conventions
from tests.instrumentation.attributes import attributes
from tests.instrumentation.hiding_places import Bodies, send, visible_parts
from tests.instrumentation.processes import run
from tests.instrumentation.samples import Maker

CARD = "4242 4242 4242 4242"


def exported(redaction: Redaction, **attributes: Any) -> ReadableSpan:
    """Return the span that an exporter gets; `a__b` stands for the attribute `a.b`."""
    memory = InMemorySpanExporter()
    unlimited = SpanLimits(max_span_attributes=SpanLimits.UNSET)
    provider = TracerProvider(span_limits=unlimited, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(redaction.spans(memory)))
    named = {name.replace("__", "."): value for name, value in attributes.items()}
    provider.get_tracer("shop").start_span("pay", attributes=named).end()
    [span] = memory.get_finished_spans()
    return span


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"card {CARD} declined", "card REDACTED declined"),
        ("amex 3782-822463-10005", "amex REDACTED"),
        ("/pay?n=4242%204242%204242%204242", "/pay?n=REDACTED"),
        ("no user jane.doe+x@example.co.uk", "no user REDACTED"),
        ("?to=jane%40example.com&x=1", "?to=REDACTED&x=1"),
        ("Jörg@münchen.de wrote", "REDACTED wrote"),
        (
            "redis://:p@ss@cache.internal/0",
            "redis://REDACTED:REDACTED@cache.internal/0",
        ),
        ("Bearer abc.def-ghi_123", "Bearer REDACTED"),
        ("Basic dTpw", "Basic REDACTED"),
        (
            "Authorization: Digest a, b\nHost: shop",
            "Authorization: REDACTED\nHost: shop",
        ),
        ("{'Cookie': 'a=b; c=d', 'x': 1}", "{'Cookie': 'REDACTED', 'x': 1}"),
        ('{"api_key": "a \\" b", "x": 1}', '{"api_key": "REDACTED", "x": 1}'),
        ('{\\"pin\\": \\"12 34\\", \\"x\\"', '{\\"pin\\": \\"REDACTED\\", \\"x\\"'),
        ('password="cut off by a li', 'password="REDACTED"'),
        ("password=a,b,c user=bob", "password=REDACTED user=bob"),
        ('"password": ["a", "b"], "x": 1', '"password": REDACTED, "x": 1'),
        ("mysql --password hunter2 -u root", "mysql --password REDACTED -u root"),
        ("<db:password>hunter2</db:password>", "<db:password>REDACTED</db:password>"),
        ("next=%2Flogin%3Ftoken%3Dabc%26x=1", "next=%2Flogin%3Ftoken%3DREDACTED%26x=1"),
        ("token=%26abc%3D&x=1", "token=REDACTED&x=1"),
        (
            "ALTER USER bob WITH PASSWORD 'x y'",
            "ALTER USER bob WITH PASSWORD 'REDACTED'",
        ),
        ("IDENTIFIED BY 'x y' EXPIRE", "IDENTIFIED BY 'REDACTED' EXPIRE"),
        ("password:\n  hunter2\nuser: bob", "password:\n  REDACTED\nuser: bob"),
        ("SET password='x y' WHERE id=1", "SET password='REDACTED' WHERE id=1"),
        ("key -----BEGIN PRIVATE KEY-----\nMIIE\nab", "key REDACTED"),
        ("token: Bearer abcdefgh123", "token: REDACTED"),
        ("jwt=eyJhbGciOi.eyJzdWIi.c2ln", "jwt=REDACTED"),
        ("session_eyJhbGciOi.eyJzdWIi.c2ln, x", "session_REDACTED, x"),
        ("--eyJhbGciOi.eyJzdWIi.c2ln.", "--REDACTED"),
        ("two eyJhbGciOi.a.b eyJhbGciOi..a.b.c", "two REDACTED REDACTED"),
    ],
)
def test_a_secret_in_a_text_is_replaced(text: str, redacted: str) -> None:
    assert Redaction().text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "basic understanding of bearer authentication",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736",
        "a1b24242424242424242c3d4e5f60718",  # a card's number within an id
        "took 0.4242424242424242 s",
        "4242424242424241",  # with a wrong check digit
        "1424242424242424242",
        "max_tokens=4096 tokens: 3 ping=1 spinning: yes",
        "password=None, token=null, api_key=?",
        "SELECT id FROM keys WHERE token = %(token_1)s AND pin = $1",
        "File '/srv/password.py', line 3, in cookie",
        "GET /token/refresh",
        "user@host, y = x @ w.T",
        "keyJhbGciOi.eyJ.eyJhbG eyJhbGciOi",  # heads of JWTs, none of them complete
    ],
)
def test_a_text_without_secrets_stays(text: str) -> None:
    assert Redaction().text(text) == text


@pytest.mark.parametrize(
    ("value", "redacted"),
    [
        ("hunter2", "REDACTED"),
        (1234, "REDACTED"),
        (b"\x00\x01", "REDACTED"),
        (["a", "b"], ("REDACTED",)),
        ({"deep": "a"}, "REDACTED"),
        (True, True),  # tells only whether there is a secret
    ],
)
def test_a_value_with_a_secrets_name_is_hidden(value: object, redacted: object) -> None:
    span = exported(Redaction(), shop__password=value)

    assert attributes(span) == {"shop.password": redacted}


@pytest.mark.parametrize(
    "name",
    [
        "http.request.header.authorization",
        "shop.dbPassword",
        "X-API-Key",
        "user.token",
        "shop.card_number",
        "session.cookie",
        "shop.pin",
        "aws.secret_access_key",
    ],
)
def test_a_secrets_name_hides_any_value(name: str) -> None:
    span = exported(Redaction(), **{name: "harmless"})

    assert attributes(span) == {name: "REDACTED"}


def test_no_name_of_the_conventions_is_taken_for_a_secrets() -> None:
    names, _ = conventions()
    span = exported(Redaction(), **dict.fromkeys(names, "harmless"))

    assert attributes(span) == dict.fromkeys(names, "harmless")


@pytest.mark.parametrize(
    ("value", "redacted"),
    [
        (4242424242424242, "REDACTED"),
        (4242424242424242.0, "REDACTED.0"),
        ([1, 4242424242424242], (1, "REDACTED")),
        (b"to jane@example.com", "to REDACTED"),
        ({"a": {"b": ["jane@example.com"]}}, {"a": {"b": ("REDACTED",)}}),
        ({"token": "abc", "n": 1}, {"token": "REDACTED", "n": 1}),
        (["curl", "--token", "abc", "-v"], ("curl", "--token", "REDACTED", "-v")),
        ([["Cookie", "a=b"], ["Host", "x"]], (("Cookie", "REDACTED"), ("Host", "x"))),
        (4242424242424241, 4242424242424241),
        (0.1 + 0.2, 0.1 + 0.2),
    ],
)
def test_secrets_are_replaced_in_values_of_every_type(
    value: object, redacted: object
) -> None:
    span = exported(Redaction(), shop__value=value)

    assert tuples(span.attributes or {})["shop.value"] == redacted


def tuples(value: Any) -> Any:
    """Return a value with each sequence as a tuple."""
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        return value
    if hasattr(value, "items"):
        return {name: tuples(inner) for name, inner in value.items()}
    return tuple(map(tuples, value))


def test_a_service_adds_names_and_patterns_of_its_own_and_names_to_keep() -> None:
    redaction = Redaction(
        keys=["shop.person.*"],
        keep=["shop.order.number"],
        patterns=[re.compile(r"C-[0-9]+")],
    )
    span = exported(
        redaction,
        shop__person__name="Jane",
        shop__order__number=4242424242424242,
        shop__note="order of C-17",
    )

    assert attributes(span) == {
        "shop.person.name": "REDACTED",
        "shop.order.number": 4242424242424242,
        "shop.note": "order of REDACTED",
    }


def test_secrets_in_every_place_never_arrive_at_a_receiver() -> None:
    secrets = list(Maker(seed=20261124).secrets(400))
    with Bodies() as receiver:
        send(secrets, receiver, Redaction())

    assert len(receiver.spans) == 400
    assert [part for s in secrets for part in visible_parts(s, receiver.bodies)] == []


def test_without_redaction_each_of_them_would_arrive() -> None:
    secrets = list(Maker(seed=20261124).secrets(80))
    with Bodies() as receiver:
        send(secrets, receiver, None)

    assert [s for s in secrets if not visible_parts(s, receiver.bodies)] == []


def test_ordinary_ids_and_numbers_stay() -> None:
    """Only a number that is like a card's in all respects is replaced."""
    maker, redaction = Maker(seed=20261124), Redaction()
    ids = list(maker.ids(10_800))
    numbers = list(maker.long_numbers(10_000))
    wrong = Counter(kind for kind, text in ids if redaction.text(text) != text)
    cards = sum(redaction.text(number) != number for number in numbers)
    print(f"taken for secrets: {dict(wrong)} of {len(ids)} ids,", end=" ")
    print(f"{cards} of {len(numbers)} numbers that are as long as a card's")

    # A parcel's number ends with 16 digits: 4 % of them look like a card's.
    assert wrong.total() - wrong["parcel"] <= 1
    assert wrong["parcel"] <= 0.06 * len(ids) / 27
    assert cards <= 0.03 * len(numbers)


def test_other_processors_see_the_original_values(spans: Spans) -> None:
    memory = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(Redaction().spans(memory)))
    link = Link(SpanContext(1, 2, is_remote=True), {"shop.note": CARD})
    span = provider.get_tracer("shop").start_span(CARD, links=[link])
    span.set_attribute("shop.token", "abc")
    span.add_event(CARD, {"shop.note": CARD})
    span.set_status(Status(StatusCode.ERROR, CARD))
    span.end()

    [redacted] = memory.get_finished_spans()
    assert spans.one(CARD).to_json().count(CARD) == 5
    assert '"shop.token": "abc"' in spans.one(CARD).to_json()
    assert CARD not in redacted.to_json()
    assert "abc" not in redacted.to_json()


def test_the_number_of_dropped_attributes_stays() -> None:
    memory = InMemorySpanExporter()
    limits = SpanLimits(max_attributes=1, max_events=1, max_links=1)
    provider = TracerProvider(span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(Redaction().spans(memory)))
    far = SpanContext(1, 2, is_remote=True)
    links = [Link(far, {"a": 1, "b": 2}) for _ in range(3)]
    span = provider.get_tracer("shop").start_span("pay", links=links)
    span.set_attributes({"a": 1, "b": 2, "c": 3})
    span.add_event("one", {"a": 1, "b": 2})
    span.add_event("two", {"a": 1, "b": 2})
    span.end()

    [pay] = memory.get_finished_spans()
    counts = (pay.dropped_attributes, pay.dropped_events, pay.dropped_links)
    assert counts == (2, 1, 2)
    assert pay.events[0].dropped_attributes == 1
    assert pay.links[0].dropped_attributes == 1


def test_the_exporting_thread_does_the_work() -> None:
    threads: set[threading.Thread] = set()

    class Watched(Redaction):
        def text(self, text: str) -> str:
            threads.add(threading.current_thread())
            return super().text(text)

    provider = TracerProvider(shutdown_on_exit=False)
    memory = InMemorySpanExporter()
    batches = BatchSpanProcessor(Watched().spans(memory), schedule_delay_millis=10)
    provider.add_span_processor(batches)
    provider.get_tracer("shop").start_span("pay").end()
    deadline = time.monotonic() + 20
    while not memory.get_finished_spans() and time.monotonic() < deadline:
        time.sleep(0.005)
    provider.shutdown()

    assert len(threads) == 1
    assert threading.current_thread() not in threads


class Broken:
    """A pattern that fails, with the secret in its error message."""

    def sub(self, _: str, text: str) -> str:
        if "poison" in text:
            raise LookupError(f"cannot read {text}")
        return text


def test_a_span_that_cannot_be_redacted_is_exported_without_its_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    redaction = Redaction(patterns=[Broken()])  # type: ignore[list-item]
    bad = [exported(redaction, shop__note="poison") for _ in range(2)]
    good = exported(redaction, shop__note="fine")

    assert [span.name for span in bad] == ["REDACTED"] * 2
    assert "poison" not in "".join(span.to_json() for span in bad)
    assert all(span.start_time and span.end_time and span.context for span in bad)
    assert attributes(good) == {"shop.note": "fine"}
    assert "LookupError while redacting" in caplog.text
    assert "poison" not in caplog.text


def test_an_error_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    redaction = Redaction(patterns=[Broken()])  # type: ignore[list-item]
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = redaction.spans(InMemorySpanExporter())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for _ in range(5):
        provider.get_tracer("shop").start_span("poison").end()

    assert len(caplog.records) == 1


class Refusing(InMemorySpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.FAILURE

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return False


def test_the_results_of_the_other_exporter_are_returned() -> None:
    refusing = Redaction().spans(Refusing())

    assert refusing.export([]) is SpanExportResult.FAILURE
    assert refusing.force_flush() is False
    assert Redaction().spans(ConsoleSpanExporter()).force_flush() is True


def test_with_start_tracing_forks_and_flush_deliver_redacted_spans() -> None:
    with Bodies() as receiver:
        output = run("redacting", endpoint=receiver.endpoint)

    assert output.count("flushed True") == 2
    assert receiver.names() == [f"pay {number} with REDACTED" for number in range(6)]
    assert not any(b"4242" in body for body in receiver.bodies)


def log(record: LogRecord, redaction: Redaction) -> InMemoryLogRecordExporter:
    memory = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call] # the SDK's
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(redaction.logs(memory)))
    provider.get_logger("shop", attributes={"shop.token": "abc"}).emit(record)
    return memory


def test_log_records_are_redacted_as_spans_are() -> None:
    record = LogRecord(
        timestamp=1,
        severity_text="INFO",
        severity_number=SeverityNumber.INFO,
        body={"message": f"paid with {CARD}", "password": "abc"},
        attributes={"shop.note": "jane@example.com", "shop.secret": "abc"},
        event_name="pay jane@example.com",
    )
    [redacted] = log(record, Redaction()).get_finished_logs()

    text = redacted.to_json() + repr(redacted.instrumentation_scope)
    assert not [secret for secret in (CARD, "abc", "jane") if secret in text]
    assert redacted.log_record.body == {
        "message": "paid with REDACTED",
        "password": "REDACTED",
    }
    assert redacted.log_record.severity_number is SeverityNumber.INFO
    assert record.attributes == {"shop.note": "jane@example.com", "shop.secret": "abc"}


def test_a_log_record_that_cannot_be_redacted_is_not_exported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = Redaction(patterns=[Broken()])  # type: ignore[list-item]
    memory = log(LogRecord(body="poison"), broken)

    assert memory.get_finished_logs() == ()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


values = st.recursive(
    st.text() | st.integers() | st.floats() | st.binary() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1), values, max_size=4))
def test_a_span_with_any_values_is_exported(attributes: dict[str, Any]) -> None:
    assert exported(Redaction(), **attributes).name == "pay"


PIECES = [*"=:\"\\'@,[-.", " ", "\n", "token", "a.bc", "://", "4242", "eyJ"]
PIECES += ["password", "Bearer ", "REDACTED", "cookie", "x1", "%3d"]

junk = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
SECRETS = [
    ("4242424242424242", "4242424242424242"),
    ("password=Hunter2Hunter2", "Hunter2"),
    ('"api_key": "Hunter2 Hunter2"', "Hunter2"),
    ("jane.roe@mail.example", "jane.roe"),
    ("ghp_Hunter2Hunter2Hunter2Hunter2", "Hunter2"),
    ("Bearer Hunter2Hunter2Hunter2", "Hunter2"),
    ("https://bob:Hunter2@mail.example/", "Hunter2"),
]


@settings(deadline=None)
@given(junk, st.sampled_from(SECRETS), junk)
def test_no_secret_is_visible_in_any_surroundings(
    before: str, secret: tuple[str, str], after: str
) -> None:
    text, part = secret

    assert part not in Redaction().text(f"{before} {text} {after}")


@pytest.mark.parametrize("piece", [*PIECES, "eyJ.", "a@", "--token ", "-token", "42 "])
def test_the_time_grows_linearly_with_the_length_of_a_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        start = time.thread_time()
        Redaction().text(text)
        return time.thread_time() - start

    short, long = min(seconds(4_000) for _ in range(3)), seconds(40_000)

    assert long < 40 * short + 0.2


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", ["_eyJ", "-eyJaaaaaa", "_eyJaaaaaa.", "eyJ._"])
def test_a_text_full_of_beginnings_of_tokens_takes_no_minutes(piece: str) -> None:
    text = piece * (8_000_000 // len(piece))  # a look ahead from each took minutes

    assert len(Redaction().text(text)) <= len(text)
