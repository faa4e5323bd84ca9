"""`kit helpers update`: merges the kit's changes into the user's copies.

Three ways: the pristine text of the copy, the copy, the kit's text of today. The order
of writes makes an interruption harmless: first the new pristine text beside the old
one, then the copy with its new stamp; then the old pristine text is removed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tracing_starter_kit.kit.helpers.bases import Bases
from tracing_starter_kit.kit.helpers.catalogue import Helper
from tracing_starter_kit.kit.helpers.copies import (
    Copy,
    chosen_copies,
    read_copy,
    write_copy,
)
from tracing_starter_kit.kit.helpers.errors import HelpersError
from tracing_starter_kit.kit.helpers.files import read_text, write_text
from tracing_starter_kit.kit.helpers.merging import Labels, Merged, has_markers, merge
from tracing_starter_kit.kit.helpers.moves import moves_of
from tracing_starter_kit.kit.helpers.stamp import (
    digest,
    split_stamp,
    stamp_of,
    stamped,
)
from tracing_starter_kit.kit.helpers.states import display_path, missing_base


@dataclass(frozen=True)
class Outcome:
    """The result for one copy.

    Attributes:
        result: "current", "replaced", "merged", "conflicts" or "refused".
        sentence: The same for people, with the next step.
        remarks: About names that another helper has now.
    """

    file: str
    result: str
    sentence: str
    remarks: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the user has nothing more to do about this copy."""
        return self.result in ("current", "replaced", "merged")


def update_command(
    folder: Path,
    names: list[str],
    *,
    base: Path | None,
    is_dry_run: bool,
    as_json: bool,
) -> int:
    """Run `kit helpers update`; return 1 where the user must do something.

    Raises:
        HelpersError: There is no such copy, or the base is not the one of the copy.
    """
    copies = chosen_copies(folder, names)
    if base is not None:
        copies = [_with_base(copies, base)]
    outcomes = [_update(copy, folder, is_dry_run=is_dry_run) for copy in copies]
    if as_json:
        print(json.dumps({"helpers": [asdict(outcome) for outcome in outcomes]}))
    else:
        print("\n".join(_text(outcomes, is_dry_run=is_dry_run)))
    return 0 if all(outcome.is_done for outcome in outcomes) else 1


def _with_base(copies: list[Copy], base: Path) -> Copy:
    """Put a pristine text that the user has back beside the copy."""
    if len(copies) != 1:
        raise HelpersError("--base belongs to one copy: name its helper, too.")
    (copy,) = copies
    _, text, _ = split_stamp(read_text(base))
    if digest(text) != copy.stamp.digest:
        raise HelpersError(
            f"{base} is not the text that {copy.path.name} was copied from: its hash "
            f"is {digest(text)}, and the copy's stamp says {copy.stamp.digest}."
        )
    Bases(copy.path.parent).save(copy.stamp, text)
    return copy


def _update(copy: Copy, folder: Path, *, is_dry_run: bool) -> Outcome:
    file, helper, base = display_path(copy.path, folder), copy.helper, copy.base
    remarks = tuple(moves_of(copy))
    if problem := _problem(copy):
        return Outcome(file, "refused", problem)
    if helper is None or not copy.is_behind:
        text = "the kit no longer has this helper; your copy stays as it is."
        same = f"{copy.stamp.version} is the kit's version."
        return Outcome(file, "current", same if helper else text, remarks)
    if base is None:
        return Outcome(file, "refused", missing_base(copy))
    merged = _merged(copy, base, helper)
    new = copy.missing_companions
    remarks += tuple(f"{other.file_name} is new beside it." for other in new)
    if not is_dry_run:
        for other in new:
            write_copy(other, copy.path.parent)
        _write(copy, helper, merged.text)
    return _outcome(copy, helper, merged, file, remarks)


def _problem(copy: Copy) -> str:
    """Return why a copy must not be touched, or ""."""
    if has_markers(copy.content):
        return "holds conflicts of an earlier update: resolve them first."
    if copy.helper and copy.is_ahead:
        kit = copy.helper.version
        return f"{copy.stamp.version} is newer than this kit ({kit}): update the kit."
    for companion in copy.helper.companions if copy.helper and copy.is_behind else ():
        path = copy.path.with_name(f"{companion}.py")
        if path.exists() and not read_copy(path):
            return f"now needs {path.name} beside it, and yours is another: rename it."
    return ""


def _merged(copy: Copy, base: str, helper: Helper) -> Merged:
    if not copy.is_changed:
        return Merged(helper.text, 0)
    labels = Labels(ours="yours", theirs=f"tracing-starter-kit {helper.version}")
    return merge(base, copy.content, helper.text, labels)


def _write(copy: Copy, helper: Helper, text: str) -> None:
    stamp, bases = stamp_of(helper), Bases(copy.path.parent)
    bases.save(stamp, helper.text)
    write_text(copy.path, stamped(text, stamp, copy.stamp_line))
    bases.remove_others(stamp)


def _outcome(
    copy: Copy, helper: Helper, merged: Merged, file: str, remarks: tuple[str, ...]
) -> Outcome:
    is_same = copy.stamp.version == helper.version
    step = f"{copy.stamp.version} to {'its newer text' if is_same else helper.version}"
    if merged.conflicts:
        count = f"{merged.conflicts} conflict{'s' if merged.conflicts > 1 else ''}"
        text = f"{step}, {count}: look for <<<<<<<, and keep the right lines."
        return Outcome(file, "conflicts", text, remarks)
    if copy.is_changed:
        return Outcome(file, "merged", f"{step}, your changes kept.", remarks)
    return Outcome(file, "replaced", f"{step}.", remarks)


def _text(outcomes: Sequence[Outcome], *, is_dry_run: bool) -> list[str]:
    width = max(len(outcome.result) for outcome in outcomes)
    lines = []
    for outcome in outcomes:
        lines.append(f"{outcome.result:<{width}}  {outcome.file}: {outcome.sentence}")
        lines += [f"{'':<{width}}  {remark}" for remark in outcome.remarks]
    if is_dry_run:
        lines.append("Nothing was written (--dry-run).")
    return lines
