"""The price of an order in minor units, with coupon and tax.

quote = price_order("team", 3, "EUR", coupon="WELCOME10", country="CH")
quote.total         # 7880: three seats at 27.00, less 10 %, plus 8.1 % tax
"""

from __future__ import annotations

from dataclasses import dataclass

from demo_services.money import share_of
from demo_services.problems import Refused
from demo_services.tracing import traced

# A seat for a month, in minor units.
PRICES = {
    "starter": {"CHF": 900, "EUR": 900, "JPY": 1_400, "USD": 990},
    "team": {"CHF": 2_700, "EUR": 2_700, "JPY": 4_200, "USD": 2_990},
    "business": {"CHF": 5_900, "EUR": 5_900, "JPY": 9_200, "USD": 6_490},
}
# Hundredths of a percent: a coupon's discount, a country's tax.
COUPONS = {"WELCOME10": 1_000, "HALFYEAR25": 2_500}
TAXES = {"CH": 810, "DE": 1_900, "JP": 1_000, "US": 0}
MOST_SEATS = 1_000


@dataclass(frozen=True)
class Line:
    """One line of an invoice."""

    description: str
    amount: int


@dataclass(frozen=True)
class Quote:
    """The price of an order; its lines add up to the total."""

    currency: str
    lines: tuple[Line, ...]
    net: int
    tax: int
    total: int


# By hand: pricing is our own code, which no library makes a span of.
@traced
def price_order(
    plan: str, quantity: int, currency: str, *, coupon: str | None, country: str
) -> Quote:
    """Return the price of an order.

    Raises:
        Refused: The plan, currency, coupon or number of seats is not on offer.
    """
    seat = _price_of_seat(plan, currency)
    if not 1 <= quantity <= MOST_SEATS:
        detail = f"{quantity} seats: order between 1 and {MOST_SEATS}."
        raise Refused(422, "Quantity out of range", detail)
    lines = [Line(f"{quantity} x {plan}, one month", quantity * seat)]
    if coupon is not None:
        lines.append(Line(f"Coupon {coupon}", -_discount(lines[0].amount, coupon)))
    net = sum(line.amount for line in lines)
    tax = share_of(net, TAXES[country])
    lines.append(Line(f"Tax {_percent(TAXES[country])} ({country})", tax))
    return Quote(currency, tuple(lines), net=net, tax=tax, total=net + tax)


def _price_of_seat(plan: str, currency: str) -> int:
    if plan not in PRICES:
        detail = f"There is no plan {plan!r}: choose one of {', '.join(PRICES)}."
        raise Refused(422, "Unknown plan", detail)
    if currency not in PRICES[plan]:
        choice = ", ".join(PRICES[plan])
        detail = f"There is no price in {currency!r}: choose one of {choice}."
        raise Refused(422, "Unknown currency", detail)
    return PRICES[plan][currency]


def _discount(amount: int, coupon: str) -> int:
    if coupon not in COUPONS:
        detail = f"There is no coupon {coupon!r}: leave the field out."
        raise Refused(422, "Unknown coupon", detail)
    return share_of(amount, COUPONS[coupon])


def _percent(basis_points: int) -> str:
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d} %"
