"""Right and wrong answers to exercise 11."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

IMPORT = "from context import ContextThreadPoolExecutor, carry\n"
POOL = "    with ContextThreadPoolExecutor() as pool:\n"
MAP = "        offers = list(pool.map(ask_carrier, CARRIERS))\n"
FILE = "    Thread(target=carry(file_offer), args=(parcel, cheapest)).start()\n"
PLAIN = "from concurrent.futures import ThreadPoolExecutor\nfrom threading"

VARIANTS = [
    wrong(
        11,
        "three spans begun at once, and carriers asked in turn",
        "The carriers were asked in turn",
        shop=put(
            ("CARRIERS_URL =", "turn = Lock()\nCARRIERS_URL ="),
            ("import Thread", "import Lock, Thread"),
            ("    answer = requests.get(", "    with turn: answer = requests.get("),
        ),
    ),
    wrong(
        11,
        "the dearest offer",
        "answered `carrier` = ",
        shop=put(("min(offers", "max(offers")),
    ),
    right(
        11,
        "a pool at module level",
        shop=put(
            (
                POOL + MAP,
                "    offers = list(pool.map(ask_carrier, CARRIERS))\n",
            ),
            (FILE, "    pool.submit(file_offer, parcel, cheapest)\n"),
            ("app = Flask", "pool = ContextThreadPoolExecutor()\napp = Flask"),
        ),
    ),
    right(
        11,
        "coroutines that ask in threads",
        shop=put(
            ("@traced\ndef ask_carrier", "@traced\nasync def ask_carrier"),
            (
                POOL + MAP,
                "    async def ask():\n"
                "        return await asyncio.gather(*map(ask_carrier, CARRIERS))\n\n"
                "    offers = asyncio.run(ask())\n",
            ),
            (
                'requests.get(f"{CARRIERS_URL}/offers/{carrier}", timeout=5)',
                "await asyncio.to_thread(\n"
                '        requests.get, f"{CARRIERS_URL}/offers/{carrier}", timeout=5)',
            ),
            ("import os\n", "import asyncio\nimport os\n"),
        ),
    ),
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
        "everything in one pool, without waiting for it",
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
    right(
        11,
        "a thread class that carries the context, and a span around the calls",
        shop=put(
            ("import traced", "import span, traced"),
            (
                POOL + MAP,
                '    with span("ask around"), ContextThreadPoolExecutor() as pool:\n'
                + MAP,
            ),
            (
                "CARRIERS_URL =",
                "class Carried(Thread):\n"
                "    def __init__(self, target, args):\n"
                "        super().__init__(target=carry(target), args=args)\n\n\n"
                "CARRIERS_URL =",
            ),
            ("Thread(target=carry(file_offer)", "Carried(target=file_offer"),
        ),
    ),
    right(
        11,
        "a class-based view, a timer, and joined threads instead of a pool",
        shop=put(
            ("from threading import Thread", "from threading import Thread, Timer"),
            (
                "from flask import",
                "from flask.views import MethodView\nfrom flask import",
            ),
            (
                '@app.post("/quotes")\ndef find_quote():\n',
                "class Quotes(MethodView):\n    def post(self):\n"
                "        return find_quote()\n\n\n"
                'app.add_url_rule("/quotes", view_func=Quotes.as_view("quotes"))\n\n\n'
                "def find_quote():\n",
            ),
            (
                POOL + MAP,
                "    offers = []\n"
                "    def ask(carrier):\n        offers.append(ask_carrier(carrier))\n"
                "    threads = [Thread(target=carry(ask), args=(c,)) for c in CARRIERS]\n"
                "    for thread in threads:\n        thread.start()\n"
                "    for thread in threads:\n        thread.join()\n",
            ),
            (
                FILE,
                "    Timer(0, carry(file_offer), args=(parcel, cheapest)).start()\n",
            ),
        ),
    ),
    wrong(
        11,
        "a pool with one thread",
        "run one after the other",
        shop=put(("ContextThreadPoolExecutor()", "ContextThreadPoolExecutor(1)")),
    ),
    wrong(
        11,
        "the filing is joined",
        "`POST /quotes` waits for `file_offer`",
        shop=put(
            (
                FILE,
                FILE.replace("    Thread", "    filing = Thread", 1).replace(
                    ".start()", ""
                )
                + "    filing.start()\n    filing.join()\n",
            )
        ),
    ),
    wrong(
        11,
        "the spans start in the request, and the threads work elsewhere",
        "the call to `/offers/` is missing",
        shop=put(
            ("@traced\ndef ask_carrier", "def ask_carrier"),
            ("from threading", PLAIN),
            (POOL, "    with ThreadPoolExecutor() as pool:\n"),
            (
                MAP,
                '        tracer = trace.get_tracer("shop")\n'
                "        spans = [tracer.start_span(\n"
                '            "ask_carrier", attributes={"shop.carrier": c}) for c in CARRIERS]\n'
                + MAP
                + "        for one in spans:\n            one.end()\n",
            ),
        ),
    ),
    wrong(
        11,
        "the first request's parcel on every filing",
        "Take the value from the request",
        shop=put(
            ("app = Flask", "parcels = []\napp = Flask"),
            ("    cheapest =", "    parcels.append(parcel)\n    cheapest ="),
            ("args=(parcel", "args=(parcels[0]"),
        ),
    ),
    wrong(
        11,
        "filed without the context, with a span of that name elsewhere",
        "The call to `/archive` is in a trace of its own",
        shop=put(
            ("carry(file_offer)", "file_offer"),
            (
                "    cheapest =",
                '    trace.get_tracer("x").start_span(\n'
                '        "file_offer", attributes={"shop.parcel.id": parcel}).end()\n'
                "    cheapest =",
            ),
        ),
    ),
    wrong(
        11,
        "every carrier is asked twice",
        "The span for `ask_carrier` is in this trace 6 times; expected 3 times",
        shop=put(
            ("pool.map(ask_carrier, CARRIERS)", "pool.map(ask_carrier, CARRIERS * 2)")
        ),
    ),
    wrong(
        11,
        "only the pool is repaired",
        "The span for `file_offer` is in a trace of its own",
        shop=put(("carry(file_offer)", "file_offer")),
    ),
    wrong(
        11,
        "one carrier after the other",
        "run one after the other",
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
        "one span around all calls",
        "The span for `ask_carrier` is in this trace once; expected 3 times",
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
        "the first request's context for all requests",
        "The span for `ask_carrier` is in this trace 6 times; expected 3 times",
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
        "the same carrier on all spans",
        "`shop.carrier` of the span for `ask_carrier` is ",
        shop=put(('"shop.carrier", carrier)', '"shop.carrier", CARRIERS[0])')),
    ),
    wrong(
        11,
        "the carrier is on the request",
        "`shop.carrier` of the span for `ask_carrier` is ",
        shop=put(
            (
                '    trace.get_current_span().set_attribute("shop.carrier", carrier)\n',
                "",
            ),
            (
                MAP,
                MAP
                + '    trace.get_current_span().set_attribute("shop.carrier", "")\n',
            ),
        ),
    ),
    wrong(
        11,
        "the threads reuse the request's span, without one for the function",
        "is missing",
        shop=put(
            (
                "@traced\ndef ask_carrier(carrier):",
                "def ask_carrier(carrier):",
            )
        ),
    ),
]
