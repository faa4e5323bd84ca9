"""The options of `kit viewer`.

add_viewer_options(parser)
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tracing_starter_kit.kit.settings import HOST, ROOT


def add_viewer_options(parser: argparse.ArgumentParser) -> None:
    """Add the options: the data folder, addresses and hosts, source folders."""
    parser.add_argument(
        "--data",
        type=Path,
        default=ROOT / ".kit" / "data" / "viewer",
        help="the folder that stores the traces (default: .kit/data/viewer)",
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
