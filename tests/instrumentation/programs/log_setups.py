"""Sets logging up in the way that is the first argument, and logs a line in a span.

With a second argument, "sent", the lines are sent as well: from before the set-up, as
in most applications.
"""

import io
import logging
import logging.config
import sys
from collections.abc import Callable

import structlog
from flask import Flask
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from instrumentation.log_export import send_logs
from instrumentation.traced import span
from instrumentation.tracing_setup import start_tracing

FILE = """
[loggers]
keys=root
[handlers]
keys=console
[formatters]
keys=
[logger_root]
level=INFO
handlers=console
[handler_console]
class=StreamHandler
args=(sys.stderr,)
"""
DICTIONARY = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"shop": {"handlers": ["console"], "level": "INFO", "propagate": False}},
    "root": {"handlers": ["console"]},
}


def nothing() -> None:
    logging.getLogger("shop").warning("sold %d", 7)


def basic_config() -> None:
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("shop").info("sold %d", 7)


def basic_config_again() -> None:
    logging.basicConfig(level=logging.INFO)
    logging.basicConfig(level=logging.INFO, force=True, format="again: %(message)s")
    logging.getLogger("shop").info("sold %d", 7)


def dict_config() -> None:
    logging.config.dictConfig(DICTIONARY)
    logging.getLogger("shop").info("sold %d", 7)


def file_config() -> None:
    logging.config.fileConfig(io.StringIO(FILE))
    logging.getLogger("shop").info("sold %d", 7)


def flask() -> None:
    Flask("shop").logger.warning("sold %d", 7)


def gunicorn() -> None:
    Logger(Config()).error("sold %d", 7)


def with_structlog() -> None:
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    structlog.configure(
        processors=[structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    structlog.get_logger("shop").info("sold 7")


SETUPS: dict[str, Callable[[], None]] = {
    "nothing": nothing,
    "basicConfig": basic_config,
    "basicConfig, force": basic_config_again,
    "dictConfig": dict_config,
    "fileConfig": file_config,
    "Flask": flask,
    "gunicorn": gunicorn,
    "structlog": with_structlog,
}

if __name__ == "__main__":
    start_tracing("shop")
    if "sent" in sys.argv:
        send_logs()
    with span("order"):
        SETUPS[sys.argv[1]]()
