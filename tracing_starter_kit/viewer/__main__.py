"""Run the viewer alone: `python -m tracing_starter_kit.viewer --data DIR`.

It prints one line of JSON with its ports once they answer. `kit viewer` starts the same
viewer with more comfort.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tracing_starter_kit.viewer.app import run
from tracing_starter_kit.viewer.settings import Settings

MIB = 1 << 20


def main() -> None:
    """Read the options and serve until stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m tracing_starter_kit.viewer", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the data")
    defaults = Settings(data=Path())
    for name in ("http_port", "otlp_http_port", "otlp_grpc_port"):
        option, port = f"--{name.replace('_', '-')}", getattr(defaults, name)
        text = f"port, 0 for any free one (default {port})"
        parser.add_argument(option, type=int, default=port, help=text)
    for name in ("max_bytes", "max_body_bytes", "max_pending_bytes"):
        option, size = f"--{name.replace('_', '-')}", getattr(defaults, name)
        text = f"in bytes (default {size // MIB} MiB)"
        parser.add_argument(option, type=int, default=size, help=text)
    run(Settings(**vars(parser.parse_args())), on_ready=_print_ports)


def _print_ports(settings: Settings) -> None:
    ports = ("http_port", "otlp_http_port", "otlp_grpc_port")
    line = json.dumps({name: getattr(settings, name) for name in ports})
    print(line, flush=True)  # noqa: T201  # standard output is for this


if __name__ == "__main__":
    main()
