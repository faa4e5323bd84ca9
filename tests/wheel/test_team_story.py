"""A team copies helpers, changes two, and a new version comes; all without a network.

They have the wheel and no checkout. What they changed lives, and the tests of their
service pass before and after.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from tests.wheel.installation import Installation
from tests.wheel.releases import build_release

SERVICE = {
    "shop/__init__.py": "",
    "shop/app.py": """\
        from flask import Flask

        from shop.tracing.errors import expected
        from shop.tracing.flask_tracing import trace_flask
        from shop.tracing.traced import traced
        from shop.tracing.tracing_setup import start_tracing


        class SoldOut(Exception):
            pass


        @traced
        def price_order(quantity):
            if quantity > 10:
                raise SoldOut("ten at most")
            return 900 * quantity


        def create_app():
            start_tracing("shop")
            app = Flask(__name__)
            trace_flask(app)
            expected(SoldOut)

            @app.get("/orders/<int:quantity>")
            def order(quantity):
                return str(price_order(quantity))

            @app.errorhandler(SoldOut)
            def sold_out(error):
                return str(error), 409

            return app
        """,
    "conftest.py": """\
        import pytest

        from shop.app import create_app

        pytest_plugins = ["shop.tracing.testing"]


        @pytest.fixture
        def client():
            return create_app().test_client()
        """,
    "test_shop.py": """\
        def test_an_order_is_priced(client, spans):
            assert client.get("/orders/3").text == "2700"

            spans.assert_tree('''
                SERVER GET /orders/<int:quantity>
                  price_order
            ''')


        def test_a_refusal_is_not_an_error(client, spans):
            assert client.get("/orders/11").status_code == 409

            assert spans.one("price_order").status.is_unset
        """,
}
COPIES = ("tracing_setup", "flask_tracing", "traced", "errors", "testing")
# Lines at the end of a file, where a team adds functions of its own.
TEAMS = {
    "traced": "\n\ndef traced_here(function):\n    return traced(function)\n",
    "errors": "\n\nTEAMS_ERRORS = (TimeoutError,)\n",
}


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The team's environment, with the version of today."""
    installation = Installation(tmp_path_factory.mktemp("team") / "venv")
    installation.install(wheel)
    return installation


@pytest.fixture(scope="module")
def next_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next version: a helper has a new function, another a changed first line."""
    edits = {
        "traced": lambda text: text.replace(
            "\nfrom __future__", "\n# The kit's new comment.\nfrom __future__", 1
        ),
        "errors": lambda text: f"{text}\n\nKITS_ERRORS = (OSError,)\n",
        "flask_tracing": lambda text: f"{text}\n\ndef new_in_the_kit() -> None: ...\n",
    }
    return build_release(tmp_path_factory.mktemp("next"), "99.0.0", edits)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A small service of the team's, without the helpers that it imports."""
    for name, text in SERVICE.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(dedent(text))
    return tmp_path


def test_a_team_keeps_its_changes_through_a_new_version(
    installation: Installation, service: Path, next_wheel: Path
) -> None:
    folder = service / "shop" / "tracing"

    added = installation.kit(
        "helpers", "add", *COPIES, "--into", "shop/tracing", cwd=service
    )
    assert added.returncode == 0, added.stderr
    assert "  first in create_app(), line" in added.stdout
    run_tests(installation, service)

    for name, lines in TEAMS.items():
        with (folder / f"{name}.py").open("a") as file:
            file.write(lines)
    commit(service)

    installation.install(next_wheel)
    listed = installation.kit("helpers", "list", cwd=service).stdout
    assert "traced.py, " in listed
    assert "changed here; the kit has 99.0.0" in listed

    difference = installation.kit("helpers", "diff", "traced", cwd=service).stdout
    here, _, upstream = difference.partition("Changed in the kit")
    assert "+def traced_here(function):" in here
    assert "+# The kit's new comment." in upstream

    updated = installation.kit("helpers", "update", cwd=service)
    assert updated.returncode == 1
    assert "conflicts  shop/tracing/errors.py" in updated.stdout
    assert "merged     shop/tracing/traced.py" in updated.stdout
    assert "replaced   shop/tracing/flask_tracing.py" in updated.stdout
    assert TEAMS["traced"].strip() in (folder / "traced.py").read_text()
    assert "# The kit's new comment." in (folder / "traced.py").read_text()
    assert "new_in_the_kit" in (folder / "flask_tracing.py").read_text()

    refused = installation.kit("helpers", "update", cwd=service)
    assert refused.returncode == 1
    assert "resolve them first" in refused.stdout

    resolve(folder / "errors.py")
    assert installation.kit("helpers", "update", cwd=service).returncode == 0
    run_tests(installation, service)


def resolve(path: Path) -> None:
    """Keep both sides of every conflict."""
    lines = path.read_text().splitlines(keepends=True)
    marks = ("<<<<<<<", "=======", ">>>>>>>")
    path.write_text("".join(line for line in lines if not line.startswith(marks)))


def commit(folder: Path) -> None:
    """Put it all into git and check it out again: the base survives that."""
    run = ["git", "-C", str(folder), "-c", "user.name=team", "-c", "user.email=t@x.y"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "helpers"]):
        subprocess.run([*run, *command], check=True)
    subprocess.run(["rm", "-rf", folder / "shop"], check=True)
    subprocess.run([*run, "checkout", "-q", "--", "."], check=True)


def run_tests(installation: Installation, service: Path) -> None:
    run = subprocess.run(
        [installation.python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=service,
        env=installation.environment(service, OTEL_TRACES_EXPORTER="none"),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout


def test_the_helpers_of_the_package_need_no_copies(
    installation: Installation, service: Path
) -> None:
    """The same service with `from tracing_starter_kit.… import …`."""
    for name in ("shop/app.py", "conftest.py"):
        file = service / name
        file.write_text(file.read_text().replace("shop.tracing", "tracing_starter_kit"))

    run_tests(installation, service)
