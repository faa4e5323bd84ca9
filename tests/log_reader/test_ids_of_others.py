"""Trace ids, levels and escapes as other tools write them."""

from __future__ import annotations

import json

import pytest

from tests.log_reader.reading import only_trace, records_of, tree

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "fields",
    [
        {
            "logging.googleapis.com/trace": f"projects/shop/traces/{TRACE}",
            "logging.googleapis.com/spanId": SPAN,
        },
        {"@tr": TRACE, "@sp": SPAN},
        {"trace.id": TRACE, "span.id": SPAN},
        {"xray_trace_id": f"1-{TRACE[:8]}-{TRACE[8:]}", "span_id": SPAN},
    ],
)
def test_a_line_is_in_the_trace_that_it_names(fields: dict[str, str]) -> None:
    line = {"time": "2026-11-24T08:00:00Z", "level": "info", "msg": "hot"}
    (record,) = records_of(json.dumps(line | fields) + "\n")

    assert (record.trace_id, record.span_id) == (TRACE, SPAN)


def test_lines_with_an_id_of_datadog_are_joined() -> None:
    ids = "dd.trace_id=11803532876627986230 dd.span_id=67667974448284343"
    log = f"""\
2026-11-24 08:00:00,000 INFO [bake] [{ids}] - kneading
2026-11-24 08:00:01,000 INFO [bake] [{ids}] - baking
"""
    assert len(only_trace(log).records) == 2


@pytest.mark.parametrize(
    ("level", "severity"), [("INFO", 9), ("WARN", 13), ("ERRO", 17), ("FATA", 21)]
)
def test_logrus_cuts_its_levels(level: str, severity: int) -> None:
    (record,) = records_of(f"{level}[0007] no flour    oven=2\n")

    assert (record.severity, record.fields["oven"]) == (severity, 2)


@pytest.mark.parametrize(
    ("line", "message", "value"),
    [
        (r'[x@1 v="a\\b\"c\]"] hot', "hot", 'a\\b"c]'),
        ('[x@1 v="1"][y@1 w="2"]', "", "1"),
        ("- hot", "hot", None),
    ],
)
def test_the_escapes_of_syslog(line: str, message: str, value: str | None) -> None:
    (record,) = records_of(f"<11>1 2026-11-24T08:00:00Z h bake 7 id {line}\n")

    assert (record.format, record.service, record.message) == (
        "syslog",
        "bake",
        message,
    )
    assert record.fields.get("v") == value


def test_a_line_of_syslog_without_structured_data_keeps_its_text() -> None:
    (record,) = records_of("<11>1 2026-11-24T08:00:00Z h - 7 void Oven::hot(now)\n")

    assert (record.format, record.message) == ("syslog", "void Oven::hot(now)")


def test_the_activity_of_a_temporal_workflow_fails() -> None:
    run = "RunID 5b1c1f0a-6b1c-4f43-9d3a-0d6a1f3f6f10 Attempt 1"
    log = f"""\
2026/11/24 08:00:01 DEBUG ExecuteActivity WorkflowID bake-7 {run}
2026/11/24 08:00:02 ERROR Activity error. WorkflowID bake-7 {run} Error no flour
"""
    assert "✗ 1.00 s" in tree(only_trace(log))[0]
