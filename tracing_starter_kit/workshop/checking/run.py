"""One run of a check: starts the learner's programs, sends requests, returns traces.

    def check(run: Run) -> None:
        with run.web("shop") as shop:
            answer = shop.post("/orders", json={...}, inputs={...})
        orders = run.traces(answer)

Each request carries a trace id of the check's own, so the check never takes an older
trace, or another program's, for it. Look at spans after the programs have ended.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.traces import Traces
from tracing_starter_kit.workshop.checking.web_service import WebService
from tracing_starter_kit.workshop.running.broker import Broker
from tracing_starter_kit.workshop.running.launcher import Launcher
from tracing_starter_kit.workshop.running.program import Program
from tracing_starter_kit.workshop.running.receiver import Receiver
from tracing_starter_kit.workshop.settings import Places

T = TypeVar("T")


class Run:
    """The tools of a check, for one run.

    Attributes:
        folder: The learner's files of this exercise.
        random: Source of the inputs; the same seed makes the same requests.
        places: Addresses of the demo and the viewer.
        answers: Every request that the check sent.
        events: The program's lines to show with the verdict.
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
    ) -> None:
        self.folder = folder
        self.random = random.Random(seed)  # noqa: S311 - inputs, no secrets
        self.places = places
        self._open_broker = open_broker
        self.answers: list[Answer] = []
        self.events: list[dict[str, Any]] = []
        self._launcher = launcher
        self._receiver = receiver
        self._names: set[str] = set()

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
                program, folder=self.folder, random=self.random, answers=self.answers
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

    def traces(self, *answers: Answer) -> Traces:
        """Return the traces of these requests; call it once the programs have ended."""
        return Traces(answers, self._receiver.spans(), self.folder)

    def unique_name(self, prefix: str) -> str:
        """Return a random name, such as "c-4711", never the same one twice."""
        while (name := f"{prefix}-{self.random.randint(1000, 9999)}") in self._names:
            pass
        self._names.add(name)
        return name

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """Return `count` of the choices, no two the same."""
        return self.random.sample(choices, count)

    def _start(self, kind: str, module: str, environment: Mapping[str, str]) -> Program:
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
        )
