"""The pristine texts that copies were made from, in `.kit-helpers/` beside them.

    bases = Bases(Path("shop/tracing"))
    bases.save(stamp, helper.text)
    text = bases.load(stamp)        # None: it is not there, or was changed

Each text has the hash of its stamp in its name, so that a new one never replaces the
one that a copy still needs. The names end in no known extension: no import, formatter
or test runner takes the texts for code of the project.
"""

from __future__ import annotations

from pathlib import Path

from tracing_starter_kit.kit.helpers.files import read_text, write_text
from tracing_starter_kit.kit.helpers.stamp import Stamp, digest

FOLDER = ".kit-helpers"
README = """\
The helpers of the tracing starter kit as they were copied, one file each. With them
`kit helpers diff` and `kit helpers update` tell your changes from the kit's. Keep this
folder in version control.
"""


class Bases:
    """The pristine texts of one folder with copies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def path(self, stamp: Stamp) -> Path:
        """Return the file for the pristine text of a stamp."""
        return self.folder / f"{stamp.name}.{stamp.digest}"

    def save(self, stamp: Stamp, text: str) -> None:
        """Keep a pristine text; the others of this helper stay."""
        write_text(self.folder / "README.md", README)
        write_text(self.path(stamp), text)

    def load(self, stamp: Stamp) -> str | None:
        """Return the pristine text of a stamp, or None."""
        path = self.path(stamp)
        text = read_text(path) if path.is_file() else None
        return text if text is not None and digest(text) == stamp.digest else None

    def remove_others(self, stamp: Stamp) -> None:
        """Remove the older pristine texts of this helper."""
        for path in self.folder.glob(f"{stamp.name}.*"):
            if path != self.path(stamp):
                path.unlink()
