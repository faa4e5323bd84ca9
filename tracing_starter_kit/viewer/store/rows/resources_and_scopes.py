"""The resources and scopes of a batch's spans and log records, each of them once.

    resources_and_scopes = ResourcesAndScopes()
    resource_id, service = resources_and_scopes.add_resource(resource_spans)
    scope_id = resources_and_scopes.add_scope(scope_spans)
    Table(resources_and_scopes.resource_columns())

An id is the hash of the content, so it is the same in every batch.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tracing_starter_kit.viewer.model.attributes import encode
from tracing_starter_kit.viewer.store.rows.attribute_maps import entry_columns
from tracing_starter_kit.viewer.store.rows.columns import Column, numbers, text

Entries = list[tuple[str, str, str]]
UNKNOWN_SERVICE = "unknown_service"


class ResourcesAndScopes:
    """The resources and scopes of one batch, by the hash of their content."""

    def __init__(self) -> None:
        self._resources: dict[int, tuple[Any, ...]] = {}
        self._scopes: dict[int, tuple[Any, ...]] = {}

    def add_resource(self, group: Any) -> tuple[int, str]:
        """Add a ResourceSpans' or ResourceLogs' resource; return its id and service."""
        resource = group.resource
        entries = _entries(resource.attributes)
        resource_id = _hash(resource, group.schema_url)
        dropped = resource.dropped_attributes_count
        self._resources[resource_id] = (entries, group.schema_url, dropped)
        names = [text for key, _, text in entries if key == "service.name"]
        return resource_id, names[0] if names and names[0] else UNKNOWN_SERVICE

    def add_scope(self, group: Any) -> int:
        """Add a ScopeSpans' or ScopeLogs' scope; return its id."""
        scope = group.scope
        scope_id = _hash(scope, group.schema_url)
        dropped = scope.dropped_attributes_count
        entries = _entries(scope.attributes)
        row = (entries, group.schema_url, dropped, scope.name, scope.version)
        self._scopes[scope_id] = row
        return scope_id

    def resource_columns(self) -> list[Column]:
        """Return the columns of the table `resources`."""
        ids, rows = array("Q", self._resources), self._resources.values()
        return [numbers("resource_id", ids), *_common_columns(rows)]

    def scope_columns(self) -> list[Column]:
        """Return the columns of the table `scopes`."""
        ids, rows = array("Q", self._scopes), self._scopes.values()
        return [
            numbers("scope_id", ids),
            *_common_columns(rows),
            text("name", [row[3] for row in rows]),
            text("version", [row[4] for row in rows]),
        ]


def _common_columns(rows: Iterable[tuple[Any, ...]]) -> list[Column]:
    return [
        *entry_columns(row[0] for row in rows),
        text("schema_url", [row[1] for row in rows]),
        numbers("dropped_attributes", array("I", [row[2] for row in rows])),
    ]


def _entries(pairs: Iterable[KeyValue]) -> Entries:
    return [*{pair.key: (pair.key, *encode(pair.value)) for pair in pairs}.values()]


def _hash(message: Any, schema_url: str) -> int:
    content = message.SerializeToString(deterministic=True) + schema_url.encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())
