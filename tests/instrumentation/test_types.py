"""A project under mypy --strict keeps the types of what it decorates.

The same program is checked with the decorator and without it: mypy must reveal the same
type for each function.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.instrumentation.processes import ROOT

PROGRAM = """
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Self, TypeVar

{import_it}

T = TypeVar("T")

{decorate}
def function(quantity: int, *coupons: str, plan: str = "team", **more: T) -> list[T]:
    return list(more.values())

{decorate}
async def coroutine(quantity: int, /) -> str:
    return str(quantity)

{decorate}
def generator(count: int) -> Generator[int, str, bool]:
    yield count
    return True

{decorate}
def iterator(count: int) -> Iterator[int]:
    yield count

{decorate}
async def async_generator(count: int) -> AsyncGenerator[int, str]:
    yield count

{decorate}
async def async_iterator(count: int) -> AsyncIterator[int]:
    yield count

class Order:
    {decorate}
    def method(self, quantity: int) -> Self:
        return self

    @classmethod
    {decorate}
    def class_method(cls, quantity: int = 1) -> Self:
        return cls()

    @staticmethod
    {decorate}
    def static_method(quantity: int) -> str:
        return str(quantity)

    {decorate}
    @classmethod
    def class_method_below(cls, quantity: int = 1) -> Self:
        return cls()

    {decorate}
    @staticmethod
    def static_method_below(quantity: int) -> str:
        return str(quantity)

    @property
    {decorate}
    def price(self) -> int:
        return 900

{decorate}
class Shop:
    def open(self, hour: int = 9) -> Self:
        return self

class TeamOrder(Order):
    def method(self, quantity: int) -> Self:
        return super().method(quantity)

reveal_type(function)
reveal_type(coroutine)
reveal_type(generator)
reveal_type(iterator)
reveal_type(async_generator)
reveal_type(async_iterator)
reveal_type(Order.method)
reveal_type(Order().method)
reveal_type(TeamOrder().method(1))
reveal_type(Order.class_method)
reveal_type(TeamOrder.class_method())
reveal_type(Order.static_method)
reveal_type(Order().static_method)
reveal_type(Order.class_method_below)
reveal_type(TeamOrder().class_method_below())
reveal_type(Order.static_method_below)
reveal_type(Order().static_method_below)
reveal_type(Order().price)
reveal_type(Shop().open)

async def main() -> None:
    reveal_type(await coroutine(1))
    reveal_type([number async for number in async_generator(1)])
"""
MISUSE = """
from traced import span, traced

@traced
def price(quantity: int) -> int:
    return quantity

price("three")
price()
price(1).upper()
traced(name=3)
with span("render", {"shop.customer": object()}) as current:
    current.set_attributes(1)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "instrumentation" / "traced.py", folder)
    return folder


def mypy(project: Path, programs: Mapping[str, str]) -> str:
    """Check the files of a project, and return the output of mypy."""
    for name, text in programs.items():
        (project / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    files = [f"{name}.py" for name in programs]
    process = subprocess.run(
        [*command, *files], cwd=project, capture_output=True, text=True
    )
    return process.stdout + process.stderr


def test_a_decorated_function_keeps_its_type(project: Path) -> None:
    import_it = "from traced import traced"
    programs = {
        "without": PROGRAM.format(import_it="", decorate=""),
        "plain": PROGRAM.format(import_it=import_it, decorate="@traced"),
        "options": PROGRAM.format(
            import_it=import_it, decorate='@traced(name="x", attributes={"shop.a": 1})'
        ),
    }

    output = mypy(project, programs)
    revealed = {name: revealed_types(name, output) for name in programs}

    assert "error" not in output
    assert len(revealed["without"]) == PROGRAM.count("reveal_type(")
    assert revealed["plain"] == revealed["without"]
    assert revealed["options"] == revealed["without"]


def revealed_types(module: str, output: str) -> list[str]:
    """Return the types revealed in a module, each type variable under the name T."""
    types = re.findall(
        rf"^{module}\.py:\d+: note: Revealed type is (.+)$", output, re.MULTILINE
    )
    types = [text.replace(f"{module}.", "") for text in types]
    variables = [re.search(r"def \[(\w+)", text) for text in types]
    return [
        re.sub(rf"\b{variable[1]}\b", "T", text) if variable else text
        for text, variable in zip(types, variables, strict=True)
    ]


def test_mypy_finds_each_wrong_use(project: Path) -> None:
    output = mypy(project, {"misuse": MISUSE})

    assert re.findall(r"misuse\.py:(\d+): error: .*\[([a-z-]+)\]", output) == [
        ("8", "arg-type"),
        ("9", "call-arg"),
        ("10", "attr-defined"),
        ("11", "call-overload"),
        ("12", "dict-item"),
        ("13", "arg-type"),
    ]
