"""The comment that marks a copied helper: version, source, and hash of its content.

    # tracing-starter-kit 0.1.0 instrumentation/traced.py sha256:0123456789abcdef

The hash is the one of the pristine content, without this line. A copy whose content
has another hash was changed by its owner.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from tracing_starter_kit.kit.helpers.catalogue import Helper
from tracing_starter_kit.kit.helpers.files import lines_of

LINE = re.compile(
    r"# tracing-starter-kit (\d[\w.]*) instrumentation/(\w+)\.py sha256:([0-9a-f]{16})"
)
# A licence header of the owner may stand above it.
SEARCHED_LINES = 30


@dataclass(frozen=True)
class Stamp:
    """The origin of a copy."""

    version: str
    name: str
    digest: str

    def __str__(self) -> str:
        return (
            f"# tracing-starter-kit {self.version} "
            f"instrumentation/{self.name}.py sha256:{self.digest}"
        )


def stamp_of(helper: Helper) -> Stamp:
    """Return the stamp for a copy of this version of a helper."""
    return Stamp(helper.version, helper.name, digest(helper.text))


def digest(content: str) -> str:
    """Return the hash of a content."""
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def stamped(content: str, stamp: Stamp, line: int = 0) -> str:
    """Return the content with a stamp before one of its lines, by default the first."""
    lines = lines_of(content)
    return "".join([*lines[:line], f"{stamp}\n", *lines[line:]])


def split_stamp(text: str) -> tuple[Stamp | None, str, int]:
    """Return the stamp of a file, the content without it, and the stamp's line."""
    lines = lines_of(text)
    for number, line in enumerate(lines[:SEARCHED_LINES]):
        if match := LINE.fullmatch(line.strip()):
            content = "".join(lines[:number] + lines[number + 1 :])
            return Stamp(*match.groups()), content, number
    return None, text, 0
