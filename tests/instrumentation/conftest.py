"""Fixtures: the shipped `spans`, its provider, and a real OTLP receiver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider

from instrumentation.testing import Spans, pytest_runtest_makereport, spans
from tests.instrumentation.receiver import Receiver

__all__ = ["pytest_runtest_makereport", "spans"]


@pytest.fixture
def provider(spans: Spans) -> TracerProvider:
    """Return the SDK's provider that is the global one for this test."""
    provider = vars(trace.get_tracer_provider())["sdk"]
    assert isinstance(provider, TracerProvider)
    return provider


@pytest.fixture
def own_propagator() -> Iterator[None]:
    """Put the process's propagator back after a test that creates BusinessFields."""
    before = propagate.get_global_textmap()
    yield
    propagate.set_global_textmap(before)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running
