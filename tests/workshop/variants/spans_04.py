"""Right and wrong answers to exercise 4."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

IMPORT = "from context import from_headers, inject_headers\n"
INJECT = '    task["headers"] = inject_headers()\n'
EXTRACT = '            with from_headers(task["headers"]):\n                run(task)\n'
FIELDS = '{"shop.task.id": task["id"], "shop.task.type": task["type"]}'
RUN = '@traced\ndef run(task):\n    """Work on one task; raise TimeoutError if it takes too long."""\n'

VARIANTS = [
    wrong(
        4,
        "the queue is removed",
        "`POST /tasks` waits for `run`",
        tasks=put(
            (
                "    waiting.put(task)\n",
                "    try:\n        run(task)\n    except TimeoutError:\n        pass\n"
                '    open_tasks.discard(task["id"])\n',
            ),
        ),
    ),
    wrong(
        4,
        "a constant message",
        "does not say why it failed",
        tasks=put(
            ('f"timed out after {TIMEOUT} seconds"', '"timed out after a while"')
        ),
    ),
    right(
        4,
        "a span of the plain API under another name",
        tasks=put(
            ("@traced\ndef run", "def run"),
            (
                "                run(task)\n",
                '                with trace.get_tracer("t").start_as_current_span(\n'
                '                    "work on it", kind=trace.SpanKind.CONSUMER):\n'
                "                    run(task)\n",
            ),
            (
                "    entries = fetch(task)\n",
                "    try:\n        entries = fetch(task)\n"
                "    except TimeoutError:\n"
                '        here.set_attribute("error.type", "TimeoutError")\n'
                "        raise\n",
            ),
        ),
    ),
    right(
        4,
        "a coroutine",
        tasks=put(
            ("@traced\ndef run", "@traced\nasync def run"),
            ("                run(task)\n", "                asyncio.run(run(task))\n"),
            ("import logging\n", "import asyncio\nimport logging\n"),
        ),
    ),
    right(
        4,
        "the work in a module of its own",
        tasks=put(
            ("    entries = fetch(task)\n", "    entries = fetch(task, TIMEOUT)\n"),
            ("from context", "from fetching import fetch\nfrom context"),
            ("def fetch(task):", "def unused(task):"),
        ),
        fetching=lambda _: (
            """import time


def fetch(task, limit):
    time.sleep(min(task["takes"], limit))
    if task["takes"] > limit:
        raise TimeoutError(f"timed out after {limit} seconds")
    return task["entries"]
"""
        ),
    ),
    right(
        4,
        "the plain API: the context itself in the task",
        tasks=put(
            (IMPORT, "from opentelemetry import context\n"),
            (INJECT, '    task["context"] = context.get_current()\n'),
            (
                EXTRACT,
                '            token = context.attach(task["context"])\n'
                "            try:\n"
                "                run(task)\n"
                "            finally:\n"
                "                context.detach(token)\n",
            ),
        ),
    ),
    right(
        4,
        "the function travels through the queue",
        tasks=put(
            (IMPORT, "from context import carry\n"),
            (INJECT, ""),
            ("waiting.put(task)", "waiting.put((task, carry(run)))"),
            ("        task = waiting.get()\n", "        task, go_on = waiting.get()\n"),
            (EXTRACT, "            go_on(task)\n"),
        ),
    ),
    right(
        4,
        "an ExitStack, a CONSUMER span of another name, and a child of it",
        tasks=put(
            (IMPORT, f"import contextlib\n{IMPORT}"),
            ("@traced\ndef run", "def run"),
            ("def fetch", "@traced\ndef fetch"),
            (
                "    entries = fetch(task)\n",
                "    try:\n        entries = fetch(task)\n"
                "    except TimeoutError:\n"
                '        here.set_attribute("error.type", "TimeoutError")\n'
                "        raise\n",
            ),
            (
                EXTRACT,
                "            with contextlib.ExitStack() as stack:\n"
                '                stack.enter_context(from_headers(task["headers"]))\n'
                "                stack.enter_context(\n"
                '                    trace.get_tracer("t").start_as_current_span(\n'
                '                        "run task", kind=trace.SpanKind.CONSUMER))\n'
                "                run(task)\n",
            ),
        ),
    ),
    right(
        4,
        "a worker class, and a decorated inner function",
        tasks=put(
            (
                RUN,
                "class Worker:\n    @traced\n    def run(self, task):\n"
                "        work_on(task)\n\n\ndef work_on(task):\n",
            ),
            ("                run(task)\n", "                Worker().run(task)\n"),
        ),
    ),
    wrong(
        4,
        "the span is not ended",
        "is missing",
        tasks=put(
            ("@traced\ndef run", "def run"),
            ("def fetch", "@traced\ndef fetch"),
            (
                "                run(task)\n",
                '                task["span"] = trace.get_tracer("t")'
                '.start_as_current_span("run")\n'
                '                task["span"].__enter__()\n'
                "                run(task)\n",
            ),
        ),
    ),
    wrong(
        4,
        "a span before the work",
        "but its work takes",
        tasks=put(
            ("@traced\ndef run", "def run"),
            (
                "                run(task)\n",
                '                trace.get_tracer("t").start_span("run").end()\n'
                "                run(task)\n",
            ),
        ),
    ),
    wrong(
        4,
        "the fields are on an inner span",
        "`shop.task.id` is on",
        tasks=put(
            ("from traced import traced", "from traced import span, traced"),
            (
                f"    here.set_attributes({FIELDS})\n",
                f'    with span("note", {FIELDS}):\n        pass\n',
            ),
        ),
    ),
    wrong(
        4,
        "all tasks in the trace of the first request",
        "One request's trace has the span for `run` 4 times",
        tasks=put(
            ("open_tasks = set()\n", "open_tasks = set()\nfirst = []\n"),
            (
                INJECT,
                '    first.append(inject_headers())\n    task["headers"] = first[0]\n',
            ),
        ),
    ),
    wrong(
        4,
        "the type is a constant",
        "Take the value from the request",
        tasks=put(('task["type"]', '"feed"')),
    ),
    wrong(
        4,
        "a time-out is marked by hand, without class and message",
        "`run` has no `error.type`; expected the class, TimeoutError",
        tasks=put(
            (
                "    entries = fetch(task)\n",
                "    try:\n        entries = fetch(task)\n"
                "    except TimeoutError:\n"
                "        here.set_status(trace.StatusCode.ERROR)\n        return\n",
            )
        ),
    ),
    wrong(
        4,
        "no span",
        "the span for `run` is missing",
        tasks=put(("@traced\ndef run", "def run")),
    ),
    wrong(
        4,
        "the headers are not read",
        "The span for `run` is in a trace of its own",
        tasks=put((EXTRACT, "            run(task)\n")),
    ),
    wrong(
        4,
        "a span around the queueing",
        "the span does not enclose the work",
        tasks=put(
            ("from traced import traced", "from traced import span"),
            ("@traced\ndef run", "def run"),
            (
                "    waiting.put(task)\n",
                '    with span("run"):\n        waiting.put(task)\n',
            ),
        ),
    ),
    wrong(
        4,
        "the span includes the wait",
        "the span counts waiting as work",
        tasks=put(
            (
                INJECT,
                INJECT
                + '    task["span"] = trace.get_tracer("tasks").start_span("run")\n',
            ),
            ("@traced\ndef run", "def run"),
            (
                EXTRACT,
                '            with trace.use_span(task["span"], end_on_exit=True):\n'
                "                run(task)\n",
            ),
        ),
    ),
    wrong(
        4,
        "the fields are only on the request",
        "`shop.task.id` is on `POST /tasks`, but missing on `run`",
        tasks=put((f"    here.set_attributes({FIELDS})\n", "")),
    ),
    wrong(
        4,
        "the id is text",
        "so that it can be compared and added up",
        tasks=put((FIELDS, FIELDS.replace('task["id"]', 'str(task["id"])'))),
    ),
    wrong(
        4,
        "the entries are a constant",
        "Take the value from the request",
        tasks=put(('"shop.task.entries", entries', '"shop.task.entries", 42')),
    ),
    wrong(
        4,
        "the error is caught inside the span",
        "`run` is not marked as failed, although it failed",
        tasks=put(
            (
                "    entries = fetch(task)\n",
                "    try:\n        entries = fetch(task)\n"
                "    except TimeoutError:\n        return\n",
            )
        ),
    ),
    wrong(
        4,
        "two spans for each task",
        "The span for `run` is in this trace twice; expected once",
        tasks=put(
            (
                "                run(task)\n",
                '                trace.get_tracer("tasks").start_span("run").end()\n'
                "                run(task)\n",
            )
        ),
    ),
]
