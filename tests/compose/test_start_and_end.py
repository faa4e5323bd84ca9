"""The composed system: up, up again, taken ports, rights and memory."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import requests

from tests.compose.stack import Stack
from tests.contract.contract import missing
from tracing_starter_kit.kit.settings import ROOT, read_env_file

pytestmark = pytest.mark.timeout(600)
MIB = 1 << 20
# Jaeger's page cache counts as its memory, but is freed on demand.
MOST_MEMORY = 1536 * MIB


def test_the_first_order_is_shown_with_both_addresses(stack: Stack) -> None:
    *_, jaeger, viewer = stack.logs("first-order").splitlines()

    assert f"In Jaeger     {stack.url('JAEGER_PORT', '/trace/')}" in jaeger
    assert f"Open it       {stack.url('COMPOSED_VIEWER_PORT', '/trace/')}" in viewer


def test_jaegers_links_lead_to_this_viewer_and_to_the_repository(stack: Stack) -> None:
    settings = json.loads(stack.inside("jaeger", "cat", "/tmp/jaeger-ui.json"))
    urls = [link["url"] for link in settings["linkPatterns"]]

    viewer = stack.url("COMPOSED_VIEWER_PORT", "/trace/")
    repository = read_env_file(ROOT / ".env")["REPOSITORY_URL"]
    assert [url for url in urls if url.startswith(viewer)] == urls[:2]
    assert urls[2].startswith(f"{repository}/blob/#{{vcs.ref.head.revision}}/")


def test_up_twice_is_the_same_as_once(stack: Stack) -> None:
    before, output = container_ids(stack), stack.logs("first-order")

    stack.up()

    assert container_ids(stack) == before
    assert stack.logs("first-order") == output


def test_a_restart_of_all_sends_no_second_first_order(stack: Stack) -> None:
    orders = count_orders(stack)

    stack.compose("restart", "first-order")
    stack.up()

    assert count_orders(stack) == orders


def test_the_doctor_accepts_the_running_system(stack: Stack) -> None:
    doctor = stack.run(
        ".venv/bin/python", "-m", "tracing_starter_kit", "doctor", "compose"
    )

    assert doctor.returncode == 0, doctor.stderr


def test_a_taken_port_is_named_before_anything_starts(stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        other = replace(
            stack, project="kit-test-other", ports={**stack.ports, "JAEGER_PORT": port}
        )
        start = other.run("make", "compose")

    assert start.returncode != 0
    assert f"Port {port} (JAEGER_PORT) is in use by" in start.stderr
    assert other.leftovers() == []


def test_everything_listens_on_this_machine_only(stack: Stack) -> None:
    addresses = {
        binding["HostIp"]
        for container in stack.containers().values()
        for bindings in (container["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings
    }

    assert addresses == {"127.0.0.1"}


@pytest.mark.parametrize("setting", ["ReadonlyRootfs", "Init"])
def test_every_container_is_locked_down(stack: Stack, setting: str) -> None:
    containers = stack.containers()

    assert [n for n, c in containers.items() if not c["HostConfig"][setting]] == []


def test_no_program_runs_as_root(stack: Stack) -> None:
    """Except docker-init, which only forwards signals."""
    programs = stack.compose("top").splitlines()

    roots = [line for line in programs if line.startswith("root")]

    assert [line for line in roots if "/sbin/docker-init -- " not in line] == []


def test_every_container_that_stays_is_healthy(stack: Stack) -> None:
    states = {
        name: each["State"].get("Health", {}).get("Status", each["State"]["Status"])
        for name, each in stack.containers().items()
    }

    assert states.pop("databases") == "exited"
    assert set(states.values()) == {"healthy"}


def test_no_service_can_read_the_tables_of_another(stack: Stack) -> None:
    address = "postgresql://gateway:demo-gateway@127.0.0.1/billing"
    psql = ("docker", "compose", "exec", "--no-TTY", "postgres", "psql", address)
    listing = stack.run(*psql, "--command", "\\dt")

    assert 'permission denied for database "billing"' in listing.stderr


def test_the_viewer_shows_the_code_that_ran(stack: Stack) -> None:
    trace_id = stack.order().json()["trace_id"]
    span, *_ = stack.await_spans(
        trace_id, lambda spans: missing(spans, "order"), "COMPOSED_VIEWER_PORT"
    )
    address = f"/api/x/traces/{trace_id}/spans/{span.span_id}/source"

    source = requests.get(stack.url("COMPOSED_VIEWER_PORT", address), timeout=10).json()

    assert (source["shown"], source["note"]) == ("recorded", None)
    assert source["path"] == span.attributes["code.file.path"]


def test_the_system_fits_into_a_gigabyte_and_a_half(stack: Stack) -> None:
    for _ in range(100):
        stack.order()
    sizes = stack.memory()

    print("\nAfter 100 orders, with", stack.image("jaeger"))
    starts = {name: started(each) for name, each in stack.containers().items()}
    for name in sorted(sizes, key=lambda name: starts[name]):
        after = (starts[name] - min(starts.values())).total_seconds()
        print(f"  started after {after:5.1f} s, holds {size(sizes[name])}: {name}")
    print(f"  all together hold {size(sum(sizes.values()))}")
    assert sum(sizes.values()) <= MOST_MEMORY


def container_ids(stack: Stack) -> dict[str, str]:
    return {name: each["Id"] for name, each in stack.containers().items()}


def count_orders(stack: Stack) -> int:
    return int(stack.sql("billing", "SELECT count(*) FROM orders")[0][0])


def started(container: dict[str, Any]) -> datetime:
    """Return the start time of a container, to the microsecond."""
    return datetime.fromisoformat(container["State"]["StartedAt"][:26] + "+00:00")


def size(bytes_: float) -> str:
    return f"{bytes_ / MIB:7.1f} MiB"
