"""Fixtures: spans in memory without a global provider, and a real OTLP receiver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry import propagate
from opentelemetry.sdk.trace import TracerProvider

from instrumentation import traced
from tests.instrumentation.receiver import Receiver
from tests.instrumentation.recorded import Recorded


@pytest.fixture
def provider() -> TracerProvider:
    """A provider of this test alone."""
    return TracerProvider(shutdown_on_exit=False)


@pytest.fixture
def spans(provider: TracerProvider, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """What ended in `provider`, which `@traced` and `span()` use as well."""
    monkeypatch.setattr(traced, "_tracer", provider.get_tracer("test"))
    recorded = Recorded()
    provider.add_span_processor(recorded)
    return recorded


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
