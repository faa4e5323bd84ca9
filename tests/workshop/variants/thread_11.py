from __future__ import annotations

from tests.workshop.variant import put, right, wrong

IMPORT = "from context import ContextThreadPoolExecutor, carry\n"
POOL = "    with ContextThreadPoolExecutor() as pool:\n"
MAP = "        offers = list(pool.map(ask_carrier, CARRIERS))\n"
FILE = "    Thread(target=carry(file_offer), args=(parcel, cheapest)).start()\n"
PLAIN = "from concurrent.futures import ThreadPoolExecutor\nfrom threading"

VARIANTS = [
    right(
        11,
        "a copy of the whole context, by contextvars",
        shop=put(
            (IMPORT, ""),
            ("import os\n", "import contextvars\nimport os\n"),
            ("from threading", PLAIN),
            (POOL, "    with ThreadPoolExecutor() as pool:\n"),
            (
                MAP,
                "        offers = [f.result() for f in [\n"
                "            pool.submit(contextvars.copy_context().run, ask_carrier, c)\n"
                "            for c in CARRIERS]]\n",
            ),
            (
                FILE,
                "    Thread(target=contextvars.copy_context().run,\n"
                "        args=(file_offer, parcel, cheapest)).start()\n",
            ),
        ),
    ),
    right(
        11,
        "the plain API: attached in each thread",
        shop=put(
            (IMPORT, "from opentelemetry import context\n"),
            ("from threading", PLAIN),
            (POOL, "    with ThreadPoolExecutor() as pool:\n"),
            (
                MAP,
                "        here = context.get_current()\n"
                "        asked = [(here, c) for c in CARRIERS]\n"
                "        offers = list(pool.map(lambda one: within(\n"
                "            one[0], ask_carrier, one[1]), asked))\n",
            ),
            (
                FILE,
                "    Thread(target=within, args=(\n"
                "        context.get_current(), file_offer, parcel, cheapest)).start()\n",
            ),
            (
                "@traced\ndef ask_carrier",
                "def within(here, function, *arguments):\n"
                "    token = context.attach(here)\n"
                "    try:\n"
                "        return function(*arguments)\n"
                "    finally:\n"
                "        context.detach(token)\n\n\n"
                "@traced\ndef ask_carrier",
            ),
        ),
    ),
    right(
        11,
        "everything in one pool, which is not waited for",
        shop=put(
            (
                POOL + MAP,
                "    pool = ContextThreadPoolExecutor()\n"
                "    offers = list(pool.map(ask_carrier, CARRIERS))\n",
            ),
            (
                FILE,
                "    pool.submit(file_offer, parcel, cheapest)\n"
                "    pool.shutdown(wait=False)\n",
            ),
        ),
    ),
    wrong(
        11,
        "only the pool is mended",
        "A span for `file_offer` is there, but in a trace of its own",
        shop=put(("carry(file_offer)", "file_offer")),
    ),
    wrong(
        11,
        "one carrier after the other",
        "come one after the other",
        shop=put(
            (
                POOL + MAP,
                "    offers = [ask_carrier(carrier) for carrier in CARRIERS]\n",
            )
        ),
    ),
    wrong(
        11,
        "the answer waits for the filing",
        "`POST /quotes` waits for `file_offer`",
        shop=put((FILE, "    file_offer(parcel, cheapest)\n")),
    ),
    wrong(
        11,
        "one span around all of the asking",
        "There should be a span for `ask_carrier` 3 times in this trace, and there are 1",
        shop=put(
            ("from traced import traced", "from traced import span, traced"),
            ("@traced\ndef ask_carrier", "def ask_carrier"),
            (
                POOL,
                '    with span("ask_carrier"), ContextThreadPoolExecutor() as pool:\n',
            ),
        ),
    ),
    wrong(
        11,
        "the context of the first request, kept for all",
        "There should be a span for `ask_carrier` 3 times in this trace, and there are 6",
        shop=put(
            ("app = Flask", "kept = []\napp = Flask"),
            (POOL, "    kept.append(carry(ask_carrier))\n" + POOL),
            ("pool.map(ask_carrier", "pool.map(kept[0]"),
            ("ContextThreadPoolExecutor() as", "ThreadPoolExecutor() as"),
            ("from threading", PLAIN),
        ),
    ),
    wrong(
        11,
        "which carrier was asked is the same on all",
        "`app.carrier` of a span for `ask_carrier` should be",
        shop=put(('"app.carrier", carrier)', '"app.carrier", CARRIERS[0])')),
    ),
    wrong(
        11,
        "which carrier was asked stands on the request",
        "`app.carrier` of a span for `ask_carrier` should be",
        shop=put(
            (
                '    trace.get_current_span().set_attribute("app.carrier", carrier)\n',
                "",
            ),
            (
                MAP,
                MAP + '    trace.get_current_span().set_attribute("app.carrier", "")\n',
            ),
        ),
    ),
    wrong(
        11,
        "the request's span is used again in the thread, and nothing says which function",
        "is missing",
        shop=put(
            (
                "@traced\ndef ask_carrier(carrier):",
                "def ask_carrier(carrier):",
            )
        ),
    ),
]
