"""trace_flask: one server span a request, from its first byte to its last."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    request,
    send_file,
    stream_with_context,
)
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from flask.views import MethodView
from opentelemetry import context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, StatusCode
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder
from werkzeug.wsgi import FileWrapper

from instrumentation import flask_tracing
from instrumentation.business import BusinessFields
from instrumentation.errors import expected
from instrumentation.flask_tracing import trace_flask
from instrumentation.testing import Spans
from instrumentation.traced import span, traced
from tests.instrumentation.attributes import attributes

CALLER = {"traceparent": f"00-{7:032x}-{8:016x}-01"}


def decorated(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def call(*args: object, **kwargs: object) -> object:
        return view(*args, **kwargs)

    return call


def make_app() -> Flask:
    app = Flask(__name__)

    @app.route("/orders/<int:order>", methods=["GET", "POST"])
    @decorated
    def show_order(order: int) -> str:
        with span("look up"):
            return f"order {order}"

    @app.get("/health")
    def health() -> str:
        with span("below health"):
            return "well"

    @app.get("/rows")
    def rows() -> Response:
        def body() -> Iterator[str]:
            for n in range(3):
                with span(f"row {n}"):
                    yield f"{n}\n"
            if request.args.get("break"):
                raise LookupError("no more rows")

        return Response(stream_with_context(body()))

    return app


def add_errors(app: Flask) -> None:
    @app.get("/crash")
    def crash() -> str:
        with span("deep"):
            raise ZeroDivisionError("by zero")

    @app.get("/handled")
    def handled() -> str:
        raise TimeoutError("too slow")

    @app.errorhandler(TimeoutError)
    def too_slow(_: TimeoutError) -> tuple[str, int]:
        return "try later", 503

    @app.get("/abort/<int:status>")
    def give_up(status: int) -> str:
        abort(status)


@pytest.fixture
def app(provider: TracerProvider, spans: Spans) -> Flask:
    app = make_app()
    add_errors(app)
    trace_flask(app, tracer_provider=provider)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_request_is_named_by_its_route(client: FlaskClient, spans: Spans) -> None:
    client.post("/orders/7?sig=s3cret&x=1", headers={"User-Agent": "shop/1"})

    server = spans.one("POST /orders/<int:order>")
    code = {k: v for k, v in attributes(server).items() if k.startswith("code.")}
    others = {k: v for k, v in attributes(server).items() if k not in code}
    assert server.kind is SpanKind.SERVER
    spans.one("look up", parent=server.name)
    assert others == {
        "client.address": "127.0.0.1",
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/orders/<int:order>",
        "network.protocol.version": "1.1",
        "server.address": "localhost",
        "url.path": "/orders/7",
        "url.query": "sig=REDACTED&x=1",
        "url.scheme": "http",
        "user_agent.original": "shop/1",
    }
    assert code["code.file.path"] == "tests/instrumentation/test_flask_tracing.py"
    assert code["code.function.name"].endswith("make_app.<locals>.show_order")


def test_the_views_line_is_its_def(
    client: FlaskClient, spans: Spans, app: Flask
) -> None:
    client.get("/orders/7")

    line = attributes(spans.one("GET /orders/<int:order>"))["code.line.number"]
    view = inspect.unwrap(app.view_functions["show_order"])
    assert line == view.__code__.co_firstlineno + 2


def test_a_class_based_view_leads_to_the_method_that_answers(
    app: Flask, spans: Spans
) -> None:
    class Invoice(MethodView):
        decorators = [decorated]  # noqa: RUF012 - as Flask's documentation has it

        def get(self, number: int) -> str:
            return f"{number}"

    app.add_url_rule("/invoices/<int:number>", view_func=Invoice.as_view("invoice"))
    app.test_client().head("/invoices/3")

    server = attributes(spans.one("HEAD /invoices/<int:number>"))
    assert server["code.function.name"].endswith("<locals>.Invoice.get")
    assert server["code.line.number"] == Invoice.get.__code__.co_firstlineno


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/wp-login.php", 404), ("DELETE", "/orders/7", 405)],
)
def test_a_request_without_a_route_has_the_method_as_its_name_and_is_no_error(
    client: FlaskClient, spans: Spans, method: str, path: str, status: int
) -> None:
    client.open(path, method=method)

    server = spans.one(method)
    assert attributes(server)["http.response.status_code"] == status
    assert "http.route" not in attributes(server)
    assert server.status.is_unset


def test_an_invented_method_is_not_repeated_in_the_name(
    client: FlaskClient, spans: Spans
) -> None:
    client.open("/orders/7", method="BREW")

    server = attributes(spans.one("HTTP"))
    assert server["http.request.method"] == "_OTHER"
    assert server["http.request.method_original"] == "BREW"


def test_an_unhandled_exception_is_recorded_once_where_it_happened(
    client: FlaskClient, spans: Spans
) -> None:
    assert client.get("/crash").status_code == 500

    server = spans.one("GET /crash")
    assert [event.name for event in spans.one("deep").events] == ["exception"]
    assert server.events == ()
    assert attributes(server)["error.type"] == "ZeroDivisionError"
    assert server.status.description == "by zero"


def test_an_exception_that_leaves_the_app_is_on_the_span(
    app: Flask, client: FlaskClient, spans: Spans
) -> None:
    app.testing = True  # as the debugger does: exceptions go on to the server

    with pytest.raises(ZeroDivisionError):
        client.get("/crash")

    assert attributes(spans.one("GET /crash"))["http.response.status_code"] == 500


def test_an_exception_that_an_error_handler_turned_into_a_5xx_is_on_the_span(
    client: FlaskClient, spans: Spans
) -> None:
    client.get("/handled")

    server = spans.one("GET /handled")
    assert attributes(server)["error.type"] == "TimeoutError"
    assert [event.name for event in server.events] == ["exception"]


def test_a_deliberate_5xx_is_an_error_without_a_stack_trace(
    client: FlaskClient, spans: Spans
) -> None:
    client.get("/abort/503")
    client.get("/abort/404")

    busy, missing = spans.find("GET /abort/<int:status>")
    assert (busy.status.is_ok, attributes(busy)["error.type"]) == (False, "503")
    assert (busy.events, missing.status.is_unset) == ((), True)


@pytest.mark.parametrize("testing", [True, False])
def test_an_expected_exception_without_an_error_handler_is_an_error(
    app: Flask, client: FlaskClient, spans: Spans, *, testing: bool
) -> None:
    app.testing = testing  # then it goes on to the server

    @app.get("/declined")
    def pay() -> str:
        raise DeclinedError("no cover")

    with contextlib.suppress(DeclinedError):
        client.get("/declined")

    server = spans.one("GET /declined")
    assert server.status.status_code is StatusCode.ERROR
    assert attributes(server)["error.type"] == "500"
    assert attributes(server)["http.response.status_code"] == 500


def test_an_expected_exception_with_an_error_handler_is_no_error(
    app: Flask, client: FlaskClient, spans: Spans
) -> None:
    @app.get("/declined")
    def pay() -> str:
        raise DeclinedError("no cover")

    app.register_error_handler(DeclinedError, lambda _: ("no cover", 402))
    client.get("/declined")

    assert spans.one("GET /declined").status.is_unset


class DeclinedError(Exception): ...


expected(DeclinedError)


def test_a_streamed_body_belongs_to_the_request_to_its_end(
    client: FlaskClient, spans: Spans
) -> None:
    before = context.get_current()
    response = client.get("/rows", buffered=False)
    assert spans.find("GET /rows") == []
    assert context.get_current() is before

    assert response.text == "0\n1\n2\n"

    spans.assert_tree("GET /rows\n  row 0\n  row 1\n  row 2")
    server = spans.one("GET /rows")
    assert (server.end_time or 0) >= (spans.one("row 2").end_time or 0)
    assert "kit.response.cut_short" not in attributes(server)


def test_an_exception_in_a_streamed_body_is_on_the_span(
    client: FlaskClient, spans: Spans
) -> None:
    with pytest.raises(LookupError):
        client.get("/rows?break=1", buffered=True)

    server = spans.one("GET /rows")
    assert server.status.description == "no more rows"
    assert attributes(server)["error.type"] == "LookupError"


def test_a_client_that_goes_away_ends_the_span_and_is_no_error(
    client: FlaskClient, spans: Spans
) -> None:
    response = client.get("/rows", buffered=False)
    next(response.iter_encoded())
    response.close()

    server = spans.one("GET /rows")
    assert attributes(server)["kit.response.cut_short"] is True
    assert server.status.is_unset


def test_a_server_that_knows_the_length_need_not_ask_for_more(
    app: Flask, client: FlaskClient, spans: Spans
) -> None:
    @app.get("/download")
    def download() -> Response:
        return Response(iter([b"12", b"34"]), headers={"Content-Length": "4"})

    parts = client.get("/download", buffered=False).iter_encoded()
    assert (next(parts), spans.find("GET /download")) == (b"12", [])
    next(parts)

    assert spans.one("GET /download").status.is_unset


def test_a_file_is_left_to_the_server(app: Flask, spans: Spans) -> None:
    @app.get("/file")
    def file() -> Response:
        return send_file(__file__)

    environ = EnvironBuilder(path="/file").get_environ()
    environ["wsgi.file_wrapper"] = FileWrapper
    body = app(environ, lambda *_: lambda _: None)

    assert type(body) is FileWrapper
    assert spans.one("GET /file").status.is_unset
    body.close()


@pytest.mark.parametrize(
    ("header", "host", "port"),
    [
        ("shop.example", "shop.example", None),
        ("shop.example:8443", "shop.example", 8443),
        ("[::1]:5000", "::1", 5000),
        ("[::1]", "::1", None),
        ("x:99999999999999999999", "x:99999999999999999999", None),
    ],
)
def test_the_host_and_port_are_those_of_the_header(
    client: FlaskClient, spans: Spans, header: str, host: str, port: int | None
) -> None:
    client.get("/orders/7", headers={"Host": header})

    server = attributes(spans.one("GET /orders/<int:order>"))
    assert (server["server.address"], server.get("server.port")) == (host, port)


def test_an_excluded_path_has_no_span_and_none_below_it(
    client: FlaskClient, spans: Spans
) -> None:
    client.get("/health", headers=CALLER)
    client.get("/health/deep")

    assert spans.find() == []


def test_below_an_excluded_path_a_sampler_that_ignores_the_parent_decides(
    spans: Spans,
) -> None:
    provider = TracerProvider(ALWAYS_ON, shutdown_on_exit=False)
    app = Flask(__name__)
    trace_flask(app, tracer_provider=provider)
    tracer = provider.get_tracer("test")

    @app.get("/health")
    def health() -> str:
        tracer.start_span("query").end()
        return "well"

    app.test_client().get("/health")

    assert [span.name for span in spans.find()] == ["query"]  # as the docstring says


def test_a_request_continues_its_callers_trace(
    client: FlaskClient, spans: Spans
) -> None:
    client.get("/orders/7", headers=CALLER)

    parent = spans.one("GET /orders/<int:order>").parent
    assert parent is not None
    assert (parent.trace_id, parent.span_id) == (7, 8)


@pytest.mark.usefixtures("own_propagator")
@pytest.mark.parametrize("trusted", [True, False])
def test_a_public_edge_believes_neither_trace_nor_baggage(
    provider: TracerProvider, spans: Spans, *, trusted: bool
) -> None:
    provider.add_span_processor(BusinessFields(["shop.customer.id"]))
    app = make_app()
    trace_flask(app, trust_inbound=trusted, tracer_provider=provider)

    headers = CALLER | {"baggage": "shop.customer.id=c-17,shop.secret=x"}
    app.test_client().get("/orders/7", headers=headers)

    server = spans.one("GET /orders/<int:order>")
    linked = [link.context.span_id for link in server.links]
    assert (server.context.trace_id == 7) is trusted
    assert attributes(server).get("shop.customer.id") == ("c-17" if trusted else None)
    assert linked == ([] if trusted else [8])
    assert "shop.secret" not in attributes(server)


def test_an_app_mounted_in_another_adds_no_second_span(
    app: Flask, provider: TracerProvider, spans: Spans
) -> None:
    inner = make_app()
    inner.register_blueprint(Blueprint("b", __name__), url_prefix="/b")
    trace_flask(inner, tracer_provider=provider)
    mounted = Flask("outer")
    mounted.wsgi_app = DispatcherMiddleware(mounted.wsgi_app, {"/in": inner})  # type: ignore[method-assign]
    trace_flask(mounted, tracer_provider=provider)

    mounted.test_client().get("/in/orders/7")

    spans.assert_tree("GET /in/orders/<int:order>\n  look up")


def test_a_second_call_changes_nothing(
    app: Flask, client: FlaskClient, provider: TracerProvider, spans: Spans
) -> None:
    trace_flask(app, tracer_provider=provider)
    client.get("/orders/7")

    assert len(spans.find()) == 2


def test_a_traced_view_below_the_route_is_a_span_of_its_own(
    app: Flask, spans: Spans
) -> None:
    @app.get("/traced")
    @traced
    def view() -> str:
        return ""

    app.test_client().get("/traced")

    spans.assert_tree("GET /traced\n  view")
    assert attributes(spans.one("GET /traced"))["code.function.name"].endswith("view")


def test_code_that_runs_after_the_response_is_below_the_request(
    app: Flask, spans: Spans
) -> None:
    @app.get("/receipt")
    def receipt() -> Response:
        response = Response("soon")
        response.call_on_close(traced(name="send mail")(lambda: None))
        return response

    before = context.get_current()
    app.test_client().get("/receipt").close()

    spans.one("send mail", parent="GET /receipt")
    assert context.get_current() is before


def test_a_status_that_is_not_a_number_breaks_nothing(app: Flask, spans: Spans) -> None:
    @app.get("/strange")
    def strange() -> Response:
        return Response("x", status="strange")

    app.test_client().get("/strange")

    assert "http.response.status_code" not in attributes(spans.one("GET /strange"))


def test_an_exception_in_an_error_handler_is_the_one_on_the_span(
    app: Flask, client: FlaskClient, spans: Spans
) -> None:
    @app.errorhandler(ZeroDivisionError)
    def worse(_: ZeroDivisionError) -> str:
        raise LookupError("no page for that")

    assert client.get("/crash").status_code == 500
    assert attributes(spans.one("GET /crash"))["error.type"] == "LookupError"


def test_a_session_that_cannot_be_opened_is_on_the_span(
    app: Flask, client: FlaskClient, spans: Spans
) -> None:
    class Broken(SecureCookieSessionInterface):
        def open_session(self, *_: object) -> Any:
            raise ConnectionError("no session store")

    app.session_interface = Broken()

    assert client.get("/orders/7").status_code == 500
    assert attributes(spans.one("GET"))["error.type"] == "ConnectionError"


def test_a_view_that_flask_cannot_hash_is_served(app: Flask, spans: Spans) -> None:
    class View:
        __name__ = "view"
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> str:
            return "served"

    app.add_url_rule("/served", view_func=View())

    assert app.test_client().get("/served").text == "served"
    assert attributes(spans.one("GET /served"))["http.route"] == "/served"


def test_a_traced_app_mounted_in_an_untraced_one_has_its_whole_path(
    app: Flask, spans: Spans
) -> None:
    outer = Flask("outer")
    outer.wsgi_app = DispatcherMiddleware(outer.wsgi_app, {"/shop": app})  # type: ignore[method-assign]
    outer.test_client().get("/shop/orders/7")

    server = attributes(spans.one("GET /shop/orders/<int:order>"))
    assert server["url.path"] == "/shop/orders/7"


def test_a_blueprints_route_and_error_handler_are_the_apps(
    app: Flask, spans: Spans
) -> None:
    shop = Blueprint("shop", __name__, url_prefix="/shop")

    @shop.get("/<name>")
    def show(name: str) -> str:
        raise TimeoutError(name)

    @shop.errorhandler(TimeoutError)
    def too_slow(_: TimeoutError) -> tuple[str, int]:
        return "later", 504

    app.register_blueprint(shop)
    app.test_client().get("/shop/x")

    server = attributes(spans.one("GET /shop/<name>"))
    assert (server["error.type"], server["http.response.status_code"]) == (
        "TimeoutError",
        504,
    )


def test_any_number_of_unknown_paths_and_methods_are_few_names(
    client: FlaskClient, spans: Spans
) -> None:
    for n in range(20):
        client.open(f"/scan/{n}", method=f"M{n}")
        client.delete(f"/orders/{n}")

    assert {span.name for span in spans.find()} == {"HTTP", "DELETE"}


def test_a_client_that_hangs_up_on_a_real_server_ends_the_span(
    app: Flask, spans: Spans
) -> None:
    @app.get("/endless")
    def endless() -> Response:
        return Response(itertools.repeat(b"x" * 65536))

    server = make_server("127.0.0.1", 0, app)
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), 10) as client:
            client.sendall(b"GET /endless HTTP/1.1\r\nHost: shop\r\n\r\n")
            assert b"200 OK" in client.recv(100)
        spans.wait_for("GET /endless", timeout=20)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()

    request_span = spans.one("GET /endless")
    assert attributes(request_span)["kit.response.cut_short"] is True
    assert request_span.status.is_unset


def test_without_flasks_private_name_it_uses_the_proxy(
    client: FlaskClient, spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Proxy:
        """Flask's proxy without `_get_current_object`."""

        def __getattr__(self, name: str) -> object:
            if name == "_get_current_object":
                raise AttributeError(name)
            return getattr(request, name)

    monkeypatch.setattr(flask_tracing, "request", Proxy())
    client.get("/orders/7")

    assert spans.one("GET /orders/<int:order>").status.is_unset
