"""The commands that `kit` offers, from its own parser."""

from __future__ import annotations

import argparse

from tracing_starter_kit.kit.cli import build_parser


def commands() -> list[str]:
    """Return the names of all commands."""
    (choices,) = (
        action.choices
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return list(choices)
