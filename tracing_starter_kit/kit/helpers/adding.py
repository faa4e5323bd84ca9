"""`kit helpers add`: writes copies of helpers into a package of the user's project.

Either all files are written, or none: a file that is the user's own or was changed by
them stops the command before its first write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tracing_starter_kit.kit.helpers.advice import Advice, Place
from tracing_starter_kit.kit.helpers.catalogue import (
    Helper,
    helper_named,
    with_companions,
)
from tracing_starter_kit.kit.helpers.copies import read_copy, write_copy
from tracing_starter_kit.kit.helpers.errors import HelpersError
from tracing_starter_kit.kit.helpers.files import read_text, write_text
from tracing_starter_kit.kit.helpers.needs import needs_of_parts, pip_line
from tracing_starter_kit.kit.helpers.project import read_project
from tracing_starter_kit.kit.helpers.target import (
    Target,
    find_target,
    missing_inits,
)

INIT = '"""Tracing helpers; `kit helpers list` tells where they come from."""\n'


def add_command(
    names: Sequence[str],
    *,
    into: Path | None,
    is_flat: bool,
    is_dry_run: bool,
    as_json: bool,
) -> int:
    """Run `kit helpers add`; return 0.

    Raises:
        HelpersError: A name or a folder is wrong, or a file stands in the way.
    """
    target = find_target(into, is_flat=is_flat)
    chosen = [helper_named(name) for name in names]
    helpers = with_companions(chosen)
    new = [helper for helper in helpers if _is_missing(target.folder, helper)]
    inits = [] if target.is_flat else missing_inits(target)
    if not is_dry_run:
        _write(target, new, inits)
    report = _report(target, chosen, new, inits)
    print(
        json.dumps(report.as_json())
        if as_json
        else report.as_text(is_dry_run=is_dry_run)
    )
    return 0


def _is_missing(folder: Path, helper: Helper) -> bool:
    """Tell whether a helper is to be written; False: this version is there.

    Raises:
        HelpersError: Its file is the user's own, changed, or of another version.
    """
    path = folder / helper.file_name
    if not path.exists():
        return True
    copy = read_copy(path)
    if copy is None:
        if read_text(path) == helper.text:
            return True  # copied by hand, and not changed: it only gets its stamp
        raise HelpersError(
            f"{path} is there already and was not written by `kit helpers`: rename it, "
            "or name another folder. Nothing was written."
        )
    if copy.is_changed or copy.is_behind:
        state = "changed" if copy.is_changed else f"of version {copy.stamp.version}"
        raise HelpersError(
            f"{path} is there already and {state}: `kit helpers update {helper.name}` "
            "brings it up to date and keeps your changes. Nothing was written."
        )
    return False


def _write(target: Target, helpers: Sequence[Helper], inits: Sequence[Path]) -> None:
    for path in inits:
        write_text(path, INIT if path.parent == target.folder else "")
    for helper in helpers:
        write_copy(helper, target.folder)


@dataclass(frozen=True)
class Report:
    """The result of an addition, and the next steps."""

    written: tuple[str, ...]
    present: tuple[str, ...]
    pip: str
    pip_for_parts: tuple[str, ...]
    places: tuple[Place, ...]

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return asdict(self)

    def as_text(self, *, is_dry_run: bool) -> str:
        """Return it as it is printed."""
        verb = "Would write" if is_dry_run else "Wrote"
        lines = [f"{verb}  {name}" for name in self.written]
        lines += [f"Present  {name}" for name in self.present]
        lines += ["", "Install", f"  {self.pip}"]
        lines += [f"  {text}" for text in self.pip_for_parts]
        file = None
        for place in self.places:
            if place.file != file:
                lines += ["", place.file or "In your code"]
                file = place.file
            lines += [f"  {place.where}", *(f"      {line}" for line in place.lines)]
        lines += ["", "Later  kit helpers diff | kit helpers update"]
        return "\n".join(lines)


def _report(
    target: Target,
    chosen: Sequence[Helper],
    new: Sequence[Helper],
    inits: Sequence[Path],
) -> Report:
    project = read_project(target.root)
    names = [helper.name for helper in chosen]
    helpers = with_companions(chosen)
    first = target.package.partition(".")[0] or target.root.name
    advice = Advice(project, names, target.package, service=first)
    files = [*inits, *(target.folder / helper.file_name for helper in new)]
    present = [helper.file_name for helper in helpers if helper not in new]
    return Report(
        written=tuple(str(path.relative_to(target.root)) for path in files),
        present=tuple(present),
        pip=pip_line(helpers, project.libraries),
        pip_for_parts=tuple(needs_of_parts(helpers, project.libraries)),
        places=tuple(advice.places()),
    )
