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
import json as json_
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.trace import Span
from workshop.checking.output import own_frames
from workshop.checking.traces import Answer, Traces
from workshop.checking.words import NotYet
from workshop.running.broker import Broker
from workshop.running.launcher import Launcher, Program
from workshop.running.receiver import Receiver
from workshop.settings import Places

ANSWERED_WITHIN = 10.0
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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

    @functools.cached_property
    def broker(self) -> Broker:
        """A queue server without messages, for this check."""
        return self._open_broker()

    @contextmanager
    def web(self, module: str, **environment: str) -> Iterator[Web]:
        """Run `app = Flask(...)` of a module until the end of the block."""
        program = self._start("web", module, environment)
        program.wait_ready()
        try:
            yield Web(program, self)
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
        """Return a name that nobody can have known beforehand, such as "c-4711"."""
        return f"{prefix}-{self.random.randint(1000, 9999)}"

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


class Web:
    """A learner's web service that runs, and how the check talks to it."""

    def __init__(self, program: Program, run: Run) -> None:
        self._program = program
        self._run = run
        self.url = f"http://127.0.0.1:{program.port}"

    def post(
        self,
        path: str,
        json: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        sent: Mapping[str, Any] | None = None,
        status: int = 201,
    ) -> Answer:
        """Send a JSON body; the answer has to have this status.

        Args:
            path: Such as "/orders".
            json: The body.
            headers: Beside those of JSON and of the trace.
            sent: What expectations compare with, beside the body and its `size`.
            status: What the program as it was shipped answers.

        Raises:
            NotYet: It answers something else, or nothing.
        """
        body = json_.dumps(json).encode()
        known = {"size": len(body), **(json if isinstance(json, dict) else {})}
        answer = self._send("POST", path, body, headers or {}, known | dict(sent or {}))
        self._run.answers.append(answer)
        if answer.status != status:
            raise NotYet(
                f"{answer.title} answered {answer.status}; it should be {status}, as "
                f"before. {own_frames(self._program.output(), self._run.folder)}",
                answer.trace_id,
            )
        return answer

    def wait_until_idle(self, path: str = "/health", within: float = 10.0) -> None:
        """Return once the program says at `path` that none of its tasks is open.

        Raises:
            NotYet: Some still are at the deadline.
        """
        deadline = time.monotonic() + within
        while self._open_tasks(path):
            if time.monotonic() > deadline:
                raise NotYet(
                    f"After {within:.0f} s a task is open still: does the worker live? "
                    f"{own_frames(self._program.output(), self._run.folder)}"
                )
            time.sleep(0.02)

    def output(self) -> str:
        """Return what the program has printed."""
        return self._program.output()

    def _open_tasks(self, path: str) -> int:
        request = urllib.request.Request(self.url + path)  # noqa: S310 - http only
        _, raw, _ = self._open(request, f"GET {path}")
        return int(json_.loads(raw)["open"])

    def _send(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        sent: Mapping[str, Any],
    ) -> Answer:
        bits = self._run.random.getrandbits  # with a fixed seed, the same ids each time
        trace_id, caller_id = f"{bits(128):032x}", f"{bits(64):016x}"
        context = {"traceparent": f"00-{trace_id}-{caller_id}-01"}
        request = urllib.request.Request(  # noqa: S310 - http only, the learner's
            self.url + path,
            data=body,
            headers={"Content-Type": "application/json", **context, **headers},
            method=method,
        )
        title = f"{method} {path}"
        status, raw, answered = self._open(request, title)
        try:
            content = json_.loads(raw)
        except ValueError:
            content = raw.decode(errors="replace")
        return Answer(title, status, content, sent, trace_id, caller_id, answered)

    def _open(
        self, request: urllib.request.Request, title: str
    ) -> tuple[int, bytes, dict[str, str]]:
        begun = time.monotonic()
        try:
            with _direct.open(request, timeout=ANSWERED_WITHIN) as response:
                return response.status, response.read(), dict(response.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read(), dict(error.headers)
        except OSError:
            waited = time.monotonic() - begun
            hangs = waited > ANSWERED_WITHIN * 0.9
            what = f"no answer within {ANSWERED_WITHIN:.0f} s" if hangs else "no answer"
            raise NotYet(
                f"{title} got {what}. "
                f"{own_frames(self._program.output(), self._run.folder)}"
            ) from None
