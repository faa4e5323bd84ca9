"""Three numbers that only the trace of the learner's own order knows."""

from collections.abc import Sequence

from tracing_starter_kit.traces import web
from tracing_starter_kit.traces.spans import Span, load_spans
from tracing_starter_kit.workshop.checking.answers import read_answers
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.words import NotYet

HELPERS = ()
PLAN = "business"  # the first order that `make demo` sends by itself has another
DATABASE = "db.system.name"
RECEIPT = "notifications.deliver_receipt"
# A receipt that a worker waits for has a few milliseconds, which can be guessed.
LEAST_WAIT_MS = 500


def check(run: Run) -> None:
    """Read the trace that the learner names, and compare."""
    answers = read_answers(run.folder, "trace_id", "statements", "slowest", "queue_ms")
    spans = fetch(run.places.viewer, answers["trace_id"].lower())
    is_an_order(spans)
    statements_are_counted(spans, answers["statements"])
    slowest_is_found(spans, answers["slowest"])
    wait_is_read(spans, answers["queue_ms"])


def fetch(viewer: str, trace_id: str) -> list[Span]:
    """Return the spans that the viewer has of the trace."""
    if not trace_id:
        raise NotYet(
            "answers.toml has no `trace_id` yet. With `make demo` running, send an "
            f"order of your own, `kit order --plan {PLAN}`; the id is in the address "
            f"that it prints."
        )
    if len(trace_id) != 32 or not set(trace_id) <= set("0123456789abcdef"):
        raise NotYet(
            f"{trace_id!r} is no trace id: that is 32 characters, 0 to 9 and a to f, "
            f"behind /trace/ in the trace's address."
        )
    try:
        return load_spans(web.get_json(f"{viewer}/api/v3/traces/{trace_id}"))
    except web.WebError as error:
        if error.status == 404:
            raise NotYet(
                f"The viewer at {viewer} has no trace {trace_id}: is it of another "
                f"day, or another demo?"
            ) from None
        raise NotYet(
            f"Nothing answers at {viewer}: this exercise is about the running demo. "
            f"Start it with `make demo` in another terminal."
        ) from None


def is_an_order(spans: Sequence[Span]) -> None:
    """Demand that it is the whole trace of an order that the learner chose."""
    roots = [span for span in spans if span.name == "POST /orders"]
    if not any(span.service == "gateway" for span in roots):
        raise NotYet(f"This trace is `{spans[0].name}`, and no order.")
    if not any(span.attributes.get("shop.plan") == PLAN for span in spans):
        raise NotYet(
            f"This is an order, and not yours: it is for another plan than {PLAN}. "
            f"Send one: `kit order --plan {PLAN}`."
        )
    if not any(span.kind == "CONSUMER" and RECEIPT in span.name for span in spans):
        raise NotYet(
            "The trace has no receipt (yet). Is the worker back (`kit start worker`)? "
            "Was the card declined? `kit trace` shows what there is; check again, or "
            "send another."
        )


def statements_are_counted(spans: Sequence[Span], answer: str) -> None:
    """Demand the number of billing's database spans."""
    here = [s for s in spans if DATABASE in s.attributes]
    count = sum(span.service == "billing" for span in here)
    if answer == str(count):
        return
    if not answer:
        raise NotYet(
            "answers.toml does not say yet how many `statements` billing sent."
        )
    others = "" if answer != str(len(here)) else " That is all services together."
    raise NotYet(
        f"statements = {answer!r}: billing sent another number.{others} Look for its "
        f"spans with the name of an SQL statement."
    )


def slowest_is_found(spans: Sequence[Span], answer: str) -> None:
    """Demand the line whose database span is the longest."""
    here = [s for s in spans if DATABASE in s.attributes]
    longest = max(here, key=lambda span: span.end_ns - span.start_ns)
    place = str(longest.code).rpartition("/")[2]
    if answer.rpartition("/")[2] == place:
        return
    if not answer:
        raise NotYet("answers.toml does not say yet which line was the `slowest`.")
    places = {str(span.code).rpartition("/")[2] for span in here}
    known = answer.rpartition("/")[2] in places
    why = "waited, and another one longer" if known else "did not ask a database"
    raise NotYet(f"slowest = {answer!r}: that line {why}.")


def wait_is_read(spans: Sequence[Span], answer: str) -> None:
    """Demand the receipt's time in the queue."""
    (receipt, *_) = [s for s in spans if s.kind == "CONSUMER" and RECEIPT in s.name]
    waited = float(receipt.attributes.get("kit.queue.duration_ms", 0))
    if waited < LEAST_WAIT_MS:
        raise NotYet(
            "This order's receipt did not wait: the worker was there. Stop it before "
            "the order, and start it after: `kit stop worker`, "
            f"`kit order --plan {PLAN}`, `kit start worker`."
        )
    if not answer:
        raise NotYet("answers.toml does not say yet how long the receipt waited.")
    try:
        said = float(answer.removesuffix("ms"))
    except ValueError:
        raise NotYet(f"queue_ms = {answer!r} is no number of milliseconds.") from None
    if abs(said - waited) <= waited * 0.02:  # which "nan" is not
        return
    took = (receipt.end_ns - receipt.start_ns) / 1e6
    work = " That is how long it was worked on." if abs(said - took) <= 1 else ""
    raise NotYet(
        f"queue_ms = {answer!r} is not what the trace says.{work} The span "
        f"`{receipt.name}` has a field for it."
    )
