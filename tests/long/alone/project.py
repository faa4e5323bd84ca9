"""An empty project into which one helper is copied, to run its docstring's example."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from instrumentation.testing import _fit, _read, _side_by_side
from tests.instrumentation.docstrings import Docstring, docstring
from tests.instrumentation.processes import environment
from tests.instrumentation.receiver import Receiver
from tests.long.environments import Environments


def run_alone(
    helper: Path,
    folder: Path,
    environments: Environments,
    python: str = sys.executable,
    constraints: str | None = None,
) -> None:
    """Run a helper's example where nothing else is, and compare the spans that arrive.

    Args:
        helper: The file to copy, with those that its docstring says to lay beside it.
        folder: The empty project.
        environments: Makes the environment, with the packages that the docstring names.
        python: The interpreter of that environment.
        constraints: Its versions; by default those of the lock files.
    """
    parts = docstring(helper)
    path = environments.python_with(parts.needs + parts.shows, python, constraints)
    for name in (helper.name, *parts.beside):
        shutil.copy(helper.with_name(name), folder)
    for name, text in parts.files.items():
        (folder / name).write_text(text)
    with Receiver() as receiver:
        run_example(path, parts, folder, receiver)
    expected, actual = _read(parts.tree), _read(tree_of(receiver.spans))
    assert _fit(expected, actual), _side_by_side(expected, actual)


def run_example(
    python: Path, parts: Docstring, folder: Path, receiver: Receiver
) -> None:
    """Run it as a reader would: `python example.py`, or pytest where it is a test."""
    is_test = any(name.startswith("test_") for name in parts.files)
    command = [python, *(["-m", "pytest"] if is_test else parts.files)]
    variables = environment(receiver.endpoint, PYTHONPATH="")
    process = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 0, process.stdout + process.stderr


def tree_of(spans: list[Span]) -> str:
    """Return the received spans in the form of the docstrings' trees."""
    ids = {span.span_id for span in spans}
    roots = [span for span in spans if span.parent_span_id not in ids]
    return "\n".join(line for root in roots for line in lines(root, spans, ""))


def lines(span: Span, spans: list[Span], pad: str) -> Iterator[str]:
    kind = Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_")
    yield f"{pad}{kind} {span.name}"
    for attribute in span.attributes:
        value = getattr(attribute.value, attribute.value.WhichOneof("value") or "")
        yield f"{pad}    {attribute.key} = {value}"
    for below in spans:
        if below.parent_span_id == span.span_id:
            yield from lines(below, spans, pad + "  ")
