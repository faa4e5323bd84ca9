"""`kit workshop`: parse its part of the command line and call `workshop/`.

    add_workshop_command(commands)

The workshop's modules are imported when a command runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tracing_starter_kit.kit.settings import Settings

if TYPE_CHECKING:
    from tracing_starter_kit.workshop.settings import Places

    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

SENTENCE = "Learn tracing on your own code, with exercises that check your traces."
DEFAULT_FOLDER = Path("tracing-workshop")
DEFAULT_BUNDLE = Path("tracing-workshop-bundle")
# The learner's programs do not inherit these: each check sets its own.
NOT_INHERITED = ("OTEL_", "PYTHONPATH", "PYTHONSTARTUP", "FLASK_", "CELERY_")

Run = Callable[[argparse.Namespace, "Places"], int]


def add_workshop_command(commands: _Commands) -> None:
    """Add `kit workshop` and its own commands to the parser."""
    workshop = commands.add_parser("workshop", help=SENTENCE, description=SENTENCE)
    own = workshop.add_subparsers(title="commands", metavar="COMMAND", required=True)
    start = _add(own, "start", _start, "Make a folder with the exercises.")
    start.add_argument("folder", metavar="DIR", nargs="?", default=DEFAULT_FOLDER)
    _add_numbered(own, "watch", _watch, "Check an exercise on every save.")
    check = _add_numbered(own, "check", _check, "Check an exercise once.")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    _add_numbered(own, "hint", _hint, "Show the next of an exercise's three hints.")
    _add_numbered(own, "reset", _reset, "Restore the files of an exercise.")
    solution = _add(own, "solution", _solution, "Copy a solution into your folder.")
    solution.add_argument("number", metavar="N", type=int)
    solution.add_argument("--yes", action="store_true", help="do not ask first")
    _add_bundle(own)
    _add(own, "list", _list, "Show the exercises and your progress.")


def _add_bundle(commands: _Commands) -> None:
    sentence = "Make a folder that installs the workshop without a network."
    bundle = _add(commands, "bundle", _bundle, sentence)
    bundle.add_argument("folder", metavar="DIR", nargs="?", default=DEFAULT_BUNDLE)
    for option, example in (("--python", "3.12"), ("--platform", "macosx_11_0_arm64")):
        text = f"such as {example} (default: this machine's); may be repeated"
        bundle.add_argument(option, action="append", default=[], help=text)
    bundle.add_argument("--zip", action="store_true", help="make a zip file, too")


def _add(
    commands: _Commands, name: str, run: Run, sentence: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=sentence, description=sentence)

    def run_in_places(options: argparse.Namespace, settings: Settings) -> int:
        from tracing_starter_kit.workshop.kit_command import typable
        from tracing_starter_kit.workshop.learner_folder import FolderError

        try:
            return run(options, _places(settings))
        except BrokenPipeError:
            raise
        except FolderError as error:
            print(typable(str(error)), file=sys.stderr)
        except OSError as error:
            where = error.filename or "your folder"
            print(f"{where} cannot be used: {error.strerror}.", file=sys.stderr)
        return 1

    parser.set_defaults(run=run_in_places)
    return parser


def _add_numbered(
    commands: _Commands, name: str, run: Run, sentence: str
) -> argparse.ArgumentParser:
    text = "the exercise's number (default: the first that is not done)"
    parser = _add(commands, name, run, sentence)
    parser.add_argument("number", metavar="N", type=int, nargs="?", help=text)
    return parser


def _places(settings: Settings) -> Places:
    from tracing_starter_kit.workshop.settings import Places

    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(NOT_INHERITED)
    }
    return Places(
        viewer=settings.url("VIEWER_PORT"),
        otlp=settings.url("OTLP_HTTP_PORT"),
        gateway=settings.url("GATEWAY_PORT"),
        state=settings.state,
        environment=environment,
    )


def _start(options: argparse.Namespace, places: Places) -> int:
    from tracing_starter_kit.workshop.commands import start_command

    return start_command(places, Path(options.folder))


def _watch(options: argparse.Namespace, places: Places) -> int:
    from tracing_starter_kit.workshop.watch import watch_command

    return watch_command(places, options.number)


def _check(options: argparse.Namespace, places: Places) -> int:
    from tracing_starter_kit.workshop.commands import check_command

    return check_command(places, options.number, as_json=options.json)


def _hint(options: argparse.Namespace, places: Places) -> int:
    from tracing_starter_kit.workshop.commands import hint_command

    return hint_command(places, options.number)


def _reset(options: argparse.Namespace, places: Places) -> int:
    from tracing_starter_kit.workshop.commands import reset_command

    return reset_command(places, options.number)


def _solution(options: argparse.Namespace, places: Places) -> int:
    from tracing_starter_kit.workshop.commands import solution_command

    return solution_command(places, options.number, sure=options.yes)


def _bundle(options: argparse.Namespace, _: Places) -> int:
    from tracing_starter_kit.workshop.bundle import bundle_command

    return bundle_command(
        Path(options.folder),
        pythons=options.python,
        platforms=options.platform,
        zipped=options.zip,
    )


def _list(_: argparse.Namespace, places: Places) -> int:
    from tracing_starter_kit.workshop.commands import list_command

    return list_command(places)
