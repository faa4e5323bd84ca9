"""The lines to put where, for each kind of project; nothing of it is imported."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.helpers.kit import Kit
from tracing_starter_kit.installation import HELPERS
from tracing_starter_kit.kit.helpers import catalogue as catalogue_module
from tracing_starter_kit.kit.helpers.catalogue import catalogue
from tracing_starter_kit.kit.helpers.lines import LINES, PAIRS
from tracing_starter_kit.kit.helpers.moves import public_names
from tracing_starter_kit.kit.helpers.project import read_project

FACTORY = """\
import requests
from flask import Flask


def create_app(config=None):
    '''Make the shop.'''
    app = Flask(
        __name__,
    )
    return app


raise RuntimeError("nobody may import this")
"""


@pytest.fixture
def kit(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """The real helpers, in the empty project."""
    monkeypatch.setattr(catalogue_module, "HELPERS", HELPERS)
    catalogue.cache_clear()
    return kit


def test_every_helper_has_a_line_and_its_names_exist() -> None:
    helpers = catalogue()

    assert set(LINES) == set(helpers)
    lines = [*LINES.items(), *(pair for two in PAIRS.values() for pair in two.items())]
    for name, line in lines:
        assert set(line.names) <= public_names(helpers[name].text), name


def advice(kit: Kit, *names: str) -> str:
    return kit.run("add", *names, "--into", "shop/tracing").out


def test_an_application_factory(kit: Kit) -> None:
    kit.write("shop/app.py", FACTORY)
    out = advice(kit, "flask_tracing", "client_tracing", "tracing_setup")

    assert out.partition("\n\nLater")[0].endswith("""
shop/app.py
  with the imports
      from shop.tracing.client_tracing import trace_clients
      from shop.tracing.flask_tracing import trace_flask
      from shop.tracing.tracing_setup import start_tracing
  first in create_app(), line 7
      start_tracing("shop")
      trace_clients("requests")
  after line 9: app = Flask(__name__)
      trace_flask(app)""")
    assert "opentelemetry-instrumentation-requests~=" in out


def test_an_application_at_the_top_of_a_module(kit: Kit) -> None:
    kit.write("app.py", "import flask\n\nserver = flask.Flask(__name__)\n")
    out = advice(kit, "tracing_setup", "flask_tracing")

    assert "  before line 3\n      start_tracing(" in out
    assert "  after line 3: server = flask.Flask(__name__)" in out
    assert "      trace_flask(server)" in out


def test_a_celery_application(kit: Kit) -> None:
    kit.write("shop/tasks.py", "from celery import Celery as C\n\nqueue = C('shop')\n")
    out = advice(kit, "tracing_setup", "celery_tracing")

    assert "\nshop/tasks.py\n" in out
    assert '  before line 3\n      start_tracing("shop")' in out
    assert "      trace_celery(queue)" in out


def test_a_worker_needs_a_start_of_its_own(kit: Kit) -> None:
    kit.write("shop/app.py", FACTORY)
    kit.write("shop/tasks.py", "from celery import Celery\nqueue = Celery()\n")
    out = advice(kit, "tracing_setup", "flask_tracing", "celery_tracing")

    assert out.count('      start_tracing("shop")') == 2


def test_a_configuration_of_gunicorn_needs_no_line(kit: Kit) -> None:
    kit.write("gunicorn.conf.py", "bind = '0.0.0.0:8000'\n")
    out = advice(kit, "tracing_setup")

    assert "gunicorn.conf.py\n  needs no line: start_tracing() works before" in out


def test_without_an_application_the_place_is_said_in_words(kit: Kit) -> None:
    out = advice(kit, "tracing_setup", "flask_tracing")

    assert "In your code\n  first in the process" in out
    assert "after app = Flask(…), which is nowhere in this project" in out


def test_arguments_of_the_start_are_one_call(kit: Kit) -> None:
    names = (
        "redact",
        "rescue",
        "sampling",
        "business",
        "code_location",
        "tracing_setup",
    )
    out = advice(kit, *names)

    start = out.index("start_tracing(\n")
    block = out[start : out.index("\n\nLater")]
    text = "\n".join(line.removeprefix("      ") for line in block.splitlines())
    call = ast.parse(text).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert {keyword.arg for keyword in call.value.keywords} == {
        "processors",
        "sampler",
        "wrap_batches",
        "wrap_exporter",
    }


def test_the_plugin_of_pytest_is_named_in_the_top_conftest(kit: Kit) -> None:
    kit.write("tests/conftest.py", "")
    kit.write("tests/deep/conftest.py", "")
    out = advice(kit, "testing")

    assert "\ntests/conftest.py\n" in out
    assert 'pytest_plugins = ["shop.tracing.testing"]' in out


def test_applications_of_tests_and_broken_files_are_passed_over(kit: Kit) -> None:
    kit.write("tests/test_app.py", "from flask import Flask\napp = Flask(__name__)\n")
    kit.write("broken.py", "def (:\n")
    kit.write("latin.py", "").write_bytes(b"name = '\xe9'\n")

    assert read_project(kit.project).applications == []


def test_the_copies_themselves_do_not_count(kit: Kit) -> None:
    advice(kit, "client_tracing")

    assert read_project(kit.project).libraries == []


@pytest.mark.parametrize(
    ("statement", "library"),
    [
        ("import requests", "requests"),
        ("from sqlalchemy.orm import Session", "sqlalchemy"),
        ("from flask_sqlalchemy import SQLAlchemy", "sqlalchemy"),
        ("import redis.asyncio as redis", "redis"),
        ("from . import requests", None),
    ],
)
def test_client_libraries_are_known_by_their_imports(
    tmp_path: Path, statement: str, library: str | None
) -> None:
    (tmp_path / "app.py").write_text(f"{statement}\n")

    assert read_project(tmp_path).libraries == ([library] if library else [])
