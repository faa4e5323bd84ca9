"""The services' code: the same order in each, every instrumentation line marked."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_services import no_tracing, tracing
from demo_services.settings import Settings, read_settings

SERVICES = ("gateway", "billing", "payments", "notifications")
FOLDER = Path(tracing.__file__).parent
MARKS = ("# Automatic:", "# By hand:")
# The sections of create_app(), each named by its first call.
SECTIONS = (
    "read_settings",
    "start_tracing",
    "open_database",
    "register_blueprint",
    "answer_problems",
    "get",
)


def files() -> list[Path]:
    switch = {"tracing.py", "no_tracing.py", "kit_tracing.py"}
    return [file for file in FOLDER.rglob("*.py") if file.name not in switch]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield every name that is called or decorates, with its node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Name):
                yield decorator.id, decorator


def instrumentation_lines(file: Path) -> list[int]:
    """Return the lines of a file that call functions of the tracing modules."""
    tree = ast.parse(file.read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {
        alias.name
        for node in imports
        for alias in node.names
        if node.module == "demo_services.tracing"
    }
    return [node.lineno for name, node in calls(tree) if name in names]


def comments_above(file: Path, line: int) -> str:
    """Return the comment directly above a line."""
    lines = file.read_text().splitlines()[: line - 1]
    comment = []
    while lines and lines[-1].strip().startswith("#"):
        comment.append(lines.pop().strip())
    return "\n".join(reversed(comment))


@pytest.mark.parametrize(
    "file", files(), ids=lambda file: str(file.relative_to(FOLDER))
)
def test_every_instrumentation_line_is_marked(file: Path) -> None:
    unmarked = [
        line
        for line in instrumentation_lines(file)
        if not comments_above(file, line).startswith(MARKS)
    ]

    assert unmarked == []


def test_the_services_have_instrumentation_lines() -> None:
    assert sum(len(instrumentation_lines(file)) for file in files()) > 20


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_assembled_in_the_same_order(service: str) -> None:
    source = (FOLDER / service / "app.py").read_text()
    names = [
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
    ]
    places = [source.index(f"{name}(", source.index("def ")) for name in SECTIONS]

    assert set(SECTIONS) <= set(names)
    assert places == sorted(places)


def test_the_stand_ins_of_auto_mode_have_the_helpers_names() -> None:
    stand_ins = {name for name, _ in inspect.getmembers(no_tracing, inspect.isfunction)}

    # trace_celery() checks the mode itself, so that auto mode does not import Celery.
    assert stand_ins | {"trace_celery"} == set(tracing.__all__)


def test_settings_come_from_the_environment() -> None:
    environment = {"DATABASE_URL": "postgresql://db/x", "NETWORK_DEADLINE": "7.5"}

    settings = read_settings("payments", environment)

    assert settings.database_url == "postgresql://db/x"
    assert settings.network_deadline == 7.5


def test_settings_have_defaults() -> None:
    expected = Settings(service="billing", database_url="sqlite:///billing.db")

    assert read_settings("billing", {}) == expected
