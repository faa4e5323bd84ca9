"""Prices add up exactly, in whole minor units."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_services.billing.pricing import COUPONS, PRICES, TAXES, price_order
from demo_services.money import DECIMALS, format_money, share_of

Order = dict[str, Any]
orders = st.fixed_dictionaries(
    {
        "plan": st.sampled_from(sorted(PRICES)),
        "quantity": st.integers(1, 1_000),
        "currency": st.sampled_from(sorted(DECIMALS)),
        "coupon": st.none() | st.sampled_from(sorted(COUPONS)),
        "country": st.sampled_from(sorted(TAXES)),
    }
)


@given(orders)
def test_the_lines_of_an_invoice_add_up_to_its_total(order: Order) -> None:
    quote = price_order(**order)

    assert sum(line.amount for line in quote.lines) == quote.total
    assert quote.net + quote.tax == quote.total


@given(orders)
def test_every_amount_is_a_whole_number(order: Order) -> None:
    quote = price_order(**order)

    amounts = [quote.net, quote.tax, quote.total, *(x.amount for x in quote.lines)]
    assert {type(amount) for amount in amounts} == {int}


@given(orders)
def test_a_coupon_never_makes_an_order_dearer_or_free(order: Order) -> None:
    quote = price_order(**order)

    assert 0 < quote.total <= price_order(**order | {"coupon": None}).total


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_share_is_rounded_to_the_nearest_unit(amount: int, basis_points: int) -> None:
    exact = Fraction(amount * basis_points, 10_000)

    assert abs(share_of(amount, basis_points) - exact) <= Fraction(1, 2)


def test_half_a_unit_is_rounded_up() -> None:
    assert [share_of(amount, 5_000) for amount in (1, 3, 5)] == [1, 2, 3]


def test_an_order_with_a_coupon_costs_its_price_in_the_list() -> None:
    quote = price_order("team", 3, "EUR", coupon="WELCOME10", country="CH")

    lines = [(line.description, line.amount) for line in quote.lines]
    assert lines == [
        ("3 x team, one month", 8_100),
        ("Coupon WELCOME10", -810),
        ("Tax 8.10 % (CH)", 590),
    ]


def test_every_plan_has_a_price_in_every_currency() -> None:
    assert {tuple(sorted(prices)) for prices in PRICES.values()} == {
        tuple(sorted(DECIMALS))
    }


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1_499, "EUR", "EUR 14.99"),
        (-5, "USD", "USD -0.05"),
        (1_400, "JPY", "JPY 1400"),
        (0, "CHF", "CHF 0.00"),
    ],
)
def test_money_is_written_as_people_write_it(
    amount: int, currency: str, text: str
) -> None:
    assert format_money(amount, currency) == text
