"""Right and wrong answers to exercise 10."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

EXPECTED = "expected(CardDeclined)\n"
REASON = '        trace.get_current_span().set_attribute("shop.charge.decline_reason", reason)\n'
NETWORK = "    except CardNetworkError:\n"
RAISE = '        raise CardNetworkError(f"the card network answered {answer.status_code}")\n'
HANDLER_WITH_NAME = "    except CardNetworkError as error:\n        {}\n"
FAILED = '"the card network failed"'
DECLINED = "        raise CardDeclined(reason)\n    return True\n"
BY_HAND = """    try:
        with trace.get_tracer("shop").start_as_current_span(
            "charge_card", record_exception=False, set_status_on_exception=False
        ):
            charge_card("""
RECORD_BY_HAND = """        error = CardNetworkError(
            f"the card network answered {answer.status_code}"
        )
        here = trace.get_current_span()
        here.record_exception(error)
        here.set_attribute("error.type", "CardNetworkError")
        here.set_status(trace.StatusCode.ERROR, str(error))
        raise error
"""
EXCEPT_CLAUSE = NETWORK + '        return {"title": "Card network failed"}, 502\n'
HANDLER = """@app.errorhandler(CardNetworkError)
def broken(error):
    return {"title": "Card network failed"}, 502


"""

VARIANTS = [
    wrong(
        10,
        "the failed request is marked as successful",
        "`POST /orders` is not marked as failed",
        shop=put(
            (
                NETWORK,
                NETWORK + "        trace.get_current_span().set_status("
                "trace.StatusCode.OK)\n",
            )
        ),
    ),
    wrong(
        10,
        "the card is charged twice",
        "The card network got 10 calls; expected 5",
        shop=put(
            (
                "    if answer.status_code != 200:",
                "    requests.post(\n"
                '        CARD_NETWORK_URL, json={"card": card, "total": total}, timeout=5\n'
                "    )\n    if answer.status_code != 200:",
            )
        ),
    ),
    right(
        10,
        "a coroutine",
        shop=put(
            ("@traced\ndef charge_card", "@traced\nasync def charge_card"),
            ("        charge_card(", "        asyncio.run(charge_card("),
            ('form["total"])\n', 'form["total"]))\n'),
            ("import os\n", "import asyncio\nimport os\n"),
        ),
    ),
    right(
        10,
        "a second record_error, which ignores recorded exceptions",
        shop=put(
            ("import expected", "import expected, record_error"),
            (NETWORK, HANDLER_WITH_NAME.format("record_error(error)")),
        ),
    ),
    right(
        10,
        "a with block, and a declined card as a value",
        shop=put(
            ("import traced", "import span"),
            (
                "@traced\ndef charge_card(card, total):",
                "def charge_card(card, total):\n"
                '    with span("charge_card"):\n'
                "        outcome = ask(card, total)\n"
                "    if outcome:\n        raise CardDeclined(outcome)\n\n\n"
                "def ask(card, total):",
            ),
            ("        raise CardDeclined(reason)\n", "        return reason\n"),
            (EXPECTED, ""),
            ("from errors import expected\n", ""),
        ),
    ),
    right(
        10,
        "recorded on an inner span, where it happened",
        shop=put(
            ("import traced", "import span, traced"),
            (
                "    if answer.status_code != 200:\n" + RAISE,
                "    if answer.status_code != 200:\n"
                '        with span("read the answer"):\n    ' + RAISE,
            ),
        ),
    ),
    right(
        10,
        "an error handler of Flask",
        shop=put(
            (EXCEPT_CLAUSE, ""),
            ('@app.post("/orders")', HANDLER + '@app.post("/orders")'),
        ),
    ),
    right(
        10,
        "the plain API",
        shop=put(
            ("@traced\ndef charge_card", "def charge_card"),
            ("from traced import traced\n", ""),
            ("    try:\n        charge_card(", BY_HAND),
            (RAISE, RECORD_BY_HAND),
        ),
    ),
    wrong(
        10,
        "recorded by the plain API, and again where Flask handles it",
        "CardNetworkError is recorded twice, on `charge_card` and `POST /orders`",
        shop=put(
            ("@traced\ndef charge_card", "def charge_card"),
            ("from traced import traced\n", ""),
            ("    try:\n        charge_card(", BY_HAND),
            (RAISE, RECORD_BY_HAND),
            (EXCEPT_CLAUSE, ""),
            ('@app.post("/orders")', HANDLER + '@app.post("/orders")'),
        ),
    ),
    wrong(
        10,
        "also recorded by hand on its own span",
        "CardNetworkError is recorded twice, on `charge_card`",
        shop=put(
            (
                RAISE,
                "        error = CardNetworkError("
                'f"the card network answered {answer.status_code}")\n'
                "        trace.get_current_span().record_exception(error)\n"
                "        raise error\n",
            )
        ),
    ),
    wrong(
        10,
        "the cause is recorded on an inner span, and the exception made of it, too",
        "One failure, HTTPError and CardNetworkError, is recorded twice, on `ask` and",
        shop=put(
            ("import traced", "import span, traced"),
            (
                RAISE,
                "        try:\n"
                '            with span("ask"):\n'
                "                answer.raise_for_status()\n"
                "        except requests.HTTPError as error:\n"
                "            raise CardNetworkError(str(error)) from error\n",
            ),
        ),
    ),
    wrong(
        10,
        "only the cause is recorded",
        "HTTPError is recorded on `charge_card`; expected CardNetworkError",
        shop=put(
            ("@traced\ndef charge_card", "def charge_card"),
            ("from traced import traced\n", ""),
            ("    try:\n        charge_card(", BY_HAND),
            (
                RAISE,
                RECORD_BY_HAND.replace(
                    "record_exception(error)",
                    "record_exception(requests.HTTPError(str(error)))",
                ),
            ),
        ),
    ),
    wrong(
        10,
        "no exception, but a span marked by hand",
        "CardNetworkError is not recorded in this trace",
        shop=put(
            (
                RAISE,
                "        here = trace.get_current_span()\n"
                '        here.set_attribute("error.type", "CardNetworkError")\n'
                "        here.set_status(\n"
                "            trace.StatusCode.ERROR, str(answer.status_code))\n"
                "        return False\n",
            ),
            ("        raise CardDeclined(reason)\n", DECLINED),
            ("        charge_card(form", "        if charge_card(form"),
            (
                '["total"])\n',
                '["total"]) is False:\n            raise CardNetworkError\n',
            ),
        ),
    ),
    wrong(
        10,
        "the status is a constant text",
        "`charge_card` does not say why it failed: its status message is 'the card network failed'",
        shop=put(('f"the card network answered {answer.status_code}"', FAILED)),
    ),
    wrong(
        10,
        "the reason is in the message, but in no field",
        "`charge_card` has no `shop.charge.decline_reason`",
        shop=put((REASON, "")),
    ),
    wrong(
        10,
        "the request is marked as failed when a card is declined",
        "`POST /orders` is marked as failed, but nothing failed",
        shop=put(
            (
                '        return {"title": "Card declined"',
                "        trace.get_current_span().set_status(trace.StatusCode.ERROR)\n"
                '        return {"title": "Card declined"',
            )
        ),
    ),
    wrong(
        10,
        "the failure is answered as a declined card",
        "POST /orders answered 402; expected 502, as at the start",
        shop=put(
            (
                "class CardNetworkError(Exception)",
                "class CardNetworkError(CardDeclined)",
            )
        ),
    ),
    wrong(
        10,
        "every reason is recorded as an exception event",
        "`charge_card` is marked as failed, but nothing failed",
        shop=put(
            (
                "        raise CardDeclined(reason)\n",
                "        error = CardDeclined(reason)\n"
                "        trace.get_current_span().record_exception(error)\n"
                "        raise error\n",
            )
        ),
    ),
    wrong(
        10,
        "also recorded where it is caught",
        "CardNetworkError is recorded twice, on `charge_card` and `POST /orders`",
        shop=put(
            (
                NETWORK,
                HANDLER_WITH_NAME.format(
                    "trace.get_current_span().record_exception(error)"
                ),
            )
        ),
    ),
    wrong(
        10,
        "a declined card is red",
        "`charge_card` is marked as failed",
        shop=put((EXPECTED, "")),
    ),
    wrong(
        10,
        "the failure is declared as expected",
        "`charge_card` is not marked as failed, although it failed",
        shop=put(("@traced\n", "expected(CardNetworkError)\n\n\n@traced\n")),
    ),
    wrong(
        10,
        "every exception is declared as expected",
        "expected(Exception) would hide every Exception",
        shop=put((EXPECTED, "expected(Exception)\n")),
    ),
    wrong(
        10,
        "marked here, but recorded elsewhere",
        "CardNetworkError is recorded on `POST /orders`; expected on the span for `charge_card`",
        shop=put(
            (
                RAISE,
                "        error = CardNetworkError(str(answer.status_code))\n"
                "        error.__otel_recorded__ = trace.get_current_span().get_span_context().trace_id\n        raise error\n",
            ),
            (
                NETWORK,
                HANDLER_WITH_NAME.format(
                    "trace.get_current_span().record_exception(error)"
                ),
            ),
        ),
    ),
    wrong(
        10,
        "no message",
        "`charge_card` does not say why it failed: its status message is ''",
        shop=put((RAISE, "        raise CardNetworkError\n")),
    ),
    wrong(
        10,
        "the reason is written into the code",
        "Take the value from the request",
        shop=put(('_reason", reason)', '_reason", "expired_card")')),
    ),
    wrong(
        10,
        "the reason is on the request",
        "`shop.charge.decline_reason` is on `POST /orders`, but missing on "
        "`charge_card`",
        shop=put(
            (REASON, ""),
            (
                '        return {"title": "Card declined"',
                "        trace.get_current_span().set_attribute("
                '"shop.charge.decline_reason", str(error))\n'
                '        return {"title": "Card declined"',
            ),
        ),
    ),
    wrong(
        10,
        "a declined card is answered as a success",
        "POST /orders answered 201; expected 402, as at the start",
        shop=put(("        raise CardDeclined(reason)\n", "        return\n")),
    ),
]
