"""A project under mypy --strict keeps the types of what it decorates.

The same program is checked with the decorator and without: what mypy reveals of each
function has to be the same.
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
    reveal_type([one async for one in async_generator(1)])
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
    """Check the files of a project, and return what mypy says."""
    for name, text in programs.items():
        (project / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    files = [f"{name}.py" for name in programs]
    done = subprocess.run(
        [*command, *files], cwd=project, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_what_is_decorated_keeps_its_type(project: Path) -> None:
    import_it = "from traced import traced"
    programs = {
        "without": PROGRAM.format(import_it="", decorate=""),
        "plain": PROGRAM.format(import_it=import_it, decorate="@traced"),
        "options": PROGRAM.format(
            import_it=import_it, decorate='@traced(name="x", attributes={"shop.a": 1})'
        ),
    }

    said = mypy(project, programs)
    revealed = {name: revealed_types(name, said) for name in programs}

    assert "error" not in said
    assert len(revealed["without"]) == PROGRAM.count("reveal_type(")
    assert revealed["plain"] == revealed["without"]
    assert revealed["options"] == revealed["without"]


def revealed_types(module: str, said: str) -> list[str]:
    """Return what mypy revealed in a module, but for the names of type variables."""
    found = re.findall(
        rf"^{module}\.py:\d+: note: Revealed type is (.+)$", said, re.MULTILINE
    )
    found = [text.replace(f"{module}.", "") for text in found]
    variables = [re.search(r"def \[(\w+)", text) for text in found]
    return [
        re.sub(rf"\b{variable[1]}\b", "T", text) if variable else text
        for text, variable in zip(found, variables, strict=True)
    ]


def test_what_is_used_wrongly_is_found(project: Path) -> None:
    said = mypy(project, {"misuse": MISUSE})

    assert re.findall(r"misuse\.py:(\d+): error: .*\[([a-z-]+)\]", said) == [
        ("8", "arg-type"),
        ("9", "call-arg"),
        ("10", "attr-defined"),
        ("11", "call-overload"),
        ("12", "dict-item"),
        ("13", "arg-type"),
    ]
