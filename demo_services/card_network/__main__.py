"""The card network as a program.

python -m demo_services.card_network --port PORT [--host ADDRESS]
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from demo_services.card_network.ledger import Ledger
from demo_services.card_network.server import CardNetwork


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m demo_services.card_network", description="The card network."
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on; default: %(default)s",
    )
    # The services' variable, so that all data is in one place.
    url = os.environ.get("DATABASE_URL", "sqlite:///card_network.db")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(url.removeprefix("sqlite:///")),
        help="the file of the charges; default: %(default)s",
    )
    options = parser.parse_args()
    ledger = Ledger(options.data)
    server = CardNetwork((options.host, options.port), ledger)
    # End by SystemExit, not by KeyboardInterrupt: the threads are daemons.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        ledger.close()


if __name__ == "__main__":
    main()
