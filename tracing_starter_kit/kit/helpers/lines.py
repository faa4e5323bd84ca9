"""The lines by which a project uses each helper.

    LINES["flask_tracing"].text      # trace_flask({app})

A placeholder stands for something of the user's project: `{app}` its application,
`{service}` its name, `{libraries}` the client libraries that it imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Spot(Enum):
    """The place in a program where a line belongs."""

    START = auto()  # where the process begins
    ARGUMENT = auto()  # of start_tracing()
    FLASK = auto()  # below the line that makes the application
    CELERY = auto()
    CONFTEST = auto()
    ANYWHERE = auto()  # where the user needs it


@dataclass(frozen=True)
class Line:
    """A line for one helper.

    Attributes:
        names: Imported from the helper.
    """

    spot: Spot
    names: tuple[str, ...]
    text: str


LINES = {
    "tracing_setup": Line(Spot.START, ("start_tracing",), "start_tracing({service})"),
    "client_tracing": Line(
        Spot.START, ("trace_clients",), "trace_clients({libraries})"
    ),
    "log_export": Line(Spot.START, ("send_logs",), "send_logs()"),
    "code_location": Line(Spot.ARGUMENT, ("CodeLocation",), "CodeLocation()"),
    "business": Line(
        Spot.ARGUMENT,
        ("BusinessFields",),
        'BusinessFields(allowed=["shop.customer.id"])',
    ),
    "flags": Line(Spot.ARGUMENT, ("FlagFields",), "FlagFields()"),
    "redact": Line(Spot.ARGUMENT, ("Redaction",), "wrap_exporter=Redaction().spans"),
    "sampling": Line(Spot.ARGUMENT, ("RuleSampler",), "sampler=RuleSampler(0.1)"),
    "rescue": Line(
        Spot.ARGUMENT,
        ("RecordUnsampled", "Rescue"),
        "sampler=RecordUnsampled(your_sampler), wrap_batches=Rescue",
    ),
    "flask_tracing": Line(Spot.FLASK, ("trace_flask",), "trace_flask({app})"),
    "celery_tracing": Line(Spot.CELERY, ("trace_celery",), "trace_celery({app})"),
    "testing": Line(Spot.CONFTEST, (), 'pytest_plugins = ["{module}"]'),
    "traced": Line(
        Spot.ANYWHERE, ("span", "traced"), '@traced above "def"; with span("work"):'
    ),
    "logs": Line(
        Spot.ANYWHERE, ("JsonFormatter",), "handler.setFormatter(JsonFormatter())"
    ),
    "span_delivery": Line(
        Spot.ANYWHERE,
        ("SpanDelivery",),
        "provider.add_span_processor(SpanDelivery()), without tracing_setup.py",
    ),
    "errors": Line(
        Spot.ANYWHERE,
        ("expected", "record_error"),
        "record_error(error) in an except block; expected(CardDeclined)",
    ),
    "context": Line(
        Spot.ANYWHERE,
        ("ContextThreadPoolExecutor", "carry"),
        "Thread(target=carry(work)); pool = ContextThreadPoolExecutor()",
    ),
}
# Other lines for a pair of helpers that are added together.
PAIRS = {
    ("sampling", "rescue"): {
        "sampling": Line(
            Spot.ARGUMENT,
            ("RuleSampler",),
            "sampler=RuleSampler(0.1, record_unsampled=True)",
        ),
        "rescue": Line(Spot.ARGUMENT, ("Rescue",), "wrap_batches=Rescue"),
    }
}
