"""The options of `kit viewer`.

    add_viewer_options(parser)

Apart from `viewer.py`, so that `kit --help` does not import the viewer.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tracing_starter_kit.installation import CHECKOUT
from tracing_starter_kit.kit.settings import HOST, default_state


def _short(folder: Path) -> str:
    """Return a folder as help texts show it, the same on every machine."""
    if CHECKOUT and folder.is_relative_to(CHECKOUT):
        return str(folder.relative_to(CHECKOUT))
    home = Path.home()
    return (
        f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)
    )


def add_viewer_options(parser: argparse.ArgumentParser) -> None:
    """Add the options: the data folder, addresses and hosts, source folders."""
    parser.add_argument(
        "--data",
        type=Path,
        default=default_state() / "data" / "viewer",
        help=f"folder of the traces (default: {_short(default_state())}/data/viewer)",
    )
    parser.add_argument(
        "--source",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder whose source files may be shown; may be repeated",
    )
    parser.add_argument(
        "--host", default=HOST, help="the address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a host name to accept beside localhost; may be repeated",
    )
    parser.add_argument(
        "--max-mb",
        type=int,
        default=1024,
        help="delete the oldest traces above this size (default: %(default)s MiB)",
    )
