"""Lines that are pieces of one line, and lines behind the name of a container."""

from __future__ import annotations

import json

import pytest

from tests.log_reader.reading import only_trace, records_of, tree

START = {"time": "2026-11-24T08:00:00Z", "level": "info", "msg": "request started"}
END = {"time": "2026-11-24T08:00:02Z", "level": "error", "msg": "request failed"}
PAIR = [entry | {"request_id": "oven-1001"} for entry in (START, END)]


def docker(log: str, stream: str = "stdout") -> str:
    entry = {"log": log, "stream": stream, "time": "2026-11-24T08:00:09Z"}
    return json.dumps(entry, separators=(",", ":")) + "\n"


def test_dockers_cuts_make_one_record() -> None:
    whole = json.dumps(PAIR[1] | {"body": "x" * 40_000}) + "\n"
    pieces = [whole[at : at + 16_384] for at in range(0, len(whole), 16_384)]
    log = "".join(map(docker, [json.dumps(PAIR[0]) + "\n", *pieces]))

    trace = only_trace(log)

    assert tree(trace) == ["file1 server request ✗ 2.00 s request failed"]
    assert [record.lines for record in trace.records] == [1, 3]
    assert "\n".join(record.text for record in trace.records) + "\n" == log
    assert trace.records[1].level == "error"


def test_pieces_of_different_streams_stay_apart() -> None:
    log = docker("one, ") + docker("two\n", "stderr") + docker("three\n")

    messages = [record.message for record in records_of(log)]
    assert messages == ["one, ", "two", "three"]


def test_json_over_several_lines_is_one_record() -> None:
    log = "".join(json.dumps(entry, indent=2) + "\n" for entry in PAIR)

    trace = only_trace(log)

    assert tree(trace) == ["file1 server request ✗ 2.00 s request failed"]
    assert [record.lines for record in trace.records] == [6, 6]


@pytest.mark.parametrize(
    "log",
    [
        "{\n  not json\n}\n",
        "{\nnext line\n",
        "{\n",
        "{\n{\n}\n",
        "{\n" + "  1,\n" * 600,
        docker("no end") * 3,
        docker("no end") + "{\n",
        "2026-11-24T08:00:00Z stdout P half\n2026-11-24 08:00:01 other\n",
    ],
)
def test_pieces_that_do_not_fit_together_lose_no_line(log: str) -> None:
    records = records_of(log)

    assert "".join(record.text + "\n" for record in records) == log
    assert sum(record.lines for record in records) == log.count("\n")


def test_the_names_of_compose_are_services() -> None:
    log = """\
oven-1     | 2026-11-24 08:00:00,000 INFO oven.bake: request_id=oven-1001 started
counter-1  | 2026-11-24 08:00:00,500 ERROR counter: no flour
counter-1  | Traceback (most recent call last):
oven-1     | 2026-11-24 08:00:01,000 INFO oven.bake: request_id=oven-1001 done
counter-1  | KeyError: 'flour'
"""
    records = records_of(log)

    assert tree(only_trace(log)) == ["oven server request 1.00 s"]
    assert [record.service for record in records] == [
        "oven",
        "counter",
        "oven",
        "counter",
    ]
    assert [record.level for record in records[:3]] == ["INFO", "ERROR", "INFO"]


def test_a_level_before_a_bar_is_not_a_container() -> None:
    (record,) = records_of("INFO-1 | 2026-11-24 08:00:00,000 INFO oven: hot\n")
    assert record.service != "INFO"


def test_herokus_router_is_a_request_and_a_dyno_a_service() -> None:
    log = """\
2026-11-24T08:00:01.000000+00:00 heroku[router]: at=info method=GET path="/cakes" \
host=shop.example request_id=0b0d2cb3-7a1e-4f7c-9d43-6c4a0b1f2e3d dyno=web.1 \
connect=1ms service=46ms status=200 bytes=7
2026-11-24T08:00:02.000000+00:00 app[baker.1]: [2026-11-24 08:00:02,000: INFO/W-1] hot
"""
    assert tree(only_trace(log)) == ["router server GET /cakes 46 ms"]
    assert [r.service for r in records_of(log)] == ["router", "baker"]
