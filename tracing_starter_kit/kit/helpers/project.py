"""The user's project, read and never imported: its applications and its libraries.

    project = read_project(Path.cwd())
    project.applications, project.libraries, project.gunicorn_files

A program that only shows lines to copy must not run the code of others: everything is
taken from the syntax trees of the files.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tracing_starter_kit.kit.helpers.copies import NOT_SEARCHED, has_stamp

MOST_FILES = 5000
MOST_BYTES = 1_000_000
FRAMEWORKS = {"flask": "Flask", "celery": "Celery"}
LIBRARIES = ("requests", "httpx", "sqlalchemy", "redis")
# Packages that bring one of these libraries.
THROUGH = {"flask_sqlalchemy": "sqlalchemy", "sqlmodel": "sqlalchemy"}
TESTS = {"tests", "test", "testing", "examples", "docs"}


@dataclass(frozen=True)
class Application:
    """A line that makes an application of Flask or Celery.

    Attributes:
        framework: "Flask" or "Celery".
        line: The first line of the statement.
        last_line: Its last line.
        statement: The statement, to be shown.
        name: The variable, such as `app` or `self.app`.
        factory: The function around it, or "" at the top of a module.
        factory_line: Where that function's first statement begins.
    """

    framework: str
    file: Path
    line: int
    last_line: int
    statement: str
    name: str
    factory: str = ""
    factory_line: int = 0


@dataclass
class Project:
    """Facts about a project; all paths are absolute."""

    root: Path
    applications: list[Application] = field(default_factory=list)
    gunicorn_files: list[Path] = field(default_factory=list)
    conftests: list[Path] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)

    def of(self, framework: str) -> list[Application]:
        """Return the applications of a framework, those outside of tests only."""
        return [a for a in self.applications if a.framework == framework]


def read_project(root: Path) -> Project:
    """Read the Python files of a project; those that cannot be parsed are left out."""
    project = Project(root)
    imports: set[str] = set()
    for file in _python_files(root):
        if file.name == "conftest.py":
            project.conftests.append(file)
        if file.name.startswith("gunicorn"):
            project.gunicorn_files.append(file)
        tree = _parse(file)
        if tree is None or _is_test(file.relative_to(root)) or has_stamp(file):
            continue
        imports |= _imported(tree)
        project.applications += _applications(file, tree)
    used = imports | {THROUGH.get(name, name) for name in imports}
    project.libraries = [name for name in LIBRARIES if name in used]
    project.conftests.sort(key=lambda path: (len(path.parts), path))
    return project


def _python_files(root: Path) -> Iterator[Path]:
    number = 0
    for folder, names, files in os.walk(root):
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".") and name not in NOT_SEARCHED
            if not Path(folder, name, "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            if name.endswith(".py") and number < MOST_FILES:
                number += 1
                yield Path(folder, name)


def _is_test(path: Path) -> bool:
    name = path.name
    return name.startswith(("test_", "conftest")) or bool(TESTS & {*path.parts[:-1]})


def _parse(file: Path) -> ast.Module | None:
    try:
        if file.stat().st_size > MOST_BYTES:
            return None
        with warnings.catch_warnings(action="ignore"):  # of invalid escapes in strings
            return ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def _imported(tree: ast.Module) -> set[str]:
    """Return the top names of the packages that a file imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names


def _applications(file: Path, tree: ast.Module) -> Iterator[Application]:
    classes = _framework_names(tree)
    if not classes:
        return
    for statement, functions in _statements(tree.body, ()):
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or not isinstance(
            statement.value, ast.Call
        ):
            continue
        framework = classes.get(ast.unparse(statement.value.func))
        if framework:
            yield _application(file, statement, framework, functions)


Functions = tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]


def _application(
    file: Path,
    statement: ast.Assign | ast.AnnAssign,
    framework: str,
    functions: Functions,
) -> Application:
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
    else:
        target = statement.target
    around = functions[0] if functions else None
    return Application(
        framework,
        file,
        line=statement.lineno,
        last_line=statement.end_lineno or statement.lineno,
        statement=ast.unparse(statement).partition("\n")[0],
        name=ast.unparse(target),
        factory=around.name if around else "",
        factory_line=_first_line(around) if around else 0,
    )


def _first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the line of the first statement, below a docstring."""
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[has_docstring:] or function.body
    return body[0].lineno


def _statements(
    body: list[ast.stmt], functions: Functions
) -> Iterator[tuple[ast.stmt, Functions]]:
    """Yield every statement with the functions around it, the outermost first."""
    for statement in body:
        yield statement, functions
        inner = functions
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = (*functions, statement)
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, []), inner)


def _framework_names(tree: ast.Module) -> dict[str, str]:
    """Return the expressions by which a module names Flask's and Celery's class."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in FRAMEWORKS:
            class_name = FRAMEWORKS[node.module]
            names |= {
                a.asname or a.name: class_name
                for a in node.names
                if a.name == class_name
            }
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if framework := FRAMEWORKS.get(alias.name):
                    names[f"{alias.asname or alias.name}.{framework}"] = framework
    return names
