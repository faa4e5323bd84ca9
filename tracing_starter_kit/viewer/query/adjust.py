"""Change a trace as Jaeger does before it shows it, unless the raw trace is requested.

Attributes are sorted by key, and links without a trace id are removed. Duplicate spans
are not stored in the first place. Jaeger's other changes are not made:

- the correction of clock skew (off by default in Jaeger too);
- `ip` attributes from numbers to dotted text, `telemetry.sdk.*` moved to the resource,
  new ids for server spans that share their client's;
- events sorted by name: here they keep their order in time.
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


def adjust(spans: SpanSet) -> SpanSet:
    """Return the spans with sorted attributes, without links that lead nowhere."""
    return SpanSet(
        [_span(span) for span in spans.spans],
        {
            key: replace(resource, attributes=_sorted(resource.attributes))
            for key, resource in spans.resources.items()
        },
        {
            key: replace(scope, attributes=_sorted(scope.attributes))
            for key, scope in spans.scopes.items()
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
