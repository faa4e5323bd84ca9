"""Well-known servers and services print each request: it is a span."""

from __future__ import annotations

import pytest

from tests.log_reader.reading import only_trace, records_of, traces_of, tree

UUID = "0b0d2cb3-7a1e-4f7c-9d43-6c4a0b1f2e3d"
END = 1_795_507_202 * 10**9  # 2026-11-24T08:00:02Z
# A name in the table of docs/logs.md, and a request that ends at that time.
LINES = {
    "HAProxy": "::ffff:7:33317 [24/Nov/2026:08:00:01.750] http-in static/srv1 "
    '10/0/30/69/250 200 27 - - ---- 1/1/1/1/0 0/0 {x} {} "GET /cakes HTTP/1.1"',
    "Envoy": '[2026-11-24T08:00:01.750Z] "GET /cakes HTTP/2" 200 - 154 0 250 100 '
    f'"::1" "curl" "{UUID}" "cakes" "tcp://[::1]:80"',
    "AWS load balancer": "https 2026-11-24T08:00:02.000000Z app/x/50dc 192.0.2.1:28 "
    "10.0.0.1:80 0.001 0.250 0.000 200 200 34 366 "
    '"GET https://shop.example:443/cakes?hot=1 HTTP/1.1" "curl/8" - - arn:x "Root=1"',
    "oslo.log": f"2026-11-24 08:00:02.000 17 INFO shop.wsgi [req-{UUID} u1 - - -] "
    '::1 "GET /cakes HTTP/1.1" status: 200 len: 9 time: 0.2500000',
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_a_span_of_its_length(name: str) -> None:
    trace = only_trace(LINES[name] + "\n")
    (span,) = trace.spans

    assert trace.records[0].format == name
    assert (span.name, span.end_ns, span.has_failed) == ("GET /cakes", END, False)
    assert span.end_ns - span.start_ns == 250_000_000


def test_haproxys_lines_come_through_syslog() -> None:
    log = f"Nov 24 08:00:02 edge haproxy[7]: {LINES['HAProxy']}\n"

    assert tree(only_trace(log)) == ["file1 server GET /cakes 250 ms"]


def test_lambdas_lines_are_one_invocation() -> None:
    log = f"""\
2026-11-24T08:00:00.000Z START RequestId: {UUID} Version: $LATEST
2026-11-24T08:00:00.100Z [ERROR]\t2026-11-24T08:00:00.100Z\t{UUID}\tno flour
2026-11-24T08:00:00.200Z\t{UUID}\tINFO\tgoing on
2026-11-24T08:00:02.000Z END RequestId: {UUID}
2026-11-24T08:00:02.000Z REPORT RequestId: {UUID}\tDuration: 2000.00 ms\tBilled \
Duration: 2300 ms\tMemory Size: 128 MB\tInit Duration: 287.33 ms\t
"""
    trace = only_trace(log)

    assert tree(trace) == ["file1 server request 2.00 s"]
    assert len(trace.records) == 5
    assert trace.records[1].level == "ERROR"
    assert trace.spans[0].attributes["aws.lambda.init"] == "287.33 ms"


def test_an_invocation_that_timed_out_has_failed() -> None:
    log = f"""\
2026-11-24T08:00:00.000Z START RequestId: {UUID} Version: $LATEST
2026-11-24T08:00:03.000Z {UUID} Task timed out after 3.00 seconds
2026-11-24T08:00:03.000Z END RequestId: {UUID}
"""
    assert "✗ 3.00 s" in tree(only_trace(log))[0]


@pytest.mark.parametrize("tag", ["aldx7CrFrxhJXYYAK6vkdQAAAEQ", UUID, "f" * 31 + "7"])
def test_the_id_of_a_request_of_rails_may_have_any_form(tag: str) -> None:
    log = f"""\
[{tag}] Started GET "/cakes" for ::1 at 2026-11-24 08:00:00 +0000
[{tag}] Processing by CakesController#index as */*
[{tag}]   Rendered cakes/index.html.erb (Duration: 3.6ms | Allocations: 7)
[{tag}] Completed 500 Internal Server Error in 18ms (ActiveRecord: 5.2ms)
[{tag}]
ZeroDivisionError (divided by 0):
app/controllers/cakes_controller.rb:19:in `/'
app/controllers/cakes_controller.rb:19:in `index'
"""
    trace = only_trace(log)

    assert tree(trace)[0].startswith("file1 server GET /cakes ✗ 18 ms")
    assert sum(record.lines for record in trace.records) == 8
    assert trace.records[-1].fields["exception.type"] == "ZeroDivisionError"


@pytest.mark.parametrize(
    "name", ["nioEventLoopGroup-2-1", "http-nio-8080-exec-10", "main"]
)
def test_a_thread_is_not_a_request(name: str) -> None:
    log = f"[{name}] INFO bake - hot\n[{name}] INFO bake - done\n"

    assert not [trace for trace in traces_of(log) if trace.spans]
    assert all("request_id" not in record.fields for record in records_of(log))
