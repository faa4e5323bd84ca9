"""Right and wrong answers to exercise 3."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

LINE = 'log.info("Task", extra=event)'
WORK = "round((time.monotonic() - begun) * 1000)"
WAIT = 'round((begun - task["enqueued"]) * 1000)'

VARIANTS = [
    wrong(
        3,
        "a dictionary of Python instead of JSON",
        "but not as a field that a program can read",
        tasks=put(
            ("import logging\n", "import logging\nimport sys as system\n"),
            (
                "handler.setFormatter(JsonFormatter())",
                "class Repr(JsonFormatter):\n    def format(self, record):\n"
                "        return str(vars(record))\n\n\nhandler.setFormatter(Repr())",
            ),
        ),
    ),
    wrong(
        3,
        "the work is left out",
        "Does the program still call `fetch`",
        tasks=put(("    time.sleep(min(task", "    (min(task")),
    ),
    right(
        3,
        "printed as JSON, without a flush",
        tasks=put(
            (LINE, "print(json.dumps(event))"),
            ("import logging\n", "import json\nimport logging\n"),
        ),
    ),
    right(
        3,
        "key=value behind the text",
        tasks=put(
            (
                "setFormatter(JsonFormatter())",
                'setFormatter(logging.Formatter("%(message)s"))',
            ),
            (
                LINE,
                'log.info("Task " + " ".join(f\'{k}="{v}"\' if isinstance(v, str) else f"{k}={v}" for k, v in event.items()))',
            ),
        ),
    ),
    right(
        3,
        "printed as JSON, fractions of milliseconds, an additional field",
        tasks=put(
            (
                LINE,
                'print(json.dumps({"limit": TIMEOUT, **event}) + "\\n", end="", flush=True)',
            ),
            (WORK, "(time.monotonic() - begun) * 1000"),
            ("import logging\n", "import json\nimport logging\n"),
        ),
    ),
    wrong(
        3,
        "the first line remains",
        "has 2 lines, and each has only some of the fields",
        tasks=put(
            (
                "    waiting.put(task)\n",
                '    waiting.put(task)\n    log.info("Enqueued", extra={"task_id": task["id"]})\n',
            )
        ),
    ),
    wrong(
        3,
        "a line of the late tasks remains, without fields",
        "which do not say which task they belong to",
        tasks=put(
            (
                '        event["outcome"] = "timed out"\n',
                '        event["outcome"] = "timed out"\n'
                '        log.warning("Gave up after %.4f s", time.monotonic() - begun)\n',
            )
        ),
    ),
    right(
        3,
        "an additional line about no task",
        tasks=put(
            (
                "threading.Thread(target=work",
                'log.info("Ready")\nthreading.Thread(target=work',
            )
        ),
    ),
    wrong(
        3,
        "only time-outs have a line",
        "ran, but no line has its `task_id`",
        tasks=put((LINE, f'if event["outcome"] == "timed out":\n            {LINE}')),
    ),
    wrong(
        3,
        "the work includes the wait",
        "some of the time is counted in both",
        tasks=put((WORK, 'round((time.monotonic() - task["enqueued"]) * 1000)')),
    ),
    wrong(
        3,
        "the wait is a constant",
        "is 5; expected between",
        tasks=put((WAIT, "5")),
    ),
    wrong(
        3,
        "a constant wait that fits the late tasks",
        "some of the time is counted in both",
        tasks=put((WAIT, "410")),
    ),
    wrong(
        3,
        "the work is always the time-out",
        "expected between",
        tasks=put((WORK, "round(TIMEOUT * 1000)")),
    ),
    wrong(
        3,
        "the wait is the whole time",
        "some of the time is counted in both",
        tasks=put(
            (
                '        log.info("Task"',
                '        event["queue_dur_ms"] = round(\n'
                '            (time.monotonic() - task["enqueued"]) * 1000)\n'
                '        log.info("Task"',
            )
        ),
    ),
    wrong(
        3,
        "every outcome is processed",
        "expected 'timed out'",
        tasks=put(('"timed out"', '"processed"')),
    ),
    wrong(
        3,
        "no queue_dur_ms",
        "has no `queue_dur_ms`",
        tasks=put(('"queue_dur_ms"', '"waited"')),
    ),
    wrong(
        3,
        "seconds",
        "which is in seconds; expected milliseconds",
        tasks=put((WORK, "round(time.monotonic() - begun, 3)")),
    ),
]
