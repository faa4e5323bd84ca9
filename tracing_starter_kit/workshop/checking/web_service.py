"""A learner's web service that runs, and how a check talks to it.

    answer = shop.post("/orders", {"plan": "team"}, status=201)

Each request begins a trace of its own, whose id the check knows.
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
from tracing_starter_kit.workshop.checking.output import own_frames
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.running.launcher import Program

ANSWERED_WITHIN = 10.0
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class WebService:
    """A learner's web service that runs, and how the check talks to it.

    Args:
        program: The service.
        folder: The learner's files: a traceback is shown from there on.
        random: Where trace ids come from; a fixed seed gives the same ids each time.
        answers: Every answer is added to it.
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
            CheckFailed: It answers something else, or nothing.
        """
        body = json_.dumps(json, ensure_ascii=False).encode()
        known = {"size": len(body), **(json if isinstance(json, dict) else {})}
        answer = self._send("POST", path, body, headers or {}, known | dict(sent or {}))
        self._answers.append(answer)
        if answer.status != status:
            raise CheckFailed(
                f"{answer.title} answered {answer.status}; it should be {status}, as "
                f"before. {own_frames(self._program.output(), self._folder)}",
                answer.trace_id,
            )
        return answer

    def wait_until_idle(self, path: str = "/health", within: float = 10.0) -> None:
        """Return once the program says at `path` that none of its tasks is open.

        Raises:
            CheckFailed: Some still are at the deadline.
        """
        deadline = time.monotonic() + within
        while self._open_tasks(path):
            if time.monotonic() > deadline:
                raise CheckFailed(
                    f"After {within:.0f} s a task is open still: does the worker live? "
                    f"{own_frames(self._program.output(), self._folder)}"
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
            raise CheckFailed(
                f"{title} got {what}. "
                f"{own_frames(self._program.output(), self._folder)}"
            ) from None
