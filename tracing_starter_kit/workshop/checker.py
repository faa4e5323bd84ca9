"""Runs one exercise's check on a folder, and says what came out.

    with Checker(places) as checker:
        verdict = checker.check(exercise, folder)
        print(verdict.sentence)

The checker stay warm between checks: see `running/warm.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.exercise import Exercise
from tracing_starter_kit.workshop.running.broker import Broker, BrokerError
from tracing_starter_kit.workshop.running.launcher import Launcher, ProgramError
from tracing_starter_kit.workshop.running.receiver import Receiver
from tracing_starter_kit.workshop.settings import Places


@dataclass(frozen=True)
class Verdict:
    """What a check has seen.

    Attributes:
        passed: Whether the exercise is done.
        sentence: What is missing; empty if nothing is.
        spans: The trace to look at, and what hangs on it by links.
        events: What the program wrote, where an exercise is about lines.
        in_viewer: Whether the viewer has it too.
    """

    passed: bool
    sentence: str
    spans: tuple[Span, ...]
    in_viewer: bool
    events: Sequence[Mapping[str, Any]] = ()

    @property
    def trace_id(self) -> str | None:
        """The trace to look at, if the request left one."""
        return self.spans[0].trace_id if self.spans else None


class Checker:
    """The processes that checks need, for as long as it is open."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def __enter__(self) -> Checker:
        self._stack = ExitStack()
        self._launcher = self._stack.enter_context(Launcher())
        self._broker: Broker | None = None
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def broker(self) -> Broker:
        """Return a queue server, started for the first who asks, without messages."""
        if self._broker is None:
            self._broker = self._stack.enter_context(Broker())
        self._broker.empty()
        return self._broker

    def check(
        self,
        exercise: Exercise,
        folder: Path,
        *,
        seed: int | None = None,
        state: dict[str, Any] | None = None,
    ) -> Verdict:
        """Check the learner's files in `folder`.

        Args:
            exercise: Which exercise it is.
            folder: Where the files lie.
            seed: Fixes the inputs, for pictures of a trace.
            state: What the check of this exercise remembers between two runs.
        """
        with Receiver(self._places.otlp) as receiver:
            run = Run(
                folder,
                launcher=self._launcher,
                receiver=receiver,
                open_broker=self.broker,
                places=self._places,
                seed=seed,
                state=state,
            )
            sentence, trace_id = _missing(exercise, run)
            spans = _to_show(run, receiver.spans(), trace_id)
            in_viewer = receiver.show_in_viewer()
            return Verdict(not sentence, sentence, spans, in_viewer, run.events)


def _missing(exercise: Exercise, run: Run) -> tuple[str, str | None]:
    """Return what is missing, and the trace in which it shows."""
    try:
        exercise.check(run)
    except CheckFailed as missing:
        return str(missing), missing.trace_id
    except (ProgramError, BrokerError) as error:
        return str(error), None
    except Exception as error:  # noqa: BLE001 - never a stack trace of ours
        return _lost(exercise, error), None
    return "", None


def _lost(exercise: Exercise, error: Exception) -> str:
    return (
        f"The check could make nothing of what came back ({type(error).__name__}: "
        f"{error}). Does the program still answer as it did? `kit workshop reset "
        f"{exercise.number}` brings its files back, and keeps yours."
    )


def _to_show(run: Run, spans: list[Span], trace_id: str | None) -> tuple[Span, ...]:
    """Return the trace, by default the first request's, and those linked to it."""
    if trace_id is None and run.answers:
        trace_id = run.answers[0].trace_id
    trace = [span for span in spans if span.trace_id == trace_id]
    linked = {
        span.trace_id
        for span in spans
        for link in span.links
        if link.trace_id == trace_id
    }
    beside = [span for span in spans if span.trace_id in linked - {trace_id}]
    return (*trace, *beside)
