"""The options of `kit logs`, and the request that they make.

    add_logs_command(parser)
    request = logs_request(parser.parse_args())

The log reader is imported when the command runs.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tracing_starter_kit.kit.logs.values import date_value, text_value, zone_value

if TYPE_CHECKING:
    from tracing_starter_kit.kit.logs.command import LogsRequest

EPILOG = """\
Formats that are recognised: Python logging, structlog, loguru, Celery, gunicorn,
uvicorn, Django, nginx, Apache's access log, Rails, Ruby's logger, Sidekiq, log4j,
logback, Spring Boot, Spark, Go slog and zap, klog, uWSGI, HAProxy, Envoy, AWS Lambda,
PostgreSQL, syslog, the journal (journalctl -o export or json), JSON lines, key=value,
and any text after a time; also in the files of Docker, Kubernetes and Heroku, behind
the names of docker compose logs too. More: docs/logs.md.

  kit logs app.log                       into the local viewer
  kit logs --rotated app.log             with app.log.1, app.log.2.gz … before it
  journalctl -o export | kit logs -      from standard input
  kit logs app.log --id order_id         join the lines of each order
  kit logs app.log --pattern '(?P<time>\\S+) (?P<level>\\w) (?P<message>.*)'
  kit logs app.log --output traces.jsonl
"""
WORDS = ("queued", "started", "ended", "failed", "timed_out")


def add_logs_command(parser: argparse.ArgumentParser) -> None:
    """Add the options of `kit logs`."""
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="plain, gz, bz2 or xz; - is standard input (the default)",
    )
    parser.add_argument(
        "--rotated", action="store_true", help="read FILE.1, FILE.2.gz … before FILE"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        default="",
        help="write OTLP/JSON lines to FILE; - is standard output",
    )
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        default="",
        help="send OTLP over HTTP to URL "
        "(default: $OTEL_EXPORTER_OTLP_ENDPOINT, else the local viewer)",
    )
    parser.add_argument(
        "--service",
        type=text_value,
        default="",
        help="the service that wrote the lines",
    )
    parser.add_argument(
        "--show", type=int, default=4, metavar="N", help="traces to draw (default: 4)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    _add_reading(parser.add_argument_group("how lines are read"))
    _add_joining(parser.add_argument_group("how lines are joined"))


def _add_reading(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--pattern",
        metavar="REGEX",
        default="",
        help="a format of your own, tried first, with a named group message; the "
        "groups time, level and service are optional, others become fields",
    )
    group.add_argument(
        "--time-format",
        metavar="FORMAT",
        default="",
        help="as for strptime: %%d.%%m.%%Y %%H:%%M",
    )
    group.add_argument(
        "--timezone",
        type=zone_value,
        metavar="NAME",
        help="the zone of times without one, such as UTC or Europe/Berlin "
        "(default: this machine's)",
    )
    group.add_argument(
        "--duration-unit",
        choices=("ns", "us", "ms", "s"),
        default="",
        metavar="UNIT",
        help="the unit of durations without one: ns, us, ms or s (default: a guess)",
    )
    group.add_argument(
        "--date",
        type=date_value,
        metavar="YYYY-MM-DD",
        help="the date of the first time without one "
        "(default: the day of the file's last change)",
    )


def _add_joining(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--id",
        action="append",
        default=[],
        metavar="NAME",
        help="a field with the id of a task or request, or a regular expression with "
        "one group around the id; may be repeated, the narrowest last",
    )
    for word in WORDS:
        group.add_argument(
            f"--{word.replace('_', '-')}",
            metavar="REGEX",
            help=f"more words that mean: {word.replace('_', ' ')}",
        )
    group.add_argument(
        "--max-open",
        type=int,
        default=20_000,
        metavar="N",
        help="the most tasks held open at a time, to limit memory "
        "(default: %(default)s)",
    )


def logs_request(options: argparse.Namespace) -> LogsRequest:
    """Return the request that the options make."""
    from tracing_starter_kit.kit.logs.command import LogsRequest
    from tracing_starter_kit.log_reader.joining.vocabulary import Event
    from tracing_starter_kit.log_reader.pipeline import Options

    words = {Event(word): getattr(options, word) for word in WORDS}
    return LogsRequest(
        paths=options.files,
        rotated=options.rotated,
        output=options.output,
        endpoint=options.endpoint,
        as_json=options.json,
        samples=max(0, options.show),
        options=Options(
            service=options.service,
            pattern=options.pattern,
            time_format=options.time_format,
            zone=options.timezone,
            day=options.date,
            ids=options.id,
            duration_unit=options.duration_unit,
            words={event: text for event, text in words.items() if text},
            most_open=max(1, options.max_open),
        ),
    )
