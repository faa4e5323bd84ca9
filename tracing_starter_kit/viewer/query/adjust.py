"""What Jaeger changes in a trace before it shows it, unless asked for the raw one.

Attributes are sorted by key, and links that point nowhere are left out. Duplicate spans
need no removal, the store keeps one of each. Not done: clock skew (off by default in
Jaeger too), numeric `ip` attributes as dotted text, `telemetry.sdk.*` from spans to the
resource, new ids for server spans that share their client's. Jaeger sorts the events of
a span by name; here they keep their order in time.
"""

from __future__ import annotations

from dataclasses import replace

from tracing_starter_kit.viewer.query.records import (
    Attributes,
    Event,
    Link,
    Span,
    SpanSet,
)


def adjust(found: SpanSet) -> SpanSet:
    """Return the spans as a reader wants them."""
    return SpanSet(
        [_span(span) for span in found.spans],
        {
            key: replace(resource, attributes=_sorted(resource.attributes))
            for key, resource in found.resources.items()
        },
        {
            key: replace(scope, attributes=_sorted(scope.attributes))
            for key, scope in found.scopes.items()
        },
    )


def _span(span: Span) -> Span:
    return replace(
        span,
        attributes=_sorted(span.attributes),
        events=tuple(_event(event) for event in span.events),
        links=tuple(_link(link) for link in span.links if link.trace_id.int),
    )


def _event(event: Event) -> Event:
    return replace(event, attributes=_sorted(event.attributes))


def _link(link: Link) -> Link:
    return replace(link, attributes=_sorted(link.attributes))


def _sorted(attributes: Attributes) -> Attributes:
    return tuple(sorted(attributes))
