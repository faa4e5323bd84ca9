"""One operation's lines as stretches of time: the wait in a queue, the run, the steps.

    timeline = Timeline.of(operation.moments)
    for part in timeline.parts:
        print(part.role, part.start_ns, part.end_ns)

What ends with `after 6.01 seconds` began 6.01 s before. Where a time is earlier than
that of its cause, the cause's is taken and the difference kept as clock skew: nothing
lasts less than nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tracing_starter_kit.log_reader.joining.operations import Moment
from tracing_starter_kit.log_reader.joining.parts import Part, Role
from tracing_starter_kit.log_reader.joining.vocabulary import BEGINS, ENDS, Event
from tracing_starter_kit.log_reader.model import Record

CAUSES: Final = (Event.QUEUED, Event.RECEIVED, Event.STARTED)


@dataclass
class Timeline:
    """Reads moments one after the other; what has begun and not ended is held."""

    parts: list[Part] = field(default_factory=list)
    skew_ns: int = 0
    start_ns: int = 0
    end_ns: int = 0
    queued: bool = False
    outcome: Moment | None = None
    service: str = ""
    _now: int = 0
    _skew: int = 0
    _waiting: int | None = None
    _received: int | None = None
    _running: int | None = None
    _ended: int | None = None
    _queued: int | None = None
    _records: list[Record] = field(default_factory=list)

    @classmethod
    def of(cls, moments: Sequence[Moment]) -> Timeline:
        """Return the timeline of an operation's lines."""
        timeline = cls()
        ordered = in_causal_order(moments)
        timeline.service = ordered[0].record.service
        timeline.start_ns = timeline.end_ns = ordered[0].record.time_ns
        for moment in ordered:
            timeline._take(moment)
        timeline._finish()
        return timeline

    @property
    def unfinished(self) -> bool:
        """Whether something began that has no end."""
        return any(part.unfinished for part in self.parts)

    def _take(self, moment: Moment) -> None:
        busy = self._running is not None and moment.event in BEGINS
        if moment.event is None or busy:  # what it begins meanwhile is another thing
            self._note(moment)
            return
        at = self._causal(self._time(moment))
        self.end_ns = max(self.end_ns, at)
        if moment.event in ENDS or moment.event is Event.RETRIED:
            self._end(at, moment)
            return
        if moment.event is Event.QUEUED:
            self.queued = True
            self._waiting = at if self._waiting is None else self._waiting
        elif moment.event is Event.RECEIVED:
            self._received = at
        else:
            self._start(at)
        self._records.append(moment.record)

    def _note(self, moment: Moment) -> None:
        """Take a line that neither begins nor ends; it may tell of a step by itself."""
        at = moment.record.time_ns
        self.end_ns = max(self.end_ns, at)
        if moment.duration_ns:
            start = max(1, at - moment.duration_ns)
            self.start_ns = min(self.start_ns, start)
            self.parts.append(Part(Role.STEP, start, at, [moment.record], moment))

    def _time(self, moment: Moment) -> int:
        """Return when it was; of a line without a time, by how long it says it took."""
        if moment.record.own_time or self._running is None:
            return moment.record.time_ns
        return max(moment.record.time_ns, self._running + (moment.duration_ns or 0))

    def _causal(self, time_ns: int) -> int:
        """Return the time, or that of the event before it if that is later."""
        self._skew = max(0, self._now - time_ns)
        self.skew_ns = max(self.skew_ns, self._skew)
        self._now = max(self._now, time_ns)
        return self._now

    def _start(self, at: int) -> None:
        if self._waiting is not None:
            self._wait(self._waiting, at)
        self._running = at

    def _end(self, at: int, moment: Moment) -> None:
        again = self._ended is not None and moment.duration_ns is None
        idle = self._waiting is self._received is self._running is None
        role = Role.STEP if again and idle else Role.RUN
        start = self._began(at, moment.duration_ns)
        before = self._earliest() if self._running is None else None
        waited = self._waiting == start and before is not None
        waited = waited and self._received is None and not moment.duration_ns
        if before is not None and before < start:
            self._wait(before, start)
        records = [*self._taken(), moment.record]
        part = Part(role, start, at, records, moment, waited=waited)
        part.queued_ns = self._queued
        self._add(part)
        self._queued = None
        self._waiting = self._received = self._running = None
        self._ended = at
        self.outcome = moment

    def _wait(self, start: int, end: int) -> None:
        self._queued = end - start
        self._add(Part(Role.WAIT, start, end, self._taken()))

    def _began(self, at: int, took: int | None) -> int:
        """Return when what ends now has begun."""
        if self._running is not None:
            return self._running
        if took is not None:
            return self._not_before(at - took, self._earliest())
        known = (self._received, self._waiting, self._ended)
        return next((time for time in known if time is not None), self.start_ns)

    def _earliest(self) -> int | None:
        return self._received if self._waiting is None else self._waiting

    def _not_before(self, start: int, earliest: int | None) -> int:
        if earliest is None:
            self.start_ns = min(self.start_ns, max(1, start))
            return max(1, start)
        self._skew = max(self._skew, earliest - start)
        self.skew_ns = max(self.skew_ns, self._skew)
        return max(start, earliest)

    def _finish(self) -> None:
        self.start_ns = min([self.start_ns, *(part.start_ns for part in self.parts)])
        known = (self._running, self._received, self._waiting)
        begun = next((time for time in known if time is not None), None)
        if begun is not None:
            waits = self._running is None and self._received is None
            role, end = Role.WAIT if waits else Role.RUN, max(begun, self.end_ns)
            self._add(Part(role, begun, end, self._taken(), unfinished=True))
        self.end_ns = max([self.end_ns, *(part.end_ns for part in self.parts)])

    def _add(self, part: Part) -> None:
        part.skew_ns, self._skew = self._skew, 0
        self.parts.append(part)

    def _taken(self) -> list[Record]:
        records, self._records = self._records, []
        return records


def in_causal_order(moments: Sequence[Moment]) -> Sequence[Moment]:
    """Return the moments, the beginning before the end whatever the clocks said.

    Files of two machines are merged by time; where one's clock is behind, a task starts
    before it is queued. In one file the order of the lines is that of the events.
    """
    first = next((m for m in moments if m.event), None)
    begin = next((m for e in CAUSES for m in moments if m.event is e), None)
    if first is None or begin is None or first.record.source == begin.record.source:
        return moments
    return [begin, *(m for m in moments if m is not begin)]
