"""A learner's web service that runs, and the requests of a check to it.

    answer = shop.post("/orders", {"plan": "team"}, status=201)

Each request begins a trace of its own, so the check knows the trace's id.
"""

from __future__ import annotations

import json as json_
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.output import learner_frames
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.running.program import Program

ANSWER_TIMEOUT = 10.0
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class WebService:
    """A learner's web service that runs.

    Args:
        program: The service.
        folder: The learner's files; tracebacks show only their frames.
        random: Source of trace ids; a fixed seed gives the same ids each time.
        answers: Receives every answer.
    """

    def __init__(
        self, program: Program, *, folder: Path, random: Random, answers: list[Answer]
    ) -> None:
        self._program = program
        self._folder = folder
        self._random = random
        self._answers = answers
        self.url = f"http://127.0.0.1:{program.port}"

    def post(
        self,
        path: str,
        json: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        inputs: Mapping[str, Any] | None = None,
        status: int = 201,
    ) -> Answer:
        """Send a JSON body, and expect an answer with this status.

        Args:
            path: Such as "/orders".
            json: The body.
            headers: Sent beside those of JSON and of the trace.
            inputs: Values for `Answer.inputs`, beside the body's and its `size`.
            status: The status that the program answered before the learner's changes.

        Raises:
            CheckFailed: The program answers with another status, or not at all.
        """
        body = json_.dumps(json, ensure_ascii=False).encode()
        fields = json if isinstance(json, dict) else {}
        all_inputs = {"size": len(body), **fields, **(inputs or {})}
        answer = self._send("POST", path, body, headers or {}, all_inputs)
        self._answers.append(answer)
        if answer.status != status:
            raise CheckFailed(
                f"{answer.title} answered {answer.status}; expected {status}, as at "
                f"the start. {self._learner_frames()}",
                answer.trace_id,
            )
        return answer

    def wait_until_idle(self, path: str = "/health", within: float = 10.0) -> None:
        """Return once the program reports at `path` that no task is open.

        Raises:
            CheckFailed: A task is open at the deadline.
        """
        deadline = time.monotonic() + within
        while self._open_tasks(path):
            if time.monotonic() > deadline:
                raise CheckFailed(
                    f"A task is still open after {within:.0f} s: did the worker's "
                    f"thread end? {self._learner_frames()}"
                )
            time.sleep(0.02)

    def output(self) -> str:
        """Return the text that the program has printed."""
        return self._program.output()

    def _learner_frames(self) -> str:
        return learner_frames(self._program.output(), self._folder)

    def _open_tasks(self, path: str) -> int:
        request = urllib.request.Request(self.url + path)  # noqa: S310 - http only
        _, raw = self._open(request, f"GET {path}")
        return int(json_.loads(raw)["open"])

    def _send(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        inputs: Mapping[str, Any],
    ) -> Answer:
        bits = self._random.getrandbits
        trace_id, caller_id = f"{bits(128):032x}", f"{bits(64):016x}"
        context = {"traceparent": f"00-{trace_id}-{caller_id}-01"}
        request = urllib.request.Request(  # noqa: S310 - http only, the learner's
            self.url + path,
            data=body,
            headers={"Content-Type": "application/json", **context, **headers},
            method=method,
        )
        title = f"{method} {path}"
        status, raw = self._open(request, title)
        try:
            content = json_.loads(raw)
        except ValueError:
            content = raw.decode(errors="replace")
        return Answer(title, status, content, inputs, trace_id, caller_id)

    def _open(self, request: urllib.request.Request, title: str) -> tuple[int, bytes]:
        """Return status and body of an answer, whatever its status."""
        begun = time.monotonic()
        try:
            with _direct.open(request, timeout=ANSWER_TIMEOUT) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            is_slow = time.monotonic() - begun > ANSWER_TIMEOUT * 0.9
            limit = f" within {ANSWER_TIMEOUT:.0f} s" if is_slow else ""
            lines = self._program.present_lines() if is_slow else ""
            raise CheckFailed(
                f"{title} got no answer{limit}. {self._learner_frames()}{lines}"
            ) from None
