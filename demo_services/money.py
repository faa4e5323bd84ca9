"""Money: whole minor units (cents) and a currency, never a float.

share_of(999, 810)          # 8.1 % of 9.99 -> 81
format_money(1499, "EUR")   # "EUR 14.99"
"""

from __future__ import annotations

# The number of decimals of a currency.
DECIMALS = {"CHF": 2, "EUR": 2, "JPY": 0, "USD": 2}


def share_of(amount: int, basis_points: int) -> int:
    """Return a share of an amount, halves rounded up; a basis point is 0.01 %."""
    return (amount * basis_points + 5_000) // 10_000


def format_money(amount: int, currency: str) -> str:
    """Return an amount as people write it."""
    decimals = DECIMALS[currency]
    if decimals == 0:
        return f"{currency} {amount}"
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**decimals)
    return f"{currency} {sign}{whole}.{part:0{decimals}d}"
