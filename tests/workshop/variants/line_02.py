"""Right and wrong answers to exercise 2."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

FORMATTER = "handler.setFormatter(JsonFormatter())"
LINE = 'log.warning("Task timed out after %.2f seconds", took, extra=fields)'
ENQUEUED = 'round((time.monotonic() - task["enqueued"]) * 1000)'

VARIANTS = [
    wrong(
        2,
        "a dictionary of Python instead of JSON",
        "but not as a field that a program can read; expected the whole line as one JSON",
        tasks=put((LINE, 'print("timed out", fields, flush=True)')),
    ),
    wrong(
        2,
        "JSON behind a time",
        "but not as a field that a program can read",
        tasks=put(
            (
                LINE,
                'print(time.ctime(), "timed out", json.dumps(fields), flush=True)',
            ),
            ("import logging\n", "import json\nimport logging\n"),
        ),
    ),
    wrong(
        2,
        "fields for a formatter of plain text",
        "A formatter of plain text leaves out the fields of `extra`.",
        tasks=put(
            (FORMATTER, 'handler.setFormatter(logging.Formatter("%(message)s"))')
        ),
    ),
    wrong(
        2,
        "the work is left out",
        "Does the program still call `fetch`",
        tasks=put(("    time.sleep(min(task", "    (min(task")),
    ),
    right(
        2,
        "key=value behind the text",
        tasks=put(
            (FORMATTER, 'handler.setFormatter(logging.Formatter("%(message)s"))'),
            (
                LINE,
                'log.warning("Task timed out " + " ".join(f"{key}={value}" '
                "for key, value in fields.items()))",
            ),
        ),
    ),
    right(
        2,
        "printed as JSON, another text, an additional field",
        tasks=put(
            (
                LINE,
                'print(json.dumps({"event": "late", "limit": TIMEOUT, **fields}), '
                "flush=True)",
            ),
            ("import logging\n", "import json\nimport logging\n"),
        ),
    ),
    wrong(
        2,
        "no id",
        "has no `task_id`: it does not say which task timed out",
        tasks=put(('        "task_id": task["id"],\n', "")),
    ),
    wrong(
        2,
        "the id of the example",
        "no line has its `task_id`: the lines have 72, 72",
        tasks=put(('"task_id": task["id"]', '"task_id": 72')),
    ),
    wrong(
        2,
        "the id is only in the text",
        "has no `task_id`: it does not say which task timed out",
        tasks=put((LINE, 'log.warning("Task %s timed out", task["id"])')),
    ),
    wrong(
        2,
        "no target",
        "has no `target`. It has",
        tasks=put(('        "target": task["target"],\n', "")),
    ),
    wrong(
        2,
        "the type is a constant",
        "`type` is '",
        tasks=put(('"type": task["type"]', '"type": "task"')),
    ),
    wrong(
        2,
        "seconds",
        "which is in seconds; expected milliseconds",
        tasks=put(("round(took * 1000)", "round(took, 3)")),
    ),
    wrong(
        2,
        "the wait is the whole time",
        "expected between",
        tasks=put(('(begun - task["enqueued"])', "(begun - begun)")),
    ),
    right(
        2,
        "printed as JSON, without a flush",
        tasks=put(
            (LINE, 'print(json.dumps({"text": "Task timed out", **fields}))'),
            ("import logging\n", "import json\nimport logging\n"),
        ),
    ),
    right(
        2,
        "wall-clock times with a fraction, and `time` first",
        tasks=put(
            ("time.monotonic()", "time.time()"),
            ("round(took * 1000)", "took * 1e3"),
            ('"target": task', '"time": time.ctime(), "target": task'),
        ),
    ),
    wrong(
        2,
        "the time-out includes the wait",
        "some of the time is counted in both",
        tasks=put(("round(took * 1000)", ENQUEUED)),
    ),
    wrong(
        2,
        "both times are constants",
        "is 1000; expected between",
        tasks=put(
            ("round(took * 1000)", "1000"),
            ('round((begun - task["enqueued"]) * 1000)', "1000"),
        ),
    ),
    wrong(
        2,
        "a constant wait that fits one of the tasks",
        "some of the time is counted in both",
        tasks=put(('round((begun - task["enqueued"]) * 1000)', "400")),
    ),
    wrong(
        2,
        "the two times are exchanged",
        "expected between",
        tasks=put(
            ('"queue_dur_ms"', '"timeout_dur"'),
            ('"timeout_dur_ms"', '"queue_dur_ms"'),
            ('"timeout_dur"', '"timeout_dur_ms"'),
        ),
    ),
    wrong(
        2,
        "a number as text",
        "which is not a number",
        tasks=put(("round(took * 1000)", 'f"{took * 1000:.0f} ms"')),
    ),
    wrong(
        2,
        "the line is missing",
        "2 tasks timed out, but 0 lines say so",
        tasks=put((LINE, "pass")),
    ),
]
