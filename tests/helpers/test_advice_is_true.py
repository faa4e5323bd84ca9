"""The lines that `kit helpers add` shows, put in their places: the spans are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.kit import Kit
from tracing_starter_kit.installation import HELPERS
from tracing_starter_kit.kit.helpers import catalogue as catalogue_module
from tracing_starter_kit.kit.helpers.catalogue import catalogue

FACTORY = """\
import logging

import requests
from flask import Flask


def create_app():
    '''Make the shop.'''
    app = Flask(
        __name__,
    )

    @app.get("/orders/<int:number>")
    def order(number):
        logging.warning("sold")
        return str(number)

    return app
"""
TOP = """\
import requests
from flask import Flask

app = Flask(__name__)


@app.get("/orders/<int:number>")
def order(number):
    return str(number)
"""
TASKS = """\
from celery import Celery

queue = Celery("shop", broker="memory://", backend="cache+memory://")


@queue.task(name="deliver")
def deliver():
    return "delivered"
"""
SENDS = "import sys; sys.path.insert(0, '.'); from shop.{module} import *; {call}"
WEB = ["tracing_setup", "flask_tracing", "celery_tracing", "client_tracing"]
ARGUMENTS = ["code_location", "business", "flags", "redact", "sampling", "rescue"]


@pytest.fixture
def kit(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """The real helpers, in the empty project."""
    monkeypatch.setattr(catalogue_module, "HELPERS", HELPERS)
    catalogue.cache_clear()
    return kit


def follow(project: Path, places: list[dict[str, Any]], file: str) -> None:
    """Put the lines into a file, from the bottom to the top."""
    lines = (project / file).read_text().splitlines()
    insertions = [_insertion(place) for place in places if place["file"] == file]
    for index, beside, new in sorted(insertions, reverse=True):
        indent = re.match(" *", lines[beside])
        assert indent
        lines[index:index] = [indent[0] + line for line in new]
    (project / file).write_text("\n".join(lines) + "\n")


def _insertion(place: dict[str, Any]) -> tuple[int, int, list[str]]:
    """Return where lines go, the line that they are indented as, and the lines."""
    if place["where"] == "with the imports":
        return 0, 0, place["lines"]
    number = re.search(r"line (\d+)", place["where"])
    assert number
    index = int(number[1]) - 1
    after = place["where"].startswith("after")
    return index + after, index, place["lines"]


@pytest.mark.parametrize("more", [[], ARGUMENTS, ["log_export"]], ids=len)
@pytest.mark.parametrize(
    ("file", "text", "call", "span"),
    [
        ("app", FACTORY, "create_app().test_client().get('/orders/7')", "GET /orders/"),
        ("app", TOP, "app.test_client().get('/orders/7')", "GET /orders/"),
        ("tasks", TASKS, "deliver.delay()", "send deliver"),
    ],
    ids=["factory", "top", "celery"],
)
def test_a_program_that_follows_it_has_its_spans(
    kit: Kit, file: str, text: str, call: str, span: str, more: list[str]
) -> None:
    kit.write(f"shop/{file}.py", text)
    names = [*WEB, *more]
    answer = kit.run("add", *names, "--into", "shop/tracing", "--json")
    follow(kit.project, answer.json["places"], f"shop/{file}.py")

    run = subprocess.run(
        [sys.executable, "-c", SENDS.format(module=file, call=call)],
        cwd=kit.project,
        env={
            "OTEL_TRACES_EXPORTER": "console",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_TRACES_SAMPLER": "always_on",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr
    assert f'"name": "{span}' in run.stdout, run.stderr
