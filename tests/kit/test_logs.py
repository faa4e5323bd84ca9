"""`kit logs` from the command line: into a real viewer, into a file, and its errors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.system.demo import await_
from tests.viewer.program import Program, running
from tracing_starter_kit.kit.cli import main
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.traces import web

LOG = str(ROOT / "tracing_starter_kit" / "workshop" / "logs" / "tasks.log")
DOC = (ROOT / "docs" / "logs.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", DOC, re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with running(tmp_path_factory.mktemp("viewer")) as program:
        yield program


@pytest.fixture
def ports(viewer: Program, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make the viewer of these tests the local one."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    ports = {
        "VIEWER_PORT": str(viewer.ports["http_port"]),
        "OTLP_HTTP_PORT": str(viewer.ports["otlp_http_port"]),
    }
    for name, port in ports.items():
        monkeypatch.setenv(name, port)
    return ports


def logs(*arguments: object) -> int:
    return main(["logs", *map(str, arguments)])


def test_the_workshops_log_is_in_the_viewer(
    viewer: Program, ports: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert logs(LOG) == 0

    output = capsys.readouterr().out
    assert "Made         4 traces, 2 failed, 11 spans, 10 log records" in output
    assert f"Open them    {viewer.page}/?service=tasks" in output
    links = re.findall(r"/trace/([0-9a-f]{32})", output)
    assert len(links) == 4
    assert len(web.get_json(f"{viewer.page}/api/x/traces/{links[0]}")["spans"]) == 3


def test_a_log_that_is_read_twice_is_stored_once(
    viewer: Program, ports: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    logs(LOG)
    (trace_id, *_) = re.findall(r"/trace/([0-9a-f]{32})", capsys.readouterr().out)
    logs(LOG)

    spans = web.get_json(f"{viewer.page}/api/x/traces/{trace_id}")["spans"]
    url = f"{viewer.page}/api/x/traces/{trace_id}/spans/{spans[2]['id']}"

    assert len(spans) == 3
    assert [log["body"] for log in requests.get(url, timeout=10).json()["logs"]] == [
        "Task timed out after 6.01 seconds task=72"
    ]


def test_a_file_has_a_request_of_otlp_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "traces.jsonl"

    assert logs(LOG, "--output", file) == 0

    spans, records = map(json.loads, file.read_text().splitlines())
    (group,) = spans["resourceSpans"]
    assert len(group["scopeSpans"][0]["spans"]) == 11
    assert len(records["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) == 10
    assert f"Written to   {file}, as OTLP/JSON lines" in capsys.readouterr().out


def test_an_existing_file_is_overwritten_in_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If it were removed first, `--output /dev/null` would delete the device."""
    file = tmp_path / "traces.jsonl"
    file.write_text("old\n" * 100_000)
    before = file.stat().st_ino

    logs(LOG, "--output", file)

    assert file.stat().st_ino == before
    assert "old" not in file.read_text()


def test_the_log_itself_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, link = tmp_path / "app.log", tmp_path / "link"
    log.write_text("hello\n")
    link.symlink_to(log)

    assert logs(log, "--output", link) == 1

    assert log.read_text() == "hello\n"
    assert "is the log itself and would be overwritten" in capsys.readouterr().err


def test_a_long_log_goes_on_in_another_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, file = tmp_path / "long.log", tmp_path / "traces.jsonl"
    lines = [f"2026-11-24T08:00:00Z line {n}\n" for n in range(30_000)]
    log.write_text("".join(lines))

    assert logs(log, "--output", file, "--json") == 0

    written = [
        record["body"]["stringValue"]
        for line in file.read_text().splitlines()
        for record in json.loads(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    ]
    assert written == [f"line {n}" for n in range(30_000)]
    assert json.loads(capsys.readouterr().out)["kept"] == 30_000


def test_a_long_log_arrives_in_the_viewer_whole(
    viewer: Program,
    ports: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = tmp_path / "many.log"
    log.write_text(
        "".join(f"2026-11-24T08:00:00Z started task={n}\n" for n in range(1, 12_001))
    )
    before = viewer.status()["spans"]

    assert logs(log, "--show", 0) == 0

    assert "12,000 spans" in capsys.readouterr().out
    await_(
        lambda: viewer.status()["spans"] - before,
        lambda arrived: arrived >= 12_000,
        lambda arrived: f"{arrived} of 12,000 spans",
    )
    assert viewer.status()["spans"] - before == 12_000


def test_traces_on_standard_output_leave_the_account_to_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert logs(LOG, "--output", "-") == 0

    captured = capsys.readouterr()
    assert [*map(json.loads, captured.out.splitlines())]
    assert "Recognised" in captured.err


def test_json_has_all_numbers_and_where_to_look(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    logs(LOG, "--json", "--output", tmp_path / "x")

    report = json.loads(capsys.readouterr().out)
    assert (report["traces"], report["failed"], report["kept"]) == (4, 2, 0)
    assert report["formats"] == {"time and text": 10}
    assert report["most_skew_ms"] == 2094


def test_without_a_viewer_the_error_names_the_next_step(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    unused_port: int,
) -> None:
    monkeypatch.setenv("OTLP_HTTP_PORT", str(unused_port))
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)

    assert logs(LOG) == 1

    assert capsys.readouterr().err == (
        f"http://127.0.0.1:{unused_port} does not answer (Connection refused). Start "
        "the viewer (kit viewer, or make demo), or write the traces to a file: "
        "--output traces.jsonl.\n"
    )


def test_an_endpoint_that_takes_no_otlp_is_said(
    viewer: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    assert logs(LOG, "--endpoint", viewer.page) == 1

    error = capsys.readouterr().err
    assert re.search(r"/v1/traces answered 40\d: .* it is an OTLP/HTTP endpoint", error)


def test_another_endpoint_has_no_page_to_open(
    viewer: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    assert logs(LOG, "--endpoint", viewer.otlp, "--show", 0) == 0

    assert f"Sent to      {viewer.otlp}" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "darwin", reason="it has no such names")
def test_a_file_name_need_not_be_utf8(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    viewer: Program,
    ports: dict[str, str],
) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.log")
    Path(name).write_text("2026-11-24T08:00:00Z started task=7\n")

    assert logs(name) == 0
    assert logs(name, "--output", tmp_path / "o", "--service", "caf\udce9") == 0

    output = capsys.readouterr().out
    assert f"{tmp_path}/caf\\xe9.log" in output
    assert r'"stringValue":"caf\\xe9"' in (tmp_path / "o").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it has no such device")
@pytest.mark.parametrize("lines", [1, 20_000])
def test_a_full_disk_is_one_sentence(
    lines: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "app.log"
    log.write_text("2026-11-24T08:00:00Z hello\n" * lines)

    assert logs(log, "--output", "/dev/full") == 1

    assert capsys.readouterr().err == (
        "/dev/full cannot be written: No space left on device. Name another --output.\n"
    )


def test_a_log_does_not_command_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "a\x1b[2Jb.log"
    log.write_text(
        "2026-11-24T08:00:00Z started task=7 task_name=a\x1b]0;title\x07b\n"
        "2026-11-24T08:00:01Z failed\x9b1m\u202e: \x08no card task=7\n"
        "2026-11-24T08:00:02Z started order=a\x1b]0;1\x07b\n"
    )

    assert logs(log, "--output", tmp_path / "o", "--id", r"order=(\S+)") == 0

    output = capsys.readouterr().out
    assert "\\x1b" in output
    assert [c for c in output if not c.isprintable() and c != "\n"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no.log"], "no.log cannot be read: No such file or directory. Give the path"),
        (
            ["x", "--endpoint", "viewer"],
            "--endpoint viewer is not an address: write http",
        ),
        (
            ["x", "--endpoint", "http://h:abc"],
            "--endpoint http://h:abc is not an address",
        ),
        (
            ["x", "--endpoint", "http://[::1"],
            "--endpoint http://[::1 is not an address",
        ),
        (
            ["x", "--endpoint", "http://a..b"],
            "--endpoint http://a..b is not an address",
        ),
        (
            ["x", "--endpoint", "http://h:1/ä"],
            "--endpoint http://h:1/ä is not an address",
        ),
        (["x", "--pattern", "x"], "--pattern needs a group named message"),
        (["x", "--id", "(a)(b)"], "needs one group around the id"),
        (
            ["x", "--output", "no/x"],
            "no/x cannot be written: No such file or directory.",
        ),
    ],
)
def test_an_error_is_one_sentence(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("hello\n")
    to = [] if "--endpoint" in arguments or "--output" in arguments else ["--output=o"]

    assert logs(*arguments, *to) == 1

    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1


def test_an_empty_log_is_said_to_be_empty(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("")

    assert logs(tmp_path / "x", "--output", tmp_path / "o") == 1
    assert "the log has no lines" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--timezone=Mars", "--date=tomorrow"])
def test_an_invalid_zone_or_date_is_named(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        logs(LOG, option)

    assert re.search(r"'\w+' is not a (time zone|date):", capsys.readouterr().err)


def test_the_help_and_the_document_name_every_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        logs("--help")

    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    hidden = {"--help", "--show", "--service", "--endpoint"}
    assert options - hidden <= set(re.findall(r"--[a-z-]+", DOC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the logs that the document names."""
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "tracing_starter_kit").symlink_to(ROOT / "tracing_starter_kit")
    line = "2026-11-24T08:00:00Z started task=7 order_id=A7 parcel P1\n"
    for name in ("app.log", "app.log.1", "web.log", "worker.log", "orders.log"):
        (tmp_path / name).write_text(line)
    (tmp_path / "legacy.log").write_text("24.11.2026 08:00:00 <W> no stock\n")
    return tmp_path


@pytest.mark.parametrize("command", [c for c in COMMANDS if "viewer" not in c])
def test_a_command_of_the_document_works(
    command: str, folder: Path, ports: dict[str, str]
) -> None:
    answer = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=os.environ | ports,
        capture_output=True,
        text=True,
    )

    assert answer.returncode == 0, answer.stderr
    assert "Made " in answer.stdout or json.loads(answer.stdout)["lines"] == 1


def test_the_command_prints_the_documents_example(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    logs("tracing_starter_kit/workshop/logs/tasks.log", "--output", "traces.jsonl")

    (example,) = re.findall(r"```text\n(.*?)```", DOC, re.DOTALL)
    assert capsys.readouterr().out == example


@pytest.mark.parametrize(
    ("options", "is_noted"), [([], True), (["--timezone=UTC"], False)]
)
def test_an_assumed_zone_is_noted_unless_an_option_sets_it(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    is_noted: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    log = tmp_path / "app.log"
    log.write_text("2019-01-25 01:30:23,743 started task=1\n")

    main(["logs", str(log), "--output", str(tmp_path / "out.jsonl"), *options])

    assert ("Time zone" in capsys.readouterr().out) is is_noted
