"""`kit helpers list`: every helper, its packages, and the copies in this project."""

from __future__ import annotations

import json
from pathlib import Path

from tracing_starter_kit.kit.helpers.catalogue import Helper, catalogue
from tracing_starter_kit.kit.helpers.copies import Copy, copies_below
from tracing_starter_kit.kit.helpers.states import display_path, state_of


def list_command(folder: Path, *, as_json: bool) -> int:
    """Run `kit helpers list`; return 0."""
    copies = copies_below(folder)
    helpers = list(catalogue().values())
    removed = [copy for copy in copies if copy.helper is None]
    if as_json:
        rows = [_row(helper, copies, folder) for helper in helpers]
        print(json.dumps({"helpers": rows}))
        return 0
    for helper in helpers:
        print(f"{helper.name} {helper.version}\n    {helper.sentence}")
        besides = f"; {helper.needs_besides}" if helper.needs_besides else ""
        print(f"    Needs: {' '.join(helper.needs)}{besides}")
        _print_copies([c for c in copies if c.helper == helper], folder)
    _print_copies(removed, folder)
    return 0


def _print_copies(copies: list[Copy], folder: Path) -> None:
    for copy in copies:
        print(f"    Here:  {display_path(copy.path, folder)}, {state_of(copy)}")


def _row(helper: Helper, copies: list[Copy], folder: Path) -> dict[str, object]:
    here = [
        {
            "file": display_path(copy.path, folder),
            "version": copy.stamp.version,
            "is_changed": copy.is_changed,
            "is_behind": copy.is_behind and not copy.is_ahead,
        }
        for copy in copies
        if copy.helper == helper
    ]
    return {
        "name": helper.name,
        "version": helper.version,
        "sentence": helper.sentence,
        "needs": list(helper.needs),
        "needs_besides": helper.needs_besides,
        "copies": here,
    }
