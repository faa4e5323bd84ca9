"""What OTLP asks of the ids in a request.

    faults = drop_faulty(signal, request)     # a sentence each, [] for a clean request

A span or log record that does not hold to it is left out, the others are taken.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

from tracing_starter_kit.viewer.otlp.signals import SignalType

__all__ = ["count_items", "drop_faulty"]

NO_TRACE: Final = bytes(16)
NO_SPAN: Final = bytes(8)
_ids_and_links: Final = attrgetter("trace_id", "span_id", "parent_span_id", "links")


def drop_faulty(signal: SignalType, request: Any) -> list[str]:
    """Remove what must not be stored from the request; return why, for each item."""
    fault_of = FAULTS.get(signal.name)
    if fault_of is None:
        return []
    faults: list[str] = []
    outer, inner, items = signal.groups
    for group in getattr(request, outer):
        for scope in getattr(group, inner):
            listed = getattr(scope, items)
            if signal.name == "traces" and _are_clean(listed):
                continue
            found = [(item, fault_of(item)) for item in listed]
            if bad := [fault for _, fault in found if fault]:
                faults += bad
                good = [item for item, fault in found if not fault]
                scope.ClearField(items)
                getattr(scope, items).extend(good)
    return faults


def count_items(signal: SignalType, request: Any) -> int:
    """Return the number of spans, log records or metrics in the request."""
    outer, inner, items = signal.groups
    return sum(
        len(getattr(scope, items))
        for group in getattr(request, outer)
        for scope in getattr(group, inner)
    )


def _are_clean(spans: Sequence[Any]) -> bool:
    """Look at all spans at once, in a third of the time of one after the other."""
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
        fault = next((f"link: {found}" for found in faults if found), "")
    return fault and f"span {span.name[:80]!r}: {fault}"


def _log_fault(record: Any) -> str:
    fault = _optional_ids_fault(record)
    return fault and f"log record: {fault}"


def _optional_ids_fault(item: Any) -> str:
    """Absent ids are right, ids of another length are not."""
    if len(item.trace_id) not in {0, 16}:
        return f"trace id of {len(item.trace_id)} bytes instead of 16"
    if len(item.span_id) not in {0, 8}:
        return f"span id of {len(item.span_id)} bytes instead of 8"
    return ""


def _id_fault(name: str, value: bytes, zeros: bytes) -> str:
    if len(value) != len(zeros):
        return f"{name} of {len(value)} bytes instead of {len(zeros)}"
    return f"{name} of zeros only" if value == zeros else ""


FAULTS: Final[dict[str, Callable[[Any], str]]] = {
    "traces": _span_fault,
    "logs": _log_fault,
}
