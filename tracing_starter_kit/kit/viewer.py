"""`kit viewer`: the local trace viewer alone, for any service of one's own."""

from __future__ import annotations

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
    """Run the viewer in the foreground until it is told to end."""
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
        on_ready=_say_where,
    )
    return 0


def _say_where(settings: ViewerSettings) -> None:
    host = settings.host
    print(f"Traces        http://{host}:{settings.http_port}")
    print(f"Send OTLP to  http://{host}:{settings.otlp_http_port} (HTTP), ", end="")
    print(f"{host}:{settings.otlp_grpc_port} (gRPC)")
    print(f"Kept in       {settings.data}")
    print("The end       Ctrl-C", flush=True)
