"""What a program did, apart from its spans: its answers, and its calls of a partner.

Example:
    expect_in_answer(answer, total=4711)
    expect_calls(network, len(answers), "card network")
"""

from __future__ import annotations

from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.sentences import CheckFailed, value_text


def expect_in_answer(answer: Answer, **expected: object) -> None:
    """Expect these fields in the answer's JSON.

    Raises:
        CheckFailed: A field is missing, or has another value.
    """
    body = answer.body if isinstance(answer.body, dict) else {}
    for key, value in expected.items():
        if body.get(key) != value:
            raise CheckFailed(
                f"{answer.title} answered `{key}` = {value_text(body.get(key))}; "
                f"expected {value_text(value)}, as at the start. Tracing must not "
                f"change the result: does a decorator of yours return the function's "
                f"value, and does each step still run?",
                answer.trace_id,
            )


def expect_calls(partner: Partner, path: str, count: int, name: str) -> None:
    """Expect this many calls of a partner, counted by the partner itself.

    Raises:
        CheckFailed: There were more or fewer calls.
    """
    calls = sum(
        place == "path" and text.startswith(path) for place, text in partner.received
    )
    if calls != count:
        raise CheckFailed(
            f"The {name} got {calls} calls; expected {count}, as at the start. Tracing "
            f"must not repeat the work or leave it out."
        )


def expect_at_once(partner: Partner, name: str) -> None:
    """Expect that the partner was asked while it still answered another question.

    Raises:
        CheckFailed: It was asked in turn, whatever the spans say.
    """
    if partner.most_at_once < 2:
        raise CheckFailed(
            f"The {name} were asked in turn: no call arrived while another was open. "
            f"Expected calls at the same time, as at the start; a span must cover the "
            f"call that it stands for, and no time before it."
        )


def seats_price(seat: int, count: int) -> int:
    """Return the price of some seats, which the programs compute themselves."""
    return sum(seat if place < 10 else seat * 9 // 10 for place in range(count))
