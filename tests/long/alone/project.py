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
        environments: Where the environment comes from, with what the docstring names.
        python: The interpreter of that environment.
        constraints: The versions in it; by default those of the lock files.
    """
    said = docstring(helper)
    path = environments.python_with(said.needs + said.shows, python, constraints)
    for name in (helper.name, *said.beside):
        shutil.copy(helper.with_name(name), folder)
    for name, text in said.files.items():
        (folder / name).write_text(text)
    with Receiver() as receiver:
        run_example(path, said, folder, receiver)
    wanted, found = _read(said.tree), _read(tree_of(receiver.spans))
    assert _fit(wanted, found), _side_by_side(wanted, found)


def run_example(
    python: Path, said: Docstring, folder: Path, receiver: Receiver
) -> None:
    """Run it as a reader would: `python example.py`, or pytest where it is a test."""
    is_test = any(name.startswith("test_") for name in said.files)
    command = [python, *(["-m", "pytest"] if is_test else said.files)]
    variables = environment(receiver.endpoint, PYTHONPATH="")
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def tree_of(spans: list[Span]) -> str:
    """Return the received spans in the form of the docstrings' trees."""
    known = {span.span_id for span in spans}
    roots = [span for span in spans if span.parent_span_id not in known]
    return "\n".join(line for root in roots for line in lines(root, spans, ""))


def lines(span: Span, spans: list[Span], pad: str) -> Iterator[str]:
    kind = Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_")
    yield f"{pad}{kind} {span.name}"
    for attribute in span.attributes:
        value = getattr(attribute.value, attribute.value.WhichOneof("value"))
        yield f"{pad}    {attribute.key} = {value}"
    for below in spans:
        if below.parent_span_id == span.span_id:
            yield from lines(below, spans, pad + "  ")
