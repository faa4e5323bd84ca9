"""`kit helpers diff` and `kit helpers update`: the user's changes live."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.helpers.kit import LOGS, TRACED, Kit, replace
from tracing_starter_kit.kit.helpers.stamp import split_stamp

# A release that changes `span`, far from the limit that users change.
CHANGED = TRACED.replace("return name", "return name.strip()")
WITH_COMPANION = CHANGED.replace("Needs:", "Needs beside it: logs.py\nNeeds:")


def version_of(copy: Path) -> str:
    stamp, _, _ = split_stamp(copy.read_text())
    assert stamp
    return stamp.version


@pytest.fixture
def copy(kit: Kit) -> Path:
    """A copy of 0.1.0 that its owner changed."""
    path = kit.add("traced") / "traced.py"
    replace(path, "LIMIT = 10", "LIMIT = 20  # ours")
    return path


def test_without_a_copy_the_first_step_is_said(kit: Kit) -> None:
    for command in ("diff", "update"):
        answer = kit.run(command)

        assert answer.status == 1
        assert "`kit helpers add NAME --into FOLDER` makes one." in answer.err


def test_diff_shows_the_users_changes_and_the_kits_apart(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=CHANGED)
    answer = kit.run("diff")

    assert (
        "shop/tracing/traced.py: 0.1.0, changed here; the kit has 0.2.0" in answer.out
    )
    here, _, upstream = answer.out.partition("Changed in the kit")
    assert "+LIMIT = 20  # ours" in here
    assert "+LIMIT" not in upstream
    assert "+    return name.strip()" in upstream
    assert "strip" not in here


def test_diff_of_a_copy_as_it_came_is_one_line(kit: Kit) -> None:
    kit.add("traced")

    assert kit.run("diff").out == "shop/tracing/traced.py: 0.1.0\n"


def test_diff_as_json_has_both_parts(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=CHANGED)
    (report,) = kit.run("diff", "--json").json["helpers"]

    assert "LIMIT = 20" in report["here"]
    assert "strip" in report["upstream"]


@pytest.mark.usefixtures("merging")
def test_update_keeps_the_users_changes(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=CHANGED)
    answer = kit.run("update")

    assert answer.status == 0, answer
    assert "merged  shop/tracing/traced.py: 0.1.0 to 0.2.0, your changes" in answer.out
    text = copy.read_text()
    assert "LIMIT = 20  # ours" in text
    assert "return name.strip()" in text
    assert version_of(copy) == "0.2.0"


def test_a_copy_as_it_came_is_replaced(kit: Kit) -> None:
    copy = kit.add("traced") / "traced.py"
    kit.release("0.2.0", traced=CHANGED)

    assert "replaced" in kit.run("update").out
    assert split_stamp(copy.read_text())[1] == CHANGED.replace("{version}", "0.2.0")


def test_a_second_update_has_nothing_to_do(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=CHANGED)
    kit.run("update")
    before = copy.read_text()
    answer = kit.run("update")

    assert answer.status == 0
    assert "0.2.0 is the kit's version" in answer.out
    assert copy.read_text() == before


def test_changes_live_through_many_versions(kit: Kit, copy: Path) -> None:
    for number in range(2, 6):
        text = CHANGED.replace("Trace a block.", f"Trace a block, {number}.")
        kit.release(f"0.{number}.0", traced=text)

        assert kit.run("update").status == 0
    assert "LIMIT = 20  # ours" in copy.read_text()
    assert "Trace a block, 5." in copy.read_text()
    bases = list((copy.parent / ".kit-helpers").glob("traced.*"))
    assert len(bases) == 1, "older pristine texts are removed"


@pytest.mark.usefixtures("merging")
def test_a_conflict_is_marked_and_the_status_says_so(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=TRACED.replace("LIMIT = 10", "LIMIT = 50"))
    answer = kit.run("update")

    assert answer.status == 1
    assert "1 conflict: look for <<<<<<<" in answer.out
    assert (
        "<<<<<<< yours\n"
        "LIMIT = 20  # ours\n"
        "=======\n"
        "LIMIT = 50\n"
        ">>>>>>> tracing-starter-kit 0.2.0\n"
    ) in copy.read_text()


def test_unresolved_conflicts_are_left_alone(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=TRACED.replace("LIMIT = 10", "LIMIT = 50"))
    kit.run("update")
    before = copy.read_text()
    kit.release("0.3.0", traced=CHANGED)
    answer = kit.run("update")

    assert answer.status == 1
    assert "holds conflicts of an earlier update: resolve them first" in answer.out
    assert copy.read_text() == before


def test_after_a_conflict_was_resolved_updates_go_on(kit: Kit, copy: Path) -> None:
    text = TRACED.replace("LIMIT = 10", "LIMIT = 50")
    kit.release("0.2.0", traced=text)
    kit.run("update")
    conflict = copy.read_text()
    start, end = conflict.index("<<<<<<<"), conflict.index(">>>>>>>")
    line_end = conflict.index("\n", end) + 1
    copy.write_text(conflict[:start] + "LIMIT = 35\n" + conflict[line_end:])
    kit.release("0.3.0", traced=text.replace("return name", "return name.strip()"))

    assert kit.run("update").status == 0
    assert "LIMIT = 35" in copy.read_text()
    assert "name.strip()" in copy.read_text()


def test_a_dry_run_says_it_and_writes_nothing(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=TRACED.replace("LIMIT = 10", "LIMIT = 50"))
    before = copy.read_text()
    answer = kit.run("update", "--dry-run")

    assert answer.status == 1
    assert "1 conflict" in answer.out
    assert "Nothing was written" in answer.out
    assert copy.read_text() == before


def test_only_the_named_copies_are_updated(kit: Kit) -> None:
    folder = kit.add("traced", "logs")
    kit.release("0.2.0")
    kit.run("update", "logs")

    assert version_of(folder / "logs.py") == "0.2.0"
    assert version_of(folder / "traced.py") == "0.1.0"


def test_a_missing_base_is_said_with_a_way_on(kit: Kit, copy: Path) -> None:
    pristine = kit.write("old.py", TRACED.replace("{version}", "0.1.0"))
    shutil.rmtree(copy.parent / ".kit-helpers")
    kit.release("0.2.0", traced=CHANGED)
    before = copy.read_text()
    answer = kit.run("update")

    assert answer.status == 1
    assert "The pristine traced.py of version 0.1.0 is missing" in answer.out
    assert copy.read_text() == before
    assert kit.run("update", "traced", "--base", str(pristine)).status == 0
    assert "LIMIT = 20" in copy.read_text()
    assert "name.strip()" in copy.read_text()


def test_a_wrong_base_is_refused(kit: Kit, copy: Path) -> None:
    wrong = kit.write("old.py", CHANGED)
    answer = kit.run("update", "traced", "--base", str(wrong))

    assert answer.status == 1
    assert "is not the text that traced.py was copied from" in answer.err


def test_a_base_that_was_changed_counts_as_missing(kit: Kit, copy: Path) -> None:
    (base,) = (copy.parent / ".kit-helpers").glob("traced.*")
    replace(base, "LIMIT", "BOUND")
    kit.release("0.2.0", traced=CHANGED)

    assert "is missing in .kit-helpers/" in kit.run("update").out
    assert "is missing in .kit-helpers/" in kit.run("diff").out


def test_without_changes_no_base_is_needed(kit: Kit) -> None:
    copy = kit.add("traced") / "traced.py"
    shutil.rmtree(copy.parent / ".kit-helpers")
    kit.release("0.2.0", traced=CHANGED)

    assert kit.run("update").status == 0
    assert version_of(copy) == "0.2.0"


def test_a_copy_is_known_without_its_stamp_and_under_another_name(
    kit: Kit, copy: Path
) -> None:
    copy.write_text(copy.read_text().partition("\n")[2])
    other = kit.add("logs") / "logs.py"
    other.rename(other.with_name("shop_logs.py"))
    kit.release("0.2.0", traced=CHANGED)

    assert kit.run("update").status == 0
    assert version_of(copy) == "0.2.0"
    assert "LIMIT = 20" in copy.read_text()
    assert version_of(other.with_name("shop_logs.py")) == "0.2.0"


def test_a_copy_of_a_newer_kit_is_left_alone(kit: Kit) -> None:
    kit.release("0.10.0", traced=CHANGED)
    copy = kit.add("traced") / "traced.py"
    kit.release("0.9.0")
    answer = kit.run("update")

    assert answer.status == 1
    assert "0.10.0 is newer than this kit (0.9.0)" in answer.out
    assert version_of(copy) == "0.10.0"


def test_a_helper_that_became_two_is_said(kit: Kit) -> None:
    kit.add("logs")
    whole, part = LOGS.split("\n\ndef send_logs")
    delivery = LOGS.split('"""\n\n\n')[0] + '"""\n\n\ndef send_logs' + part
    kit.release("0.2.0", logs=f"{whole}\n", log_delivery=delivery)
    sentence = (
        "send_logs has moved from logs.py to log_delivery.py: "
        "`kit helpers add log_delivery` brings it."
    )

    assert sentence in kit.run("diff").out
    assert sentence in kit.run("update").out


def test_a_companion_that_is_new_is_added(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=WITH_COMPANION)
    answer = kit.run("update")

    assert answer.status == 0
    assert "logs.py is new beside it." in answer.out
    assert version_of(copy.with_name("logs.py")) == "0.2.0"
    assert "LIMIT = 20" in copy.read_text()


def test_a_file_of_the_users_in_the_place_of_a_companion_is_left_alone(
    kit: Kit, copy: Path
) -> None:
    mine = kit.write("shop/tracing/logs.py", "MINE = 1\n")
    before = copy.read_text()
    kit.release("0.2.0", traced=WITH_COMPANION)
    answer = kit.run("update")

    assert answer.status == 1
    assert "now needs logs.py beside it, and yours is another: rename it" in answer.out
    assert (mine.read_text(), copy.read_text()) == ("MINE = 1\n", before)


def test_a_companion_is_added_and_updated_with_its_helper(kit: Kit) -> None:
    kit.release("0.2.0", traced=WITH_COMPANION)
    folder = kit.add("traced")
    kit.release("0.3.0", traced=WITH_COMPANION)

    assert kit.run("update", "traced").status == 0
    assert version_of(folder / "logs.py") == "0.3.0"


def test_a_helper_that_was_renamed_is_said_and_its_copy_stays(kit: Kit) -> None:
    copy = kit.add("traced") / "traced.py"
    before = copy.read_text()
    kit.release("0.2.0", traced=None, spans=TRACED)
    answer = kit.run("update")

    assert answer.status == 0
    assert "the kit no longer has this helper; your copy stays" in answer.out
    assert "span, traced have moved from traced.py to spans.py" in answer.out
    assert copy.read_text() == before


@pytest.mark.parametrize("write", [1, 2, 3])
def test_an_interrupted_update_loses_nothing(
    kit: Kit, copy: Path, write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted in the middle of its first, second or third write."""
    kit.release("0.2.0", traced=CHANGED)
    writes = 0
    fsync = os.fsync

    def interrupt(descriptor: int) -> None:
        nonlocal writes
        writes += 1
        if writes == write:
            raise KeyboardInterrupt
        fsync(descriptor)

    before = copy.read_text()
    monkeypatch.setattr(os, "fsync", interrupt)
    assert kit.run("update").status == 130
    monkeypatch.undo()
    monkeypatch.chdir(kit.project)
    monkeypatch.setattr("tracing_starter_kit.kit.helpers.catalogue.HELPERS", kit.source)

    assert copy.read_text() == before
    assert not list(copy.parent.rglob("*.new"))
    assert kit.run("update").status == 0
    assert "LIMIT = 20" in copy.read_text()
    assert "name.strip()" in copy.read_text()


def test_line_ends_of_a_checkout_on_windows_stay(kit: Kit, copy: Path) -> None:
    copy.write_bytes(copy.read_bytes().replace(b"\n", b"\r\n"))
    kit.release("0.2.0", traced=CHANGED)

    assert kit.run("update").status == 0
    assert b"LIMIT = 20  # ours\r\n" in copy.read_bytes()
    assert copy.read_bytes().count(b"\n") == copy.read_bytes().count(b"\r\n")


def test_a_copy_that_is_executable_or_linked_stays_so(kit: Kit, copy: Path) -> None:
    real = kit.project.parent / "real.py"
    copy.rename(real)
    real.chmod(0o755)
    copy.symlink_to(real)
    kit.release("0.2.0", traced=CHANGED)

    assert kit.run("update").status == 0
    assert copy.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o755
    assert "name.strip()" in real.read_text()


def test_environments_and_hidden_folders_are_not_searched(kit: Kit) -> None:
    folder = kit.add("traced")
    for name in ("venv", ".cache", "node_modules"):
        shutil.copytree(folder, kit.project / name / "tracing")
    (kit.project / "venv" / "pyvenv.cfg").touch()

    reports = kit.run("diff", "--json").json["helpers"]
    assert [report["file"] for report in reports] == ["shop/tracing/traced.py"]


def test_update_as_json(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=CHANGED)
    (outcome,) = kit.run("update", "--json").json["helpers"]

    assert outcome["file"] == "shop/tracing/traced.py"
    assert outcome["result"] == "merged"


def test_list_says_what_is_behind(kit: Kit, copy: Path) -> None:
    kit.release("0.2.0", traced=CHANGED)
    answer = kit.run("list")

    line = "Here:  shop/tracing/traced.py, 0.1.0, changed here; the kit has 0.2.0"
    assert line in answer.out
