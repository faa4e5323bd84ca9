"""Twenty thousand requests of broken senders: correct answers, bounded memory.

    FUZZ_CASES=200000 FUZZ_SEED=7 pytest tests/viewer/test_fuzz.py

A failure names its seed; `make_case(seed)` makes the case again.
"""

from __future__ import annotations

import json
import os
from binascii import unhexlify
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from google.protobuf.json_format import Parse
from google.rpc.status_pb2 import Status

from tests.viewer.asgi import Answer, Client
from tests.viewer.conftest import rows
from tests.viewer.hostile import LIMIT, MAKERS, Case, make_case
from tests.viewer.telemetry import JSON, PROTOBUF, as_otlp_json
from tracing_starter_kit.viewer.otlp.mending_protobuf import mend_protobuf
from tracing_starter_kit.viewer.otlp.signals import SIGNALS
from tracing_starter_kit.viewer.receiver.http import build_otlp_app
from tracing_starter_kit.viewer.store import Store

CASES = int(os.environ.get("FUZZ_CASES", "20000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
AT_ONCE = 32
MIB = 1 << 20
NAMES = {
    "traces": ("resourceSpans", "scopeSpans", "spans"),
    "logs": ("resourceLogs", "scopeLogs", "logRecords"),
}


@dataclass
class Outcome:
    """The results of all cases."""

    wrong: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    spans: set[tuple[str, str]] = field(default_factory=set)
    uncertain_spans: set[tuple[str, str]] = field(default_factory=set)
    logs: int = 0
    growth: int = 0  # bytes of memory


@dataclass(frozen=True)
class FuzzRun:
    outcome: Outcome
    store: Store
    data: Path


@pytest.fixture(scope="module")
def fuzz_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FuzzRun]:
    data = tmp_path_factory.mktemp("fuzz") / "data"
    store = Store.open(data)
    client = Client(build_otlp_app(store, max_body_bytes=LIMIT))
    outcome = Outcome()
    process = psutil.Process()
    before = process.memory_info().rss
    for first in range(SEED * 10**6, SEED * 10**6 + CASES, AT_ONCE):
        seeds = range(first, min(first + AT_ONCE, SEED * 10**6 + CASES))
        cases = [make_case(seed) for seed in seeds]
        answers = client.call_all([request(case) for case in cases])
        for seed, case, answer in zip(seeds, cases, answers, strict=True):
            judge(outcome, seed, case, answer)
        outcome.growth = max(outcome.growth, process.memory_info().rss - before)
    yield FuzzRun(outcome, store, data)
    client.close()
    store.close()


def request(case: Case) -> tuple[str, str, dict[str, str], bytes]:
    headers = {"content-type": case.content_type, "content-encoding": case.encoding}
    present = {name: value for name, value in headers.items() if value}
    return case.method, case.path or f"/v1/{case.signal}", present, case.body


def judge(outcome: Outcome, seed: int, case: Case, answer: Answer) -> None:
    outcome.statuses[answer.status] += 1
    outcome.kinds[case.kind.partition(":")[0]] += 1
    if answer.status not in case.expected:
        statuses = f"{answer.status}, expected {case.expected}"
        outcome.wrong.append(f"{seed}: {case.kind}: {statuses}")
    elif fault := fault_of(case, answer):
        outcome.wrong.append(f"{seed}: {case.kind}: {fault}")
    elif answer.status == 200:
        count(outcome, case, answer)


def fault_of(case: Case, answer: Answer) -> str:
    """Return the fault in the answer's form, or an empty string."""
    expected = PROTOBUF if case.content_type == PROTOBUF else JSON
    if answer.media_type != expected:
        return f"answered in {answer.media_type}"
    if answer.status == 200:
        return ""
    status = (
        Status.FromString(answer.body)
        if expected == PROTOBUF
        else Parse(answer.body, Status())
    )
    return "" if status.code and status.message else "without a reason"


def count(outcome: Outcome, case: Case, answer: Answer) -> None:
    """Count the items of an accepted request that must be stored; check the others."""
    if case.signal == "metrics":
        return
    items = [*items_of(case)]
    correct = [item for item in items if not is_faulty(item, case.signal)]
    ids = {(span.get("traceId"), span.get("spanId")) for span in correct}
    if case.kind == "changed JSON":  # an item may have other faults than its ids
        outcome.uncertain_spans |= {(str(a).lower(), str(b).lower()) for a, b in ids}
    elif case.signal == "traces":
        outcome.spans |= {(str(a).lower(), str(b).lower()) for a, b in ids}
    response = SIGNALS[case.signal].response
    message = (
        response.FromString(answer.body)
        if case.content_type == PROTOBUF
        else Parse(answer.body, response())
    )
    rejected = getattr(message.partial_success, SIGNALS[case.signal].rejected)
    if case.signal == "logs":
        outcome.logs += len(items) - rejected
    expected = len(items) - len(correct)
    if rejected != expected and (case.kind != "changed JSON" or rejected < expected):
        outcome.wrong.append(f"{case.kind}: rejected {rejected} of {len(items)}")


def items_of(case: Case) -> Iterator[dict[str, Any]]:
    assert case.plain is not None
    if case.content_type == JSON:
        content = json.loads(case.plain.decode("utf-8-sig", "surrogateescape"))
    else:
        request = mend_protobuf(SIGNALS[case.signal].request, case.plain).request
        content = as_otlp_json(request)
    outer, inner, items = NAMES[case.signal]
    for group in objects(content, outer):
        for scope in objects(group, inner):
            yield from objects(scope, items)


def objects(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = parent.get(name)
    if not isinstance(values, list):
        return []
    return [value for value in values if isinstance(value, dict)]


def is_faulty(item: dict[str, Any], signal: str) -> bool:
    ids = [item.get(name) or "" for name in ("traceId", "spanId")]
    parent_id = item.get("parentSpanId") or ""
    try:
        trace_id, span_id, parent_id = map(unhexlify, (*ids, parent_id))
    except (ValueError, TypeError):
        return True
    if signal == "logs":
        return len(trace_id) not in {0, 16} or len(span_id) not in {0, 8}
    return (
        (len(trace_id), len(span_id)) != (16, 8)
        or not any(trace_id)
        or not any(span_id)
        or len(parent_id) not in {0, 8}
        or any(is_faulty(link, "logs") for link in objects(item, "links"))
    )


def test_every_answer_has_an_expected_status(fuzz_run: FuzzRun) -> None:
    assert fuzz_run.outcome.wrong == []


def test_every_kind_of_case_and_of_answer_occurred(fuzz_run: FuzzRun) -> None:
    outcome = fuzz_run.outcome

    assert sum(outcome.statuses.values()) == CASES
    assert set(outcome.statuses) == {200, 400, 404, 405, 413, 415}
    assert len(outcome.kinds) >= len(MAKERS)


def test_exactly_the_accepted_items_are_readable(fuzz_run: FuzzRun) -> None:
    trace_id, span_id = "replace(trace_id::TEXT, '-', '')", "format('{:016x}', span_id)"
    spans = rows(fuzz_run.store, f"SELECT {trace_id}, {span_id} FROM spans")

    assert len(spans) == len(set(spans))
    assert fuzz_run.outcome.spans <= set(spans)
    assert set(spans) <= fuzz_run.outcome.spans | fuzz_run.outcome.uncertain_spans
    assert rows(fuzz_run.store, "SELECT count(*) FROM logs") == [
        (fuzz_run.outcome.logs,)
    ]


def test_no_accepted_request_is_refused_later(fuzz_run: FuzzRun) -> None:
    assert fuzz_run.store.flush()
    assert not (fuzz_run.data / "refused").exists()


def test_memory_stays_bounded(fuzz_run: FuzzRun) -> None:
    assert fuzz_run.outcome.growth < 400 * MIB
