"""The viewer's settings and their defaults.

    viewer.app.run(Settings(data=Path(".kit/viewer")))

The program that starts the viewer (`kit`, a test, a benchmark) passes them: nothing in
`viewer/` reads the environment or a file of settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of the viewer; a port of 0 means any free port."""

    data: Path
    """The folder of the database file and of the journal in front of it."""
    host: str = "127.0.0.1"
    http_port: int = 16686
    """The page, its API, and Jaeger's query API."""
    otlp_http_port: int = 4318
    otlp_grpc_port: int = 4317
    max_bytes: int = 1024 * MIB
    """Size of the database file above which the oldest spans are removed."""
    max_body_bytes: int = 64 * MIB
    """Largest OTLP request, both before and after decompression (the limit that the
    specification recommends)."""
    max_pending_bytes: int = 256 * MIB
    """Most bytes that may wait for the database; above it the answer is 503."""
    source_roots: tuple[Path, ...] = ()
    """Folders whose source files the page may show."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names that the page answers to, beside the loopback names."""
