"""`kit helpers diff`: the changes of the user and those of the kit, apart."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from pathlib import Path

from tracing_starter_kit.kit.helpers.copies import Copy, chosen_copies
from tracing_starter_kit.kit.helpers.files import lines_of
from tracing_starter_kit.kit.helpers.moves import moves_of
from tracing_starter_kit.kit.helpers.states import display_path, missing_base, state_of


def diff_command(folder: Path, names: list[str], *, as_json: bool) -> int:
    """Run `kit helpers diff`; return 0.

    Raises:
        HelpersError: There is no such copy.
    """
    reports = [_report(copy, folder) for copy in chosen_copies(folder, names)]
    if as_json:
        print(json.dumps({"helpers": reports}))
    else:
        print("\n".join(line for report in reports for line in _text(report)))
    return 0


def _report(copy: Copy, folder: Path) -> dict[str, object]:
    path = display_path(copy.path, folder)
    base, helper = copy.base, copy.helper
    version = copy.stamp.version
    here: str | None = None
    upstream: str | None = None
    if base is not None:
        here = unified(base, copy.content, f"{path} as of {version}", path)
        if helper and not copy.is_ahead:
            new = f"{helper.file_name} {helper.version}"
            upstream = unified(base, helper.text, f"{helper.file_name} {version}", new)
    return {
        "file": path,
        "state": state_of(copy),
        "here": here,
        "upstream": upstream,
        "remarks": [*moves_of(copy), *([missing_base(copy)] if base is None else [])],
    }


def _text(report: dict[str, object]) -> list[str]:
    lines = [f"{report['file']}: {report['state']}"]
    remarks = report["remarks"]
    assert isinstance(remarks, Sequence)
    lines += [f"  {remark}" for remark in remarks]
    for key, title in (("here", "Changed here"), ("upstream", "Changed in the kit")):
        if report[key]:
            lines += ["", title, str(report[key]).rstrip("\n")]
    return [*lines, ""] if len(lines) > 1 else lines


def unified(old: str, new: str, old_name: str, new_name: str) -> str:
    """Return a unified diff; "" where nothing differs."""
    lines = difflib.unified_diff(lines_of(old), lines_of(new), old_name, new_name)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in lines
    )
