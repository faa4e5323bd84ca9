"""The lines that a user's project needs for some helpers, and where each belongs.

for place in advice(project, helpers, package="shop.tracing", service="shop"):
    print(place.where, place.lines)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracing_starter_kit.kit.helpers.lines import LINES, PAIRS, Line, Spot
from tracing_starter_kit.kit.helpers.project import Application, Project

GUNICORN_TEXT = (
    "needs no line: start_tracing() works before and after the fork of a worker"
)
LINE_WIDTH = 72


@dataclass(frozen=True)
class Place:
    """Lines that belong together, and the place for them in words.

    Attributes:
        file: Relative to the project, or "" where it is the user's choice.
    """

    file: str
    where: str
    lines: tuple[str, ...] = ()


class Advice:
    """Words the advice for one project and one set of helpers."""

    def __init__(
        self, project: Project, names: Sequence[str], package: str, service: str
    ) -> None:
        self._project = project
        # In the order of LINES: tracing starts before the libraries are traced.
        self._lines = {name: line for name, line in LINES.items() if name in names}
        for pair, lines in PAIRS.items():
            if {*pair} <= {*names}:
                self._lines |= lines
        self._package = package
        self._service = service

    def places(self) -> Iterator[Place]:
        """Yield the places, file by file."""
        applications = self._applications()
        for application in applications:
            yield from self._at_application(application)
        if not applications:
            yield from self._without_application()
        yield from self._in_gunicorn_files()
        yield from self._elsewhere()

    def _applications(self) -> list[Application]:
        """Return the applications that these helpers have a line for."""
        starts = self._at(Spot.START) or self._at(Spot.ARGUMENT)
        return [
            application
            for application in self._project.applications
            if starts or self._at(Spot[application.framework.upper()])
        ]

    def _at_application(self, application: Application) -> Iterator[Place]:
        file = str(application.file.relative_to(self._project.root))
        own = self._at(Spot[application.framework.upper()])
        start = self._start_lines()
        imported = {**own, **self._at(Spot.START), **self._at(Spot.ARGUMENT)}
        yield Place(file, "with the imports", tuple(self._imports(imported)))
        if start and application.factory:
            where = f"first in {application.factory}(), line {application.factory_line}"
            yield Place(file, where, tuple(start))
        elif start:
            yield Place(file, f"before line {application.line}", tuple(start))
        if own:
            text = [line.text.format(app=application.name) for line in own.values()]
            where = f"after line {application.last_line}: {application.statement}"
            yield Place(file, where, tuple(text))

    def _without_application(self) -> Iterator[Place]:
        """Say it in words where no application was found."""
        start = self._start_lines()
        imported = {**self._at(Spot.START), **self._at(Spot.ARGUMENT)}
        if start:
            lines = (*self._imports(imported), *start)
            yield Place("", "first in the process", lines)
        for spot, kind in ((Spot.FLASK, "Flask"), (Spot.CELERY, "Celery")):
            if own := self._at(spot):
                text = [line.text.format(app="app") for line in own.values()]
                where = f"after app = {kind}(…), which is nowhere in this project"
                yield Place("", where, (*self._imports(own), *text))

    def _in_gunicorn_files(self) -> Iterator[Place]:
        for file in self._project.gunicorn_files if self._start_lines() else ():
            yield Place(str(file.relative_to(self._project.root)), GUNICORN_TEXT)

    def _elsewhere(self) -> Iterator[Place]:
        for name, line in self._at(Spot.CONFTEST).items():
            root = self._project.root
            conftests = self._project.conftests or [root / "conftest.py"]
            where = "with the imports; pytest reads it in the top conftest.py only"
            text = line.text.format(module=self._module(name))
            yield Place(str(conftests[0].relative_to(root)), where, (text,))
        for name, line in self._at(Spot.ANYWHERE).items():
            lines = (*self._imports({name: line}), f"# {line.text}")
            yield Place("", "where you need it", lines)

    def _start_lines(self) -> list[str]:
        """Return the lines that start tracing."""
        arguments = self._at(Spot.ARGUMENT)
        libraries = self._project.libraries or ["requests"]
        values = {
            "service": self._call_arguments(arguments),
            "libraries": ", ".join(f'"{name}"' for name in libraries),
        }
        start = self._at(Spot.START)
        lines = [line.text.format(**values) for line in start.values()]
        if arguments and "tracing_setup" not in start:
            lines.append(f"start_tracing({values['service']})")
        return [part for line in lines for part in _wrapped(line)]

    def _call_arguments(self, arguments: dict[str, Line]) -> str:
        texts = [line.text for line in arguments.values()]
        processors = [text for text in texts if "=" not in text.partition("(")[0]]
        named = [text for text in texts if text not in processors]
        listed = [f"processors=[{', '.join(processors)}]"] if processors else []
        return ", ".join([f'"{self._service}"', *listed, *named])

    def _at(self, spot: Spot) -> dict[str, Line]:
        return {name: ln for name, ln in self._lines.items() if ln.spot is spot}

    def _imports(self, lines: dict[str, Line]) -> list[str]:
        return [
            f"from {self._module(name)} import {', '.join(line.names)}"
            for name, line in sorted(lines.items())
        ]

    def _module(self, name: str) -> str:
        return f"{self._package}.{name}" if self._package else name


def _wrapped(line: str) -> list[str]:
    """Return a call over several lines where one line is too narrow for it."""
    opening, _, arguments_text = line.partition("(")
    if len(line) <= LINE_WIDTH or "=" in opening:
        return [line]
    arguments, depth = [""], 0
    for character in arguments_text.removesuffix(")"):
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            arguments.append("")
        else:
            arguments[-1] += character
    return [f"{opening}(", *(f"    {text.strip()}," for text in arguments), ")"]
