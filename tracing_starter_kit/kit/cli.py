"""The `kit` command: parses the command line and calls one module a command.

A command's module is imported when the command runs, so that each starts fast.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tracing_starter_kit.kit.closed_pipe import run_until_closed
from tracing_starter_kit.kit.helpers.options import add_helpers_command
from tracing_starter_kit.kit.logs.options import add_logs_command
from tracing_starter_kit.kit.order import add_order_options, order_command, order_of
from tracing_starter_kit.kit.requirements import checkout_problem, package_problem
from tracing_starter_kit.kit.settings import (
    MODES,
    Settings,
    SettingsError,
    load_settings,
)
from tracing_starter_kit.kit.viewer_options import add_viewer_options
from tracing_starter_kit.kit.workshop import add_workshop_command
from tracing_starter_kit.traces.web import WebError

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace, Settings], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    return run_until_closed(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    options = build_parser().parse_args(arguments)
    try:
        if problem := checkout_problem(options.command):
            print(problem, file=sys.stderr)
            return 1
        command: Command = options.run
        return command(options, load_settings())
    except ModuleNotFoundError as error:
        print(package_problem(options.command, error), file=sys.stderr)
    except SettingsError as error:
        print(error, file=sys.stderr)
    except WebError as error:
        print(f"{error}\nIs the demo running? `kit status` shows it.", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands, the source of `kit --help` and the docs."""
    parser = argparse.ArgumentParser(
        prog="kit",
        description="A small real system, traced, and a local viewer for its traces.",
        epilog="Ports come from the environment, or from .env of a checkout.",
    )
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", required=True
    )
    _add_system_commands(commands)
    _add_order_command(commands)
    _add_trace_commands(commands)
    add_viewer_options(
        _add(commands, "viewer", _viewer, "Run the viewer alone, for any service.")
    )
    add_logs_command(_add(commands, "logs", _logs, "Read log files as traces."))
    add_helpers_command(commands)
    add_workshop_command(commands)
    return parser


def _add_system_commands(commands: _Commands) -> None:
    up = _add(commands, "up", _up, "Start the demo system and send a first order.")
    up.add_argument("--detach", action="store_true", help="return once it is ready")
    up.add_argument(
        "--tracing",
        choices=MODES,
        help="kit: with the helpers (the default); auto: opentelemetry-instrument",
    )
    _add(commands, "down", _down, "End the demo system and its leftover processes.")
    stop = _add(commands, "stop", _stop, "Stop one program, to see an outage.")
    stop.add_argument("program", help="its name, as kit status shows it")
    start = _add(commands, "start", _start, "Start a stopped program again.")
    start.add_argument("program", help="its name, as kit status shows it")
    status = _add(commands, "status", _status, "Show the programs and their memory.")
    _add_json(status)
    doctor = _add(commands, "doctor", _doctor, "Check this machine before a start.")
    doctor.add_argument("system", choices=("compose",), help="before docker compose up")


def _add_order_command(commands: _Commands) -> None:
    order = _add(commands, "order", _order, "Send one order and show its trace.")
    add_order_options(order)
    _add_json(order)
    nightly = "Start the nightly run and show its trace."
    _add_json(_add(commands, "statements", _statements, nightly))


def _add_trace_commands(commands: _Commands) -> None:
    trace = _add(commands, "trace", _trace, "Show one trace as a tree.")
    trace.add_argument("trace_id", metavar="TRACE_ID", help="32 hexadecimal digits")
    _add_json(trace)


def _add(
    commands: _Commands, name: str, run: Command, sentence: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=sentence, description=sentence)
    parser.set_defaults(run=run)
    return parser


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _up(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.demo.up import up, up_detached

    tracing = options.tracing or settings.tracing
    start = up_detached if options.detach else up
    return start(replace(settings, tracing=tracing))


def _down(_: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.demo.up import down

    return down(settings)


def _stop(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.demo.hold import stop_command

    return stop_command(settings, options.program)


def _start(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.demo.hold import start_command

    return start_command(settings, options.program)


def _status(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.demo.status import status_command

    return status_command(settings, as_json=options.json)


def _doctor(_: argparse.Namespace, __: Settings) -> int:
    from tracing_starter_kit.kit.demo.doctor import compose_command

    return compose_command()


def _order(options: argparse.Namespace, settings: Settings) -> int:
    return order_command(
        settings, order_of(options), once=options.once, as_json=options.json
    )


def _statements(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.statements import statements_command

    return statements_command(settings, as_json=options.json)


def _trace(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.trace import trace_command

    return trace_command(settings, options.trace_id, as_json=options.json)


def _viewer(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.viewer import viewer_command

    return viewer_command(
        settings,
        host=options.host,
        data=options.data,
        sources=options.source,
        hosts=options.allow_host,
        max_mb=options.max_mb,
    )


def _logs(options: argparse.Namespace, settings: Settings) -> int:
    from tracing_starter_kit.kit.logs.command import logs_command
    from tracing_starter_kit.kit.logs.options import logs_request

    return logs_command(settings, logs_request(options))
