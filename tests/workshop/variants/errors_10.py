from __future__ import annotations

from tests.workshop.variant import put, right, wrong

EXPECTED = "expected(CardDeclined)\n"
REASON = '        trace.get_current_span().set_attribute("app.charge.decline_reason", reason)\n'
NETWORK = "    except CardNetworkError:\n"
RAISE = '        raise CardNetworkError(f"the card network answered {answer.status_code}")\n'
NOTED = "    except CardNetworkError as error:\n        {}\n"

VARIANTS = [
    right(
        10,
        "record_error again, which knows what it recorded",
        shop=put(
            ("import expected", "import expected, record_error"),
            (NETWORK, NOTED.format("record_error(error)")),
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
    wrong(
        10,
        "recorded where it is caught, too",
        "CardNetworkError is recorded 2 times, on `charge_card` and `POST /orders`",
        shop=put(
            (NETWORK, NOTED.format("trace.get_current_span().record_exception(error)"))
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
        "the failure is expected as well",
        "`charge_card` is not marked as failed, though it did fail",
        shop=put(("@traced\n", "expected(CardNetworkError)\n\n\n@traced\n")),
    ),
    wrong(
        10,
        "every exception is expected",
        "expected(Exception) would hide every Exception",
        shop=put((EXPECTED, "expected(Exception)\n")),
    ),
    wrong(
        10,
        "marked, and recorded elsewhere",
        "CardNetworkError is recorded on `POST /orders`; it happened in `charge_card`",
        shop=put(
            (
                RAISE,
                "        error = CardNetworkError(str(answer.status_code))\n"
                "        error.__otel_recorded__ = trace.get_current_span().get_span_context().trace_id\n        raise error\n",
            ),
            (NETWORK, NOTED.format("trace.get_current_span().record_exception(error)")),
        ),
    ),
    wrong(
        10,
        "no message",
        "`charge_card` does not say why: its status is ''",
        shop=put((RAISE, "        raise CardNetworkError\n")),
    ),
    wrong(
        10,
        "the reason is written into the code",
        "It is the same whatever is sent",
        shop=put(('_reason", reason)', '_reason", "expired_card")')),
    ),
    wrong(
        10,
        "the reason is on the request",
        "`app.charge.decline_reason` is on `POST /orders`, and should be on "
        "`charge_card` too",
        shop=put(
            (REASON, ""),
            (
                '        return {"title": "Card declined"',
                "        trace.get_current_span().set_attribute("
                '"app.charge.decline_reason", str(error))\n'
                '        return {"title": "Card declined"',
            ),
        ),
    ),
    wrong(
        10,
        "a declined card is answered as a success",
        "POST /orders answered 201; it should be 402, as before",
        shop=put(("        raise CardDeclined(reason)\n", "        return\n")),
    ),
]
