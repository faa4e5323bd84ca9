"""One check at work: starts the learner's programs, sends requests, hands out traces.

    def check(run: Run) -> None:
        with run.web("shop") as shop:
            answer = shop.post("/orders", json={...}, sent={...})
        orders = run.traces(answer)

Each request carries a trace id of the check's own, so that an older trace, or somebody
else's, is never taken for it. Spans are looked at once the programs have ended.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.traces import Traces
from tracing_starter_kit.workshop.checking.web_service import WebService
from tracing_starter_kit.workshop.running.broker import Broker
from tracing_starter_kit.workshop.running.launcher import Launcher, Program
from tracing_starter_kit.workshop.running.receiver import Receiver
from tracing_starter_kit.workshop.settings import Places


class Run:
    """What a check may use.

    Attributes:
        folder: The learner's files of this exercise.
        random: Where its inputs come from; the same seed makes the same requests.
        places: Where the demo and the viewer answer.
        answers: Every request that was sent.
        events: What to show of what the program wrote.
        state: What the learner's progress remembers for this exercise.
    """

    def __init__(
        self,
        folder: Path,
        *,
        launcher: Launcher,
        receiver: Receiver,
        open_broker: Callable[[], Broker],
        places: Places,
        seed: int | None = None,
        state: dict[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.random = random.Random(seed)  # noqa: S311 - inputs, no secrets
        self.places = places
        self.state = {} if state is None else state
        self._open_broker = open_broker
        self.answers: list[Answer] = []
        self.events: list[dict[str, Any]] = []
        self._launcher = launcher
        self._receiver = receiver
        self._words: set[str] = set()

    @functools.cached_property
    def broker(self) -> Broker:
        """A queue server without messages, for this check."""
        return self._open_broker()

    @contextmanager
    def web(self, module: str, **environment: str) -> Iterator[WebService]:
        """Run `app = Flask(...)` of a module until the end of the block."""
        program = self._start("web", module, environment)
        program.wait_ready()
        try:
            yield WebService(
                program,
                folder=self.folder,
                random=self.random,
                answers=self.answers,
            )
        except BaseException:
            program.kill()
            raise
        program.stop()

    @contextmanager
    def worker(self, module: str, **environment: str) -> Iterator[Program]:
        """Run `app = Celery(...)` of a module until its queue is empty."""
        program = self._start("worker", module, environment)
        program.wait_ready()
        try:
            yield program
            self.broker.wait_until_empty()
        except BaseException:
            program.kill()
            raise
        program.stop()

    def script(self, module: str, *arguments: str, **environment: str) -> str:
        """Run a module as `python module.py …` and return what it printed."""
        program = self._start("script", module, environment, arguments)
        program.wait_end()
        return program.output()

    def traces(self, *answers: Answer) -> Traces:
        """Return the traces of these requests; call it once the programs have ended."""
        return Traces(answers, self._receiver.spans(), self.folder)

    def spans(self) -> list[Span]:
        """Return every span of this check, whatever its trace."""
        return self._receiver.spans()

    def word(self, prefix: str) -> str:
        """Return a name that nobody can know beforehand, such as "c-4711", and once."""
        while (name := f"{prefix}-{self.random.randint(1000, 9999)}") in self._words:
            pass
        self._words.add(name)
        return name

    def different(self, choices: Sequence[Any], count: int) -> list[Any]:
        """Return `count` of the choices, no two the same."""
        return self.random.sample(list(choices), count)

    def _start(
        self,
        kind: str,
        module: str,
        environment: Mapping[str, str],
        arguments: Sequence[str] = (),
    ) -> Program:
        return self._launcher.start(
            kind,
            module,
            folder=self.folder,
            environment={
                **self.places.environment,
                "OTEL_EXPORTER_OTLP_ENDPOINT": self._receiver.endpoint,
                "OTEL_BSP_SCHEDULE_DELAY": "50",
                **environment,
            },
            arguments=arguments,
        )
