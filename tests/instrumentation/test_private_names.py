"""The private names of other packages that the helpers use: all of them, by name.

An upgrade may take one of them away. Then a test here fails and names the helper, the
name and the package. In the helper each is behind a function with a comment
`# Private:`, and without the name that function uses a public one, or does less.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from tests.instrumentation.docstrings import HELPERS, NAMES


class Use(NamedTuple):
    """A private name in a helper, and the line of its use."""

    helper: str
    name: str
    line: int


CONFIGURATION = "opentelemetry.sdk._configuration"
PRIVATE = {
    ("client_tracing", "_otel_span"): "opentelemetry.instrumentation.sqlalchemy.engine",
    ("log_export", "_batch_processor"): (
        "opentelemetry.sdk._logs.export:BatchLogRecordProcessor"
    ),
    ("rescue", "_context"): "opentelemetry.sdk.trace:ReadableSpan",
    ("rescue", "_on_ending"): "opentelemetry.sdk.trace:SpanProcessor",
    ("span_delivery", "_SUPPRESS_INSTRUMENTATION_KEY"): "opentelemetry.context",
    ("testing", "_TRACER_PROVIDER"): "opentelemetry.trace",
    ("tracing_setup", "_configuration"): CONFIGURATION,
    ("tracing_setup", "_get_id_generator"): CONFIGURATION,
    ("tracing_setup", "_get_sampler"): CONFIGURATION,
    ("tracing_setup", "_get_tracer_configurator"): CONFIGURATION,
    ("tracing_setup", "_import_id_generator"): CONFIGURATION,
    ("tracing_setup", "_import_sampler"): CONFIGURATION,
    ("tracing_setup", "_import_tracer_configurator"): CONFIGURATION,
    ("tracing_setup", "_tracer_configurator"): "opentelemetry.sdk.trace:TracerProvider",
    ("tracing_setup", "_update_resource"): "opentelemetry.sdk.trace:TracerProvider",
}
BY_TEXT = ("getattr", "hasattr", "setattr", "delattr")
# They look private, but their documentation tells to use them.
DOCUMENTED = {
    "_get_current_object": "werkzeug.local:LocalProxy",
    "_getframe": "sys",
    # The signal of logs is stable as a protocol; its Python packages wait for that.
    "_log_exporter": "opentelemetry.exporter.otlp.proto.http",
    "_logs": "opentelemetry.sdk",
    "_typeshed": "",  # exists for type checkers only
}


def private_uses(helper: Path) -> Iterator[Use]:
    """Yield each private name of another package in a helper."""
    tree = ast.parse(helper.read_text())
    own = set(defined_names(tree)) - set(overridden_names(helper))
    for node in ast.walk(tree):
        for name in names_in(node):
            if is_private(name) and name not in own:
                yield Use(helper.stem, name, getattr(node, "lineno", 0))


def overridden_names(helper: Path) -> Iterator[str]:
    """Yield the private names of other packages' classes that a helper overrides."""
    module = importlib.import_module(f"instrumentation.{helper.stem}")
    for cls in vars(module).values():
        if isinstance(cls, type) and cls.__module__ == module.__name__:
            for base in cls.__mro__[1:]:
                if base.__module__ != module.__name__:
                    yield from filter(is_private, vars(cls).keys() & vars(base).keys())


def is_private(name: str) -> bool:
    return bool(re.fullmatch(r"_(?!abc_)[A-Za-z]\w*", name))  # abc marks each class


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node takes from another object or module."""
    if isinstance(node, ast.FunctionDef):  # which may override one
        yield node.name
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.ImportFrom):
        yield from str(node.module).split(".")
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.Import):
        yield from (part for alias in node.names for part in alias.name.split("."))
    elif isinstance(node, ast.keyword):
        yield node.arg or ""
    elif isinstance(node, ast.Dict):  # keyword arguments, before they are passed
        yield from filter(None, map(text_of, node.keys))
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in BY_TEXT:
        yield text_of(node.args[1])


def text_of(node: ast.AST | None) -> str:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text else ""  # type: ignore[union-attr] # a Constant


def defined_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of a helper's own functions, classes, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if ast.unparse(node.value) == "self":
                yield node.attr
        elif (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__"
        ):
            yield from ast.literal_eval(node.value)


USES = [use for helper in HELPERS for use in private_uses(helper)]


def test_the_list_names_each_private_name_that_the_helpers_use() -> None:
    names = {(use.helper, use.name) for use in USES if use.name not in DOCUMENTED}

    assert names == PRIVATE.keys(), "keep PRIVATE and the helpers equal"


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        *((name, origin) for (_, name), origin in PRIVATE.items()),
        *((name, origin) for name, origin in DOCUMENTED.items() if origin),
    ],
)
def test_the_installed_packages_still_have_each_name(name: str, origin: str) -> None:
    module_name, _, class_name = origin.partition(":")
    module = importlib.import_module(module_name)
    holder = getattr(module, class_name) if class_name else module

    assert is_in(holder, name), f"{origin} has no {name} any more: see its helper"


def is_in(holder: ModuleType | type, name: str) -> bool:
    """Return whether an object or its code has a name, or whether it is its module."""
    if hasattr(holder, name) or holder.__name__.endswith(name):
        return True
    is_module = find_spec(f"{holder.__name__}.{name}") if has_modules(holder) else None
    return bool(is_module or re.search(rf"\b{name}\b", inspect.getsource(holder)))


def has_modules(holder: ModuleType | type) -> bool:
    return isinstance(holder, ModuleType) and hasattr(holder, "__path__")


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_each_is_behind_one_function_that_says_so(helper: Path) -> None:
    text = helper.read_text()
    marked = [
        range(node.lineno, (node.end_lineno or 0) + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        if "# Private: " in (ast.get_source_segment(text, node) or "")
    ]

    assert [
        f"{helper.name}:{use.line} {use.name}"
        for use in USES
        if use.helper == helper.stem and use.name not in DOCUMENTED
        if not any(use.line in lines for lines in marked)
    ] == []
