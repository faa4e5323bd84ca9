"""The traces of the services, all in one process, compared with the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.contract.code_lines import check_code
from tests.contract.contract import check, service_of_code
from tests.contract.conventions import complaints, names_in
from tests.contract.played import REPOSITORY, Played, play
from tracing_starter_kit.traces.spans import Span


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The scenarios, played once."""
    return play(tmp_path_factory.mktemp("one_process"))


def named(spans: Sequence[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


@pytest.mark.parametrize(
    "name", ["order", "declined order", "order with the broker down"]
)
def test_the_trace_of_an_order_is_as_in_the_contract(played: Played, name: str) -> None:
    values = {"order": played.order(name), "customer": "c-ada", "tenant": "t-alpine"}

    check(played.spans(name), name, values=values, service_of=service_of_code)


def test_the_trace_of_the_nightly_run_is_as_in_the_contract(played: Played) -> None:
    check(played.spans("nightly run"), "nightly run", service_of=service_of_code)


def test_a_span_leads_to_a_line_of_the_function_that_it_names(played: Played) -> None:
    assert check_code(played.all_spans, REPOSITORY) == []


def test_only_requests_start_traces(played: Played) -> None:
    assert Counter(played.document["roots"]) == {
        "POST /orders": 6,
        "POST /statements": 1,
    }


def test_no_baggage_is_sent_to_the_card_network(played: Played) -> None:
    headers = played.document["headers"]

    assert len(headers) >= 6
    assert not [header for header in headers if "baggage" in header]


def test_a_repeated_delivery_has_an_attempt_number_and_a_state(played: Played) -> None:
    spans = played.spans("retried receipt")

    tasks = named(spans, "process notifications.deliver_receipt")
    attempts = [
        (task.attributes["kit.task.attempt"], task.attributes["kit.task.state"])
        for task in tasks
    ]
    assert attempts == [(1, "RETRY"), (2, "SUCCESS")]


def test_a_scheduled_delay_does_not_count_as_time_in_the_queue(played: Played) -> None:
    first, second = named(
        played.spans("retried receipt"), "process notifications.deliver_receipt"
    )

    assert "kit.queue.scheduled_delay_ms" not in first.attributes
    assert second.attributes["kit.queue.scheduled_delay_ms"] == pytest.approx(
        250, abs=60
    )
    assert second.attributes["kit.queue.duration_ms"] < 2_000


def test_only_the_last_attempt_of_a_failed_receipt_is_an_error(
    played: Played,
) -> None:
    spans = played.spans("receipt given up")

    tasks = named(spans, "process notifications.deliver_receipt")
    assert [task.status for task in tasks] == ["UNSET", "UNSET", "UNSET", "ERROR"]
    assert [event.name for event in tasks[-1].events] == ["exception"]


def test_every_attempt_at_the_card_network_has_a_span(played: Played) -> None:
    attempts = named(played.spans("flaky card"), "attempt")

    assert [span.attributes["shop.charge.attempt"] for span in attempts] == [1, 2]


def test_every_attribute_name_is_a_current_conventions_or_ours(
    played: Played,
) -> None:
    assert complaints(names_in(played.all_spans)) == []
