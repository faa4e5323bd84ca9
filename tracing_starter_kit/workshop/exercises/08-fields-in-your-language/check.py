"""Four fields of the business on the request's span, two of them on the pricing too."""

from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.web import Web
from tracing_starter_kit.workshop.checking.what import in_function, request_to

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "client_tracing",
    "traced",
    "business",
)
PLANS = ("starter", "team", "business")


def check(run: Run) -> None:
    """Send two orders of two customers, to a build that only the check knows."""
    build = run.word("build")
    with run.web("shop", BUILD=build) as shop:
        answers = [order(run, shop, plan) for plan in run.different(PLANS, 2)]
    orders = run.traces(*answers)
    request = orders.span(request_to("POST /orders"))
    price = orders.span(in_function("shop.py", "price_order"))
    request.has("shop.customer.id", lambda answer: answer.sent["customer"])
    request.has("shop.plan", lambda answer: answer.sent["plan"])
    request.has("shop.build", lambda _: build)
    request.has("shop.payload.size", lambda answer: answer.sent["size"])
    price.has("shop.customer.id", lambda answer: answer.sent["customer"])
    price.has("shop.plan", lambda answer: answer.sent["plan"])
    orders.hold_no(lambda answer: (answer.sent["card"], answer.sent["email"]))


def order(run: Run, shop: Web, plan: str) -> Answer:
    """Send one order, with a card and an address that belong in no trace."""
    form = {
        "plan": plan,
        "quantity": run.random.randint(2, 40),
        "card": f"4000-{run.random.randint(1000, 9999)}-{run.random.randint(10, 99)}",
        "city": "Zürich",  # in which a letter is more than one byte
        "email": f"{run.word('ada')}@example.com",
    }
    customer = run.word("c")
    return shop.post(
        "/orders", form, headers={"X-Customer": customer}, sent={"customer": customer}
    )
