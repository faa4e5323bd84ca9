"""Where the kit's files lie: in a checkout of the repository, or in a package.

    text = (HELPERS / "flask_tracing.py").read_text()

A wheel holds the helpers and the default ports inside of this package. In a checkout
they stand at the top: `instrumentation/` and `.env`.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# Another project's folder of that name may stand beside an installed package.
_IS_CHECKOUT = all(
    (PACKAGE.parent / name).is_file()
    for name in ("pyproject.toml", "instrumentation/tracing_setup.py")
)
CHECKOUT = PACKAGE.parent if _IS_CHECKOUT else None
HELPERS = CHECKOUT / "instrumentation" if CHECKOUT else PACKAGE
DEFAULT_PORTS = CHECKOUT / ".env" if CHECKOUT else PACKAGE / "defaults.env"
