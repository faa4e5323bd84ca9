"""The command line of `kit helpers`: reads it and hands over to one module a command.

add_helpers_command(commands)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tracing_starter_kit.kit.helpers.errors import HelpersError

if TYPE_CHECKING:
    from tracing_starter_kit.kit.settings import Settings

    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

SENTENCE = "Copy helpers into your project, and keep the copies up to date."

Run = Callable[[argparse.Namespace], int]


def add_helpers_command(commands: _Commands) -> None:
    """Add `kit helpers` and its own commands to the parser."""
    helpers = commands.add_parser("helpers", help=SENTENCE, description=SENTENCE)
    own = helpers.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = _add(own, "list", _list, "Show every helper, and your copies.")
    add = _add(own, "add", _add_helpers, "Copy helpers into your project.")
    add.add_argument("names", metavar="NAME", nargs="+", help="such as flask_tracing")
    add.add_argument(
        "--into", type=Path, metavar="FOLDER", help="a package, such as shop/tracing"
    )
    add.add_argument(
        "--here", action="store_true", help="the current folder, without a package"
    )
    diff = _add(own, "diff", _diff, "Show your changes and the kit's, apart.")
    update = _add(own, "update", _update, "Merge the kit's changes into your copies.")
    for parser in (diff, update):
        parser.add_argument(
            "names", metavar="NAME", nargs="*", help="a helper (default: all copies)"
        )
    for parser in (listing, diff, update):
        parser.add_argument(
            "--in",
            "--into",
            dest="folder",
            type=Path,
            default=Path(),
            metavar="FOLDER",
            help="where the copies are (default: the current folder and below)",
        )
    update.add_argument(
        "--base", type=Path, metavar="FILE", help="the pristine file of one copy"
    )
    for parser in (add, update):
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
    for parser in (listing, add, diff, update):
        parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add(
    commands: _Commands, name: str, run: Run, sentence: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=sentence, description=sentence)

    def hand_over(options: argparse.Namespace, _: Settings) -> int:
        try:
            return run(options)
        except BrokenPipeError:
            raise  # an OSError, but the command line's to handle
        except HelpersError as error:
            print(error, file=sys.stderr)
        except OSError as error:
            print(f"{error.filename or 'A file'}: {error.strerror}.", file=sys.stderr)
        return 1

    parser.set_defaults(run=hand_over)
    return parser


def _list(options: argparse.Namespace) -> int:
    from tracing_starter_kit.kit.helpers.listing import list_command

    return list_command(options.folder.resolve(), as_json=options.json)


def _add_helpers(options: argparse.Namespace) -> int:
    from tracing_starter_kit.kit.helpers.adding import add_command

    return add_command(
        options.names,
        into=options.into,
        is_flat=options.here,
        is_dry_run=options.dry_run,
        as_json=options.json,
    )


def _diff(options: argparse.Namespace) -> int:
    from tracing_starter_kit.kit.helpers.comparing import diff_command

    return diff_command(options.folder.resolve(), options.names, as_json=options.json)


def _update(options: argparse.Namespace) -> int:
    from tracing_starter_kit.kit.helpers.updating import update_command

    return update_command(
        options.folder.resolve(),
        options.names,
        base=options.base,
        is_dry_run=options.dry_run,
        as_json=options.json,
    )
