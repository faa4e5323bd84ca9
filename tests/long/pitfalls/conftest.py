"""Fixtures: which of the two is looked at, and the spans that it makes in memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.instrumentation.conftest import own_propagator, provider, receiver, spans

__all__ = ["own_propagator", "provider", "receiver", "spans"]  # fixtures

Expect = Callable[..., None]


@pytest.fixture(params=["stock", "kit"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def expect(kind: str) -> Expect:
    """Compare with what is wrong in the stock packages, or right in the helpers."""

    def compare(found: object, *, stock: object, kit: object) -> None:
        gone = "No longer so with the stock packages: say it in docs/pitfalls.md."
        assert found == (stock if kind == "stock" else kit), (
            gone if kind == "stock" else ""
        )

    return compare
