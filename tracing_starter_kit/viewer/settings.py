"""What can be set about the viewer, with its defaults.

    viewer.app.run(Settings(data=Path(".kit/viewer")))

Whoever starts the viewer (`kit`, a test, a benchmark) fills this in; nothing else in
`viewer/` reads the environment or a file of settings.
"""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Settings"]

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All of the viewer's settings; a port of 0 means any free one."""

    data: Path
    """The folder of the database file and of what is on its way into it."""
    host: str = "127.0.0.1"
    http_port: int = 16686
    """The page, Jaeger's query API and the page's own."""
    otlp_http_port: int = 4318
    otlp_grpc_port: int = 4317
    max_bytes: int = 1024 * MIB
    """Size of the database file above which the oldest spans are removed."""
    max_body_bytes: int = 64 * MIB
    """Largest OTLP request, both as it comes and decompressed (the limit that the
    specification recommends)."""
    max_pending_bytes: int = 256 * MIB
    """What may wait to be put into the database; beyond it the answer is 503."""
    source_roots: tuple[Path, ...] = ()
    """Folders whose source files the page may show."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names that are answered beside the loopback ones."""
