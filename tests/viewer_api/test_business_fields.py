"""Whose attribute is it? The business's, a helper's, or the conventions'."""

from __future__ import annotations

import ast
from pathlib import Path

import opentelemetry.semconv
import pytest

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import batch, span
from tracing_starter_kit.viewer.model.namespaces import CONVENTIONS, group_of


def installed_namespaces() -> set[str]:
    """Return the first segments of all attribute names in the installed conventions."""
    names = {
        node.value.value
        for folder in opentelemetry.semconv.__path__
        for file in Path(folder).rglob("*attributes/*_attributes.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
    }
    return {str(name).partition(".")[0] for name in names}


def test_the_listed_namespaces_are_those_of_the_installed_conventions() -> None:
    assert installed_namespaces() == CONVENTIONS


@pytest.mark.parametrize(
    ("key", "group"),
    [
        ("shop.customer.id", "business"),
        ("acme.plan", "business"),
        ("customer", "business"),
        ("kit.queue.duration_ms", "kit"),
        ("log_reader.line", "kit"),
        ("http.request.method", "standard"),
        ("telemetry.sdk.name", "standard"),
        ("app.build_id", "standard"),
        ("celery.state", "standard"),
        ("", "business"),
    ],
)
def test_the_first_segment_decides(key: str, group: str) -> None:
    assert group_of(key) == group


def test_every_attribute_of_a_span_names_its_group(client: Client, send: Send) -> None:
    attributes = {"acme.plan": "team", "kit.queue.name": "q", "http.route": "/"}
    send(batch(span(attributes=attributes)))

    details = client.json("/api/x/traces/1/spans/1")

    groups = {item["key"]: item["group"] for item in details["attributes"]}
    assert groups == {
        "acme.plan": "business",
        "kit.queue.name": "kit",
        "http.route": "standard",
    }


def test_the_list_shows_fields_of_any_prefix(client: Client, send: Send) -> None:
    attributes = {"acme.plan": "team", "kit.queue.name": "q", "http.route": "/"}
    send(batch(span(attributes=attributes)))

    (summary,) = client.json("/api/x/traces")["traces"]

    assert summary["fields"] == {"acme.plan": "team"}
