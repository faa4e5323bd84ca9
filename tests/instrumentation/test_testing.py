"""The fixture `spans`, as projects load it: pytest runs of their own, in processes."""

from __future__ import annotations

import shutil
from textwrap import dedent

import pytest

from tests.instrumentation.processes import ROOT
from tests.instrumentation.receiver import Receiver

pytest_plugins = ["pytester"]

APP = """
    from opentelemetry import trace

    tracer = trace.get_tracer(__name__)  # at import, as modules do

    def place_order(plan="team"):
        with tracer.start_as_current_span("place order"):
            with tracer.start_as_current_span("charge card") as span:
                span.set_attribute("shop.plan", plan)
"""


class Project:
    """A folder with helpers copied into it, where pytest is run on test files."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        pytester.makeconftest('pytest_plugins = ["testing"]')
        self.copy("testing")
        self.write("app", APP)

    def copy(self, *helpers: str) -> None:
        for helper in helpers:
            shutil.copy(ROOT / "instrumentation" / f"{helper}.py", self._pytester.path)

    def write(self, name: str, text: str) -> None:
        (self._pytester.path / f"{name}.py").write_text(dedent(text))

    def run(self, tests: str, *options: str) -> pytest.RunResult:
        self.write("test_app", tests)
        return self._pytester.runpytest_subprocess(
            "-Werror", "-pno:cacheprovider", *options
        )


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("OTEL_TRACES_EXPORTER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Project(pytester)


def test_a_test_that_fails_prints_its_trace_and_no_other_does(project: Project) -> None:
    result = project.run(
        """
        from app import place_order

        def test_wrong(spans):
            place_order("free")
            spans.one("charge card", attributes={"shop.plan": "team"})

        def test_right(spans):
            place_order("other")
        """
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*0 spans, not one: 'charge card' with {'shop.plan': 'team'}",
            "*- Trace -*",
            "place order  # * ms",
            "  charge card  # * ms",
            "      shop.plan = free",
        ]
    )
    result.stdout.no_fnmatch_line("*shop.plan = other")


def test_both_trees_stand_side_by_side_where_they_differ(project: Project) -> None:
    result = project.run(
        """
        from app import place_order

        def test_order(spans):
            place_order("free")
            spans.assert_tree('''
                place order
                  charge card
                      shop.plan = team
                  send receipt
            ''')
        """
    )

    result.stdout.fnmatch_lines(
        [
            "E       expected                   recorded",
            "E       place order                place order",
            "E         charge card                charge card",
            "E             shop.plan = team  !        shop.plan = free",
            "E         send receipt          -",
        ],
        consecutive=True,
    )


def test_a_tracer_made_at_import_serves_every_test_and_nothing_stays(
    project: Project,
) -> None:
    result = project.run(
        """
        import os

        import pytest
        from opentelemetry import context, trace
        from opentelemetry.sdk.trace import Span
        from app import place_order, tracer

        untouched = Span.start

        @pytest.mark.parametrize("plan", ["team", "free"])
        def test_each_sees_its_own(spans, plan):
            place_order(plan)
            assert len(spans.find()) == 2
            assert spans.one("charge card").attributes["shop.plan"] == plan

        def test_one_that_leaves_a_span_open(spans):
            span = tracer.start_span("open")
            context.attach(trace.set_span_in_context(span))
            assert spans.find("open") == []

        def test_the_next_does_not_see_it(spans):
            assert not trace.get_current_span().get_span_context().is_valid
            place_order()
            assert spans.find(parent="open") == []

        def test_without_the_fixture_all_is_as_if_it_were_not_there():
            with tracer.start_as_current_span("nobody looks") as span:
                assert not span.is_recording()
            assert type(trace.get_tracer_provider()) is trace.ProxyTracerProvider
            assert Span.start is untouched
            assert context.get_current() == {}

        def test_sees_no_span_from_before(spans):
            spans.assert_tree("")
            assert str(spans) == "(no spans)"
        """
    )

    result.assert_outcomes(passed=6)


START = """
    from opentelemetry.sdk.trace import SpanProcessor
    from tracing_setup import start_tracing

    class Plan(SpanProcessor):
        def on_start(self, span, parent_context=None):
            span.set_attribute("shop.from", "the application's processor")

    def start():
        return start_tracing("shop", processors=[Plan()])
"""


@pytest.mark.parametrize("place", ["at import", "in a test"])
def test_it_works_beside_an_application_that_starts_tracing(
    project: Project, place: str
) -> None:
    project.copy("tracing_setup", "span_delivery")
    project.write("start", START)
    result = project.run(
        f"""
        from opentelemetry import trace
        from app import place_order
        from start import start

        if {place == "at import"}:
            start()

        def test_before(spans):
            place_order()
            assert len(spans.find()) == 2

        def test_it_starts(spans):
            provider = start()
            place_order()
            assert trace.get_tracer_provider() is provider
            assert len(spans.find(attributes={{"shop.from": "*"}})) == 0
            spans.assert_tree('''
                place order
                    shop.from = the application's processor
                  charge card
                      shop.from = the application's processor
            ''')

        def test_it_starts_again(spans):
            assert start() is trace.get_tracer_provider()
            place_order()
            resource = spans.one("place order").resource
            assert resource.attributes["service.name"] == "shop"
        """
    )

    result.assert_outcomes(passed=3)


def test_spans_of_providers_that_are_not_global_are_seen(project: Project) -> None:
    result = project.run(
        """
        from opentelemetry.sdk.trace import TracerProvider

        mine = TracerProvider(shutdown_on_exit=False)

        def test_mine(spans):
            mine.get_tracer("x").start_span("on mine").end()
            TracerProvider(shutdown_on_exit=False).get_tracer("x").start_span("new")
            spans.assert_tree("on mine\\nnew\\n    ended = not yet")
        """
    )

    result.assert_outcomes(passed=1)


def test_the_stand_in_can_do_what_the_sdk_can(project: Project) -> None:
    result = project.run(
        """
        from opentelemetry import trace
        from opentelemetry.sdk.trace import SpanProcessor
        from app import place_order

        class Build(SpanProcessor):
            def on_start(self, span, parent_context=None):
                span.set_attribute("shop.build", "b1")

        def test_with_a_processor(spans):
            trace.get_tracer_provider().add_span_processor(Build())
            place_order()
            assert len(spans.find(attributes={"shop.build": "b1"})) == 2

        def test_the_next_has_none(spans):
            place_order()
            assert spans.find(attributes={"shop.build": "b1"}) == []
        """
    )

    result.assert_outcomes(passed=2)


def test_async_tests_threads_and_xdist(project: Project) -> None:
    result = project.run(
        """
        import asyncio
        import threading

        import pytest
        from app import place_order, tracer

        @tracer.start_as_current_span("deliver")
        async def deliver():
            await asyncio.sleep(0)
            place_order()

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_async(spans):
            await asyncio.gather(deliver(), deliver())
            tree = "deliver\\n  place order\\n    charge card\\n"
            spans.assert_tree(tree + tree)

        def test_own_loop(spans):
            asyncio.run(deliver())
            assert spans.one("place order", parent="deliver")

        def test_thread(spans):
            threading.Thread(target=place_order).start()
            assert spans.wait_for("place order", timeout=60).attributes == {}

        def test_too_late(spans):
            with pytest.raises(AssertionError, match="No 'x' has ended in 0.01 s"):
                spans.wait_for("x", timeout=0.01)
        """,
        *("-p", "anyio", "-p", "xdist", "-n2"),
    )

    result.assert_outcomes(passed=4)


def test_a_task_that_celery_runs_eagerly_is_below_its_caller(project: Project) -> None:
    for helper in ("celery_tracing", "traced"):
        project.copy(helper)
    result = project.run(
        """
        from celery import Celery
        from celery_tracing import trace_celery
        from traced import span, traced

        celery = Celery("shop", set_as_current=False)
        celery.conf.task_always_eager = True
        trace_celery(celery)

        @celery.task(name="receipts.deliver")
        def deliver():
            render()

        @traced
        def render():
            pass

        def test_receipt(spans):
            with span("order"):
                deliver.delay()
            spans.assert_tree('''
                order
                  CONSUMER process receipts.deliver
                    render
            ''')
        """
    )

    result.assert_outcomes(passed=1)


def test_what_the_environment_says_of_tracing_holds_no_test_up(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    project.copy("tracing_setup", "span_delivery")
    result = project.run(
        """
        import os
        from app import place_order

        def test_it_is_recorded_and_goes_nowhere(spans):
            place_order()
            assert len(spans.find()) == 2
            assert os.environ["OTEL_TRACES_EXPORTER"] == "none"
        """
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("exporter", ["", "otlp"])
def test_no_span_leaves_a_run_whose_conftest_imports_the_application(
    project: Project, monkeypatch: pytest.MonkeyPatch, receiver: Receiver, exporter: str
) -> None:
    """With a variable that asks for it, spans are sent as ever."""
    if exporter:
        monkeypatch.setenv("OTEL_TRACES_EXPORTER", exporter)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    project.copy("tracing_setup", "span_delivery")
    start = "from tracing_setup import start_tracing; start_tracing('shop')\n"
    project.write("app", start + dedent(APP))
    project.write("conftest", "import app\npytest_plugins = ['testing']")
    result = project.run(
        """
        from app import place_order

        def test_order(spans):
            place_order()
            assert spans.one("charge card")
        """
    )

    result.assert_outcomes(passed=1)
    assert len(receiver.spans) == (2 if exporter else 0)
