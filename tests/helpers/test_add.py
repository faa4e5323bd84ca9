"""`kit helpers add`."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from tests.helpers.kit import TRACED, Kit, replace
from tracing_starter_kit.kit.helpers.catalogue import catalogue
from tracing_starter_kit.kit.helpers.stamp import LINE, split_stamp, stamp_of


def test_a_copy_is_the_helper_below_one_line_with_version_source_and_hash(
    kit: Kit,
) -> None:
    folder = kit.add("traced")

    first, _, content = (folder / "traced.py").read_text().partition("\n")
    assert LINE.fullmatch(first)
    assert first.startswith("# tracing-starter-kit 0.1.0 instrumentation/traced.py sha")
    assert content == catalogue()["traced"].text


def test_the_stamps_of_all_helpers_fit_a_line() -> None:
    assert [h for h in catalogue().values() if len(str(stamp_of(h))) > 88] == []
    assert len(catalogue()) >= 14


def test_the_folder_becomes_a_package(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.add("traced", "logs")
    monkeypatch.syspath_prepend(kit.project)

    assert (kit.project / "shop" / "__init__.py").read_text() == ""
    assert importlib.util.find_spec("shop.tracing.logs")
    for name in ("shop", "shop.tracing"):
        sys.modules.pop(name, None)


def test_a_folder_of_sources_is_not_made_a_package(kit: Kit) -> None:
    answer = kit.run("add", "traced", "--into", "src/shop/tracing")

    assert "from shop.tracing.traced import span, traced" in answer.out
    assert not (kit.project / "src" / "__init__.py").exists()
    assert (kit.project / "src" / "shop" / "__init__.py").exists()


def test_an_init_file_of_the_users_stays_as_it_is(kit: Kit) -> None:
    init = kit.write("shop/tracing/__init__.py", "MINE = 1\n")
    kit.add("traced")

    assert init.read_text() == "MINE = 1\n"


def test_a_flat_folder_gets_the_file_alone(kit: Kit) -> None:
    answer = kit.run("add", "traced", "--here")

    assert "from traced import span, traced" in answer.out
    names = {path.name for path in kit.project.iterdir()}
    assert names == {"traced.py", ".kit-helpers"}


@pytest.mark.parametrize("name", ["traced", "traced.py"])
def test_a_helper_may_be_named_as_its_file(kit: Kit, name: str) -> None:
    kit.add(name)

    assert (kit.project / "shop" / "tracing" / "traced.py").exists()


def test_an_unknown_name_is_answered_with_those_there_are(kit: Kit) -> None:
    answer = kit.run("add", "trace", "--here")

    assert answer.status == 1
    assert answer.err == "There is no helper trace: choose from logs, traced.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name the package for the helpers, such as --into shop/tracing"),
        (["--here", "--into", "shop"], "--here and --into exclude each other"),
        (["--into", "my-shop/tracing"], "my-shop/tracing cannot be imported"),
        (["--into", "."], ". cannot be imported as a package"),
    ],
)
def test_a_folder_that_will_not_do_is_named(
    kit: Kit, arguments: list[str], sentence: str
) -> None:
    answer = kit.run("add", "traced", *arguments)

    assert answer.status == 1
    assert sentence in answer.err


def test_the_folder_in_use_need_not_be_named_again(kit: Kit) -> None:
    folder = kit.add("traced")

    assert kit.run("add", "logs").status == 0
    assert (folder / "logs.py").exists()


def test_a_file_of_the_users_own_is_never_replaced(kit: Kit) -> None:
    mine = kit.write("shop/tracing/logs.py", "MINE = 1\n")
    answer = kit.run("add", "traced", "logs", "--into", "shop/tracing")

    assert answer.status == 1
    assert "was not written by `kit helpers`: rename it" in answer.err
    assert mine.read_text() == "MINE = 1\n"
    assert not (mine.parent / "traced.py").exists(), "all or nothing"


def test_a_changed_copy_is_never_replaced(kit: Kit) -> None:
    copy = kit.add("traced") / "traced.py"
    replace(copy, "LIMIT = 10", "LIMIT = 20")
    answer = kit.run("add", "traced")

    assert answer.status == 1
    assert "and changed: `kit helpers update traced`" in answer.err
    assert "LIMIT = 20" in copy.read_text()


def test_a_copy_of_an_older_version_is_left_to_update(kit: Kit) -> None:
    kit.add("traced")
    kit.release("0.2.0")
    answer = kit.run("add", "traced")

    assert answer.status == 1
    assert "of version 0.1.0: `kit helpers update traced`" in answer.err


def test_the_same_version_again_changes_nothing(kit: Kit) -> None:
    copy = kit.add("traced") / "traced.py"
    before = copy.stat().st_mtime_ns
    answer = kit.run("add", "traced")

    assert answer.status == 0
    assert "Present  traced.py" in answer.out
    assert copy.stat().st_mtime_ns == before


def test_a_copy_made_by_hand_gets_its_stamp(kit: Kit) -> None:
    text = TRACED.replace("{version}", "0.1.0")
    copy = kit.write("shop/tracing/traced.py", text)
    kit.add("traced")

    stamp, content, _ = split_stamp(copy.read_text())
    assert stamp
    assert content == text


def test_a_dry_run_writes_nothing(kit: Kit) -> None:
    answer = kit.run("add", "traced", "--into", "shop/tracing", "--dry-run")

    assert "Would write  shop/tracing/traced.py" in answer.out
    assert list(kit.project.iterdir()) == []


def test_the_packages_of_all_are_one_line(kit: Kit) -> None:
    answer = kit.run("add", "traced", "logs", "--here")

    line = "  pip install opentelemetry-api~=1.45 opentelemetry-sdk~=1.45"
    assert line in answer.out.splitlines()
    assert "  logs.py: send_logs() also: requests~=2.32." in answer.out.splitlines()


def test_the_report_can_be_read_by_a_program(kit: Kit) -> None:
    report = kit.run("add", "traced", "--here", "--json").json

    assert report["written"] == ["traced.py"]
    assert report["pip"] == "pip install opentelemetry-api~=1.45"
    assert report["places"][0]["where"] == "where you need it"


def test_a_folder_that_cannot_be_written_is_one_sentence(kit: Kit) -> None:
    kit.write("shop", "not a folder\n")
    answer = kit.run("add", "traced", "--into", "shop/tracing")

    assert answer.status == 1
    assert "shop" in answer.err
    assert "Traceback" not in answer.err


def test_the_copies_are_found_from_another_folder(kit: Kit, tmp_path: Path) -> None:
    kit.add("traced")
    os.chdir(tmp_path)
    answer = kit.run("list", "--in", str(kit.project), "--json")

    copies = {helper["name"]: helper["copies"] for helper in answer.json["helpers"]}
    assert copies["logs"] == []
    assert copies["traced"] == [
        {
            "file": "shop/tracing/traced.py",
            "version": "0.1.0",
            "is_changed": False,
            "is_behind": False,
        }
    ]
