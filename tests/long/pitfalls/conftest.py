"""Fixtures: the kind of tracing, "stock" or "kit", and its spans in memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.instrumentation.conftest import own_propagator, provider, receiver, spans

__all__ = ["own_propagator", "provider", "receiver", "spans"]  # fixtures

Expect = Callable[..., None]


@pytest.fixture(params=["stock", "kit"])
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def expect(kind: str) -> Expect:
    """Compare with the wrong result of stock packages, or the helpers' right one."""

    def compare(actual: object, *, stock: object, kit: object) -> None:
        if kind == "kit":
            assert actual == kit
        else:
            assert actual == stock, (
                "The stock packages no longer do this: change docs/pitfalls.md."
            )

    return compare
