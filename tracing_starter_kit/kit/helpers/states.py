"""The state of a copy in words, for every command.

state_of(copy)      # "0.1.0, changed here; the kit has 0.2.0"
"""

from __future__ import annotations

from pathlib import Path

from tracing_starter_kit.kit.helpers.copies import Copy
from tracing_starter_kit.kit.helpers.merging import has_markers


def state_of(copy: Copy) -> str:
    """Return version, changes and the version of the kit, in one phrase."""
    changed = ", changed here" if copy.is_changed else ""
    conflict = ", with unresolved conflicts" if has_markers(copy.content) else ""
    return f"{copy.stamp.version}{changed}{conflict}{_upstream(copy)}"


def _upstream(copy: Copy) -> str:
    if copy.helper is None:
        return "; the kit no longer has it"
    version = copy.helper.version
    if copy.is_ahead:
        return f"; this kit is older: it has {version}"
    if copy.is_behind:
        is_same = version == copy.stamp.version
        return f"; the kit has {'a newer text of that version' if is_same else version}"
    return ""


def missing_base(copy: Copy) -> str:
    """Return why a copy cannot be compared, and the next step."""
    path = copy.path.name
    return (
        f"The pristine {path} of version {copy.stamp.version} is missing in "
        ".kit-helpers/: restore that folder from version control, or find the commit "
        f"that added the file (git log -- {path}), save its {path} as old.py, and run "
        f"`kit helpers update {copy.stamp.name} --base old.py`."
    )


def display_path(path: Path, folder: Path) -> str:
    """Return a path as the user would type it."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
