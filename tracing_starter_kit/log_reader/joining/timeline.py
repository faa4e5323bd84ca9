"""Turn the lines of an operation into parts: the wait in a queue, the runs, the steps.

    timeline = Timeline.of(operation.moments)
    for part in timeline.parts:
        print(part.role, part.start_ns, part.end_ns)

A run that ends with `after 6.01 seconds` began 6.01 s before. When a time is earlier
than that of its cause, the cause's time wins and the difference is stored as clock
skew, so that no duration is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracing_starter_kit.log_reader.joining.operations import Moment
from tracing_starter_kit.log_reader.joining.parts import Part, Role
from tracing_starter_kit.log_reader.joining.vocabulary import BEGINS, ENDS, Event
from tracing_starter_kit.log_reader.model import Record

CAUSES = (Event.QUEUED, Event.RECEIVED, Event.STARTED)


@dataclass
class Timeline:
    """The parts of an operation; built moment by moment, with the open part's state."""

    parts: list[Part] = field(default_factory=list)
    skew_ns: int = 0
    start_ns: int = 0
    end_ns: int = 0
    was_queued: bool = False
    outcome: Moment | None = None
    service: str = ""
    _latest_ns: int = 0
    _open_skew_ns: int = 0
    _waiting_since: int | None = None
    _received_ns: int | None = None
    _running_since: int | None = None
    _ended_ns: int | None = None
    _waited_ns: int | None = None
    _records: list[Record] = field(default_factory=list)

    @classmethod
    def of(cls, moments: Sequence[Moment]) -> Timeline:
        """Return the timeline of an operation's lines."""
        timeline = cls()
        ordered = in_causal_order(moments)
        timeline.service = ordered[0].record.service
        timeline.start_ns = timeline.end_ns = ordered[0].record.time_ns
        for moment in ordered:
            timeline._add_moment(moment)
        timeline._finish()
        return timeline

    @property
    def is_unfinished(self) -> bool:
        """Whether a part has no end."""
        return any(part.is_unfinished for part in self.parts)

    def _add_moment(self, moment: Moment) -> None:
        is_running = self._running_since is not None
        # A begin during a run is the begin of something else.
        if moment.event is None or (is_running and moment.event in BEGINS):
            self._note(moment)
            return
        at = self._causal(self._time(moment))
        self.end_ns = max(self.end_ns, at)
        if moment.event in ENDS or moment.event is Event.RETRIED:
            self._end(at, moment)
            return
        if moment.event is Event.QUEUED:
            self.was_queued = True
            if self._waiting_since is None:
                self._waiting_since = at
        elif moment.event is Event.RECEIVED:
            self._received_ns = at
        else:
            self._start(at)
        self._records.append(moment.record)

    def _note(self, moment: Moment) -> None:
        """Add a line without an event; with a duration it is a step."""
        at = self._time(moment)
        self.end_ns = max(self.end_ns, at)
        if moment.duration_ns:
            start = max(1, at - moment.duration_ns)
            self.start_ns = min(self.start_ns, start)
            self.parts.append(Part(Role.STEP, start, at, [moment.record], moment))

    def _time(self, moment: Moment) -> int:
        """Return the time of a line; without a time of its own, by its duration."""
        if moment.record.has_own_time or self._running_since is None:
            return moment.record.time_ns
        end = self._running_since + (moment.duration_ns or 0)
        return max(moment.record.time_ns, end)

    def _causal(self, time_ns: int) -> int:
        """Return the time, or the time of the event before it if that is later."""
        self._open_skew_ns = max(0, self._latest_ns - time_ns)
        self.skew_ns = max(self.skew_ns, self._open_skew_ns)
        self._latest_ns = max(self._latest_ns, time_ns)
        return self._latest_ns

    def _start(self, at: int) -> None:
        if self._waiting_since is not None:
            self._wait(self._waiting_since, at)
        self._running_since = at

    def _end(self, at: int, moment: Moment) -> None:
        earliest = self._earliest() if self._running_since is None else None
        has_begun = earliest is not None or self._running_since is not None
        is_second_end = self._ended_ns is not None and moment.duration_ns is None
        role = Role.STEP if is_second_end and not has_begun else Role.RUN
        start = self._begin_of_run(at, moment.duration_ns)
        # A queued line and an end alone do not separate the wait from the run.
        includes_wait = earliest is not None and self._waiting_since == start
        if self._received_ns is not None or moment.duration_ns:
            includes_wait = False
        if earliest is not None and earliest < start:
            self._wait(earliest, start)
        records = [*self._take_records(), moment.record]
        part = Part(role, start, at, records, moment, includes_wait=includes_wait)
        part.queued_ns = self._waited_ns
        self._add(part)
        self._waited_ns = None
        self._waiting_since = self._received_ns = self._running_since = None
        self._ended_ns = at
        self.outcome = moment

    def _wait(self, start: int, end: int) -> None:
        self._waited_ns = end - start
        self._add(Part(Role.WAIT, start, end, self._take_records()))

    def _begin_of_run(self, at: int, duration_ns: int | None) -> int:
        """Return the begin of the run that ends now."""
        if self._running_since is not None:
            return self._running_since
        if duration_ns is not None:
            return self._not_before(at - duration_ns, self._earliest())
        times = (self._received_ns, self._waiting_since, self._ended_ns)
        return next((time for time in times if time is not None), self.start_ns)

    def _earliest(self) -> int | None:
        return self._received_ns if self._waiting_since is None else self._waiting_since

    def _not_before(self, start: int, earliest: int | None) -> int:
        if earliest is None:
            self.start_ns = min(self.start_ns, max(1, start))
            return max(1, start)
        self._open_skew_ns = max(self._open_skew_ns, earliest - start)
        self.skew_ns = max(self.skew_ns, self._open_skew_ns)
        return max(start, earliest)

    def _finish(self) -> None:
        self.start_ns = min([self.start_ns, *(part.start_ns for part in self.parts)])
        times = (self._running_since, self._received_ns, self._waiting_since)
        begin = next((time for time in times if time is not None), None)
        if begin is not None:
            is_waiting = self._running_since is None and self._received_ns is None
            role, end = Role.WAIT if is_waiting else Role.RUN, max(begin, self.end_ns)
            records = self._take_records()
            self._add(Part(role, begin, end, records, is_unfinished=True))
        self.end_ns = max([self.end_ns, *(part.end_ns for part in self.parts)])

    def _add(self, part: Part) -> None:
        part.skew_ns, self._open_skew_ns = self._open_skew_ns, 0
        self.parts.append(part)

    def _take_records(self) -> list[Record]:
        records, self._records = self._records, []
        return records


def in_causal_order(moments: Sequence[Moment]) -> Sequence[Moment]:
    """Return the moments, with the begin before the end, in spite of the clocks.

    Files of two machines are merged by time: when the clock of one is behind, a task
    seems to start before it is queued. Within a file, the order of the lines is right.
    """
    first = next((m for m in moments if m.event), None)
    begin = next((m for e in CAUSES for m in moments if m.event is e), None)
    if first is None or begin is None or first.record.source == begin.record.source:
        return moments
    return [begin, *(m for m in moments if m is not begin)]
