"""Check the ids in a request, as OTLP demands.

    faults = drop_faulty(signal, request)     # a sentence for each rejected item

A span or log record with a wrong id is rejected; the others are accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from tracing_starter_kit.viewer.otlp.signals import SignalType

NO_TRACE = bytes(16)
NO_SPAN = bytes(8)
_ids_and_links = attrgetter("trace_id", "span_id", "parent_span_id", "links")


def drop_faulty(signal: SignalType, request: Any) -> list[str]:
    """Remove items with wrong ids from the request; return a reason for each."""
    fault_of = FAULTS.get(signal.name)
    if fault_of is None:
        return []
    faults: list[str] = []
    outer, inner, items = signal.groups
    for group in getattr(request, outer):
        for scope in getattr(group, inner):
            if signal.name == "traces" and _are_correct(getattr(scope, items)):
                continue
            pairs = [(item, fault_of(item)) for item in getattr(scope, items)]
            if reasons := [fault for _, fault in pairs if fault]:
                faults += reasons
                correct = [item for item, fault in pairs if not fault]
                scope.ClearField(items)
                getattr(scope, items).extend(correct)
    return faults


def count_items(signal: SignalType, request: Any) -> int:
    """Return the number of spans, log records or metrics in the request."""
    outer, inner, items = signal.groups
    return sum(
        len(getattr(scope, items))
        for group in getattr(request, outer)
        for scope in getattr(group, inner)
    )


def _are_correct(spans: Sequence[Any]) -> bool:
    """Check all spans at once: in a third of the time that span by span takes."""
    columns = [*zip(*map(_ids_and_links, spans), strict=True)]
    if not columns:
        return True
    trace_ids, span_ids, parent_ids, links = columns
    return (
        {16} == {*map(len, trace_ids)}
        and {8} == {*map(len, span_ids)}
        and {*map(len, parent_ids)} <= {0, 8}
        and not any(links)
        and NO_TRACE not in {*trace_ids}
        and NO_SPAN not in {*span_ids}
    )


def _span_fault(span: Any) -> str:
    fault = _id_fault("trace id", span.trace_id, NO_TRACE) or _id_fault(
        "span id", span.span_id, NO_SPAN
    )
    if not fault and len(span.parent_span_id) not in {0, 8}:
        fault = f"parent span id of {len(span.parent_span_id)} bytes instead of 8"
    if not fault and span.links:
        faults = (_optional_ids_fault(link) for link in span.links)
        fault = next((f"link: {reason}" for reason in faults if reason), "")
    return fault and f"span {span.name[:80]!r}: {fault}"


def _log_fault(record: Any) -> str:
    fault = _optional_ids_fault(record)
    return fault and f"log record: {fault}"


def _optional_ids_fault(item: Any) -> str:
    """Return a reason if an id has a wrong length; ids may be absent."""
    if len(item.trace_id) not in {0, 16}:
        return f"trace id of {len(item.trace_id)} bytes instead of 16"
    if len(item.span_id) not in {0, 8}:
        return f"span id of {len(item.span_id)} bytes instead of 8"
    return ""


def _id_fault(name: str, value: bytes, zeros: bytes) -> str:
    if len(value) != len(zeros):
        return f"{name} of {len(value)} bytes instead of {len(zeros)}"
    return f"{name} is all zeros" if value == zeros else ""


FAULTS: dict[str, Callable[[Any], str]] = {
    "traces": _span_fault,
    "logs": _log_fault,
}
