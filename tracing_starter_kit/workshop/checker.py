"""Runs the check of an exercise on the learner's files, and returns a verdict.

    with Checker(places) as checker:
        verdict = checker.check(exercise, folder)
        print(verdict.sentence)

The processes stay open between checks: see `running/fork_server.py`.
"""

from __future__ import annotations

import contextlib
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
from tracing_starter_kit.workshop.running.launcher import Launcher
from tracing_starter_kit.workshop.running.program import ProgramError
from tracing_starter_kit.workshop.running.receiver import Receiver
from tracing_starter_kit.workshop.settings import Places


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check.

    Attributes:
        passed: Whether the exercise is done.
        sentence: The first mistake; empty if there is none.
        spans: The trace to show, then the traces linked to it.
        in_viewer: Whether the viewer has the trace, too.
        events: The program's lines to show, in exercises about lines.
    """

    passed: bool
    sentence: str
    spans: tuple[Span, ...]
    in_viewer: bool
    events: Sequence[Mapping[str, Any]] = ()

    @property
    def trace_id(self) -> str | None:
        """The trace to show, if the request left one."""
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
        """Return an empty queue server, started at the first call."""
        if self._broker is not None:
            with contextlib.suppress(BrokerError):  # it was killed
                self._broker.empty()
                return self._broker
        self._broker = self._stack.enter_context(Broker())
        return self._broker

    def check(
        self, exercise: Exercise, folder: Path, *, seed: int | None = None
    ) -> Verdict:
        """Check the learner's files in `folder`; a seed fixes the check's inputs."""
        with Receiver(self._places.otlp) as receiver:
            run = Run(
                folder,
                launcher=self._launcher,
                receiver=receiver,
                open_broker=self.broker,
                places=self._places,
                seed=seed,
            )
            sentence, trace_id = _first_mistake(exercise, run)
            spans = _spans_to_show(run, receiver.spans(), trace_id)
            in_viewer = receiver.show_in_viewer()
            return Verdict(not sentence, sentence, spans, in_viewer, run.events)


def _first_mistake(exercise: Exercise, run: Run) -> tuple[str, str | None]:
    """Return the first mistake as a sentence, and the trace that shows it."""
    try:
        exercise.check(run)
    except CheckFailed as failure:
        return str(failure), failure.trace_id
    except (ProgramError, BrokerError) as error:
        return str(error), None
    except Exception as error:  # noqa: BLE001 - a sentence, not a traceback of ours
        return _unexpected(exercise, error), None
    return "", None


def _unexpected(exercise: Exercise, error: Exception) -> str:
    return (
        f"The check does not understand the program's answer ({type(error).__name__}: "
        f"{error}); expected an answer in the form that it had at the start. `kit "
        f"workshop reset {exercise.number}` restores the files, and keeps a copy of "
        f"yours."
    )


def _spans_to_show(
    run: Run, spans: list[Span], trace_id: str | None
) -> tuple[Span, ...]:
    """Return a trace, by default the first request's, and the traces linked to it."""
    if trace_id is None and run.answers:
        trace_id = run.answers[0].trace_id
    trace = [span for span in spans if span.trace_id == trace_id]
    linked_ids = {
        span.trace_id
        for span in spans
        for link in span.links
        if link.trace_id == trace_id
    }
    linked = [span for span in spans if span.trace_id in linked_ids - {trace_id}]
    return (*trace, *linked)
