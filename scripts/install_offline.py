"""Install the workshop from the folder of this file, without a network.

    python3 install.py

`kit workshop bundle` writes it, beside the kit and its wheels. Needs only a Python
version that the bundle supports.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BUNDLE = Path(__file__).resolve().parent
KIT = BUNDLE / "kit"
WHEELS = BUNDLE / "wheels"


def main() -> None:
    """Install, and print the next command."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS.as_uri()}
    run = subprocess.run(
        [sys.executable, KIT / "scripts" / "install.py", "requirements.lock"],
        env={**os.environ, **offline},
        check=False,
    )
    if run.returncode:
        supported = (WHEELS / "MADE_FOR.txt").read_text().strip()
        own = f"Python {sys.version_info[0]}.{sys.version_info[1]} on {sys.platform}"
        sys.exit(f"This is {own}; the bundle was made for:\n{supported}")
    print("Installed. Continue with:\n")
    print(f"    {KIT / '.venv' / 'bin' / 'kit'} workshop start")


if __name__ == "__main__":
    main()
