"""`kit viewer`: the local trace viewer alone, for any service that sends OTLP."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tracing_starter_kit.installation import CHECKOUT
from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.viewer import app
from tracing_starter_kit.viewer.settings import Settings as ViewerSettings

MIB = 1 << 20


def viewer_command(
    settings: Settings,
    *,
    host: str,
    data: Path,
    sources: list[Path],
    hosts: list[str],
    max_mb: int,
) -> int:
    """Run the viewer in the foreground until Ctrl-C."""
    app.run(
        ViewerSettings(
            data=data.resolve(),
            host=host,
            http_port=settings.ports["VIEWER_PORT"],
            otlp_http_port=settings.ports["OTLP_HTTP_PORT"],
            otlp_grpc_port=settings.ports["OTLP_GRPC_PORT"],
            max_bytes=max_mb * MIB,
            source_roots=tuple(
                path.resolve() for path in sources or [CHECKOUT or Path()]
            ),
            allowed_hosts=tuple(hosts),
        ),
        on_ready=_print_addresses,
    )
    return 0


def _print_addresses(settings: ViewerSettings) -> None:
    http = f"http://{settings.host}:{settings.otlp_http_port} (HTTP)"
    lines = [
        f"Traces        http://{settings.host}:{settings.http_port}",
        f"Send OTLP to  {http}, {settings.host}:{settings.otlp_grpc_port} (gRPC)",
        f"Data folder   {settings.data}",
        "To end it     Ctrl-C",
    ]
    # Without a reader of its output the viewer goes on, as `kit up` does.
    with contextlib.suppress(BrokenPipeError):
        print("\n".join(lines), flush=True)
