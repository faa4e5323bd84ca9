"""Private texts in what a program exported: as they are, or in another form.

Example:
    if place := place_of(span, "4000-1234-56"):
        raise CheckFailed(f"{place} contains the card")
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

from tracing_starter_kit.traces.spans import Span

FEWEST_DIGITS = 8  # fewer could be a part of another number


def place_of(span: Span, secret: str) -> str | None:
    """Return the part of a span that contains a text in any form, if there is one."""
    forms = {form.casefold() for form in _forms(secret)}
    for place, text in _texts(span):
        readings = {text, unquote_plus(text), unquote_plus(unquote_plus(text))}
        if any(form in reading.casefold() for form in forms for reading in readings):
            return place
    return None


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield secret
    yield raw.hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode, base64.b32encode):
        yield encode(raw).decode().rstrip("=")
    digits = re.sub(r"[\s-]", "", secret)
    if digits.isdigit() and len(digits) >= FEWEST_DIGITS:
        yield digits
        yield " ".join(re.split(r"[\s-]", secret))


def _texts(span: Span) -> Iterator[tuple[str, str]]:
    """Yield each text of a span with the name of its place."""
    items: Iterable[tuple[str, object]] = [
        *span.attributes.items(),
        *span.resource.items(),
        *(pair for event in span.events for pair in event.attributes.items()),
        *(pair for link in span.links for pair in link.attributes.items()),
    ]
    for key, value in items:
        yield f"`{key}`", f"{key} {value}"
    yield "its name", " ".join([span.name, *(event.name for event in span.events)])
    yield "its status", span.status_message
