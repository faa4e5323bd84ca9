"""The code beside a span: the right file, revision and line, and nothing else."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from tests.viewer_api.conftest import Client
from tests.viewer_api.telemetry import CLIENT, sent, span
from tracing_starter_kit.viewer.api.app import build_api

PRICING = '''"""Prices."""

TEXT = """two
lines"""


@traced
def price(order):
    total = order.quantity * 100
    return total


class Basket:
    def charge(self):
        return requests.post("/charges")
'''
PRICE = {"path": "billing/pricing.py", "line": 9, "function": "billing.pricing.price"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A git repository with one commit, whose subfolder `src` may be shown."""
    source = tmp_path / "repository" / "src"
    (source / "billing").mkdir(parents=True)
    (source / "billing" / "pricing.py").write_text(PRICING)
    git(source.parent, "init", "--quiet")
    commit(source.parent)
    return source


def git(repository: Path, *words: str) -> str:
    outside = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    named = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    done = subprocess.run(
        ["git", "-C", str(repository), *who, *words],
        env=outside | named, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def commit(repository: Path) -> str:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "state")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def ask(site, session, store, settings, root, send):
    """Store a span with these code attributes and return what its source is."""
    site.app = build_api(store, replace(settings, source_roots=(root,)))
    client = Client(site.address, session)

    def ask(*, revision: str | None = None, **said: object) -> requests.Response:
        names = {
            "path": "file.path",
            "line": "line.number",
            "function": "function.name",
        }
        code = {f"code.{names[key]}": text for key, text in (PRICE | said).items()}
        resource = {"vcs.ref.head.revision": revision} if revision else {}
        given = {key: text for key, text in code.items() if text is not None}
        send(sent(span(kind=CLIENT, attributes=given), resource=resource))
        return client.get("/api/x/traces/1/spans/1/source")

    return ask


def plain(answer) -> list[str]:
    """The lines without their markup."""
    lines = [re.sub("<[^>]+>", "", line["html"]) for line in answer["lines"]]
    return [html.unescape(line) for line in lines]


def test_the_whole_file_with_the_line_and_its_function(ask) -> None:
    found = ask().json()

    assert (found["path"], found["line"]) == ("billing/pricing.py", 9)
    assert found["function"] == "billing.pricing.price"
    assert (found["functionStart"], found["functionEnd"]) == (7, 10)
    assert plain(found) == PRICING.splitlines()
    assert [line["number"] for line in found["lines"]] == list(range(1, 16))


def test_the_range_is_that_of_the_innermost_function(ask) -> None:
    found = ask(line=15, function="billing.pricing.Basket.charge").json()

    assert (found["functionStart"], found["functionEnd"]) == (14, 15)


def test_a_line_outside_of_functions_has_no_range(ask) -> None:
    found = ask(line=3).json()

    assert (found["functionStart"], found["functionEnd"]) == (None, None)


def test_a_function_without_a_line_is_found_by_its_name(ask) -> None:
    found = ask(line=None, function="src.billing.pricing.Basket.charge").json()

    assert (found["line"], found["functionStart"]) == (None, 14)


def test_code_is_marked_up_line_by_line(ask) -> None:
    lines = [line["html"] for line in ask().json()["lines"]]

    assert '<span class="k">def</span>' in lines[7]
    for line in lines:
        assert line.count("<span") == line.count("</span>")
    assert "lines" in lines[3]
    assert lines[3].startswith("<span")


def test_markup_in_the_code_is_text_in_the_page(ask, root) -> None:
    (root / "x.py").write_text('"<script>alert(1)</script>"\n')

    found = ask(path="x.py", line=1).json()

    assert "<script" not in found["lines"][0]["html"]
    assert plain(found) == ['"<script>alert(1)</script>"']


def test_without_a_revision_the_file_is_shown_as_it_is(ask) -> None:
    found = ask().json()

    assert (found["shown"], found["revision"]) == ("working-tree", None)
    assert found["note"] == "As it is now: the trace was recorded without a revision."


def test_an_unchanged_file_is_the_recorded_one(ask, root) -> None:
    found = ask(revision=git(root, "rev-parse", "HEAD")).json()

    assert (found["shown"], found["note"]) == ("recorded", None)


def test_after_an_edit_the_recorded_text_is_shown(ask, root) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    (root / "billing" / "pricing.py").write_text("# a new first line\n" + PRICING)

    found = ask(revision=recorded).json()

    assert plain(found) == PRICING.splitlines()
    assert found["shown"] == "recorded"
    assert found["note"] == f"As of {recorded[:10]}; the file has changed since."


def test_an_older_revision_after_a_commit(ask, root) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    (root / "billing" / "pricing.py").write_text("pass\n")
    commit(root.parent)

    assert plain(ask(revision=recorded).json()) == PRICING.splitlines()


def test_a_file_that_is_gone_is_shown_as_it_was(ask, root) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    (root / "billing" / "pricing.py").unlink()

    found = ask(revision=recorded).json()

    assert found["shown"] == "recorded"
    assert found["note"].endswith("the file is not there any more.")


def test_code_that_ran_uncommitted_is_shown_as_it_is(ask, root) -> None:
    """The line lies in the span's function only in the file as it is now."""
    recorded = git(root, "rev-parse", "HEAD")
    edited = PRICING.replace("@traced", "# one\n# two\n# three\n@traced")
    (root / "billing" / "pricing.py").write_text(edited)

    found = ask(line=13, revision=recorded).json()

    assert found["shown"] == "working-tree"
    assert (found["functionStart"], found["functionEnd"]) == (10, 13)
    assert recorded[:10] in found["note"]


@pytest.mark.parametrize(
    ("revision", "note"),
    [
        (
            "f" * 40,
            "As it is now: git cannot show the file at ffffffffff here.",
        ),
        ("main", "As it is now: the recorded revision 'main' is not a commit."),
        ("--help", "As it is now: the recorded revision '--help' is not a commit."),
    ],
)
def test_a_revision_that_git_does_not_have(ask, revision: str, note: str) -> None:
    found = ask(revision=revision).json()

    assert (found["shown"], found["note"]) == ("working-tree", note)


def test_without_git_the_file_is_shown_as_it_is(ask, root, monkeypatch) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    monkeypatch.setenv("PATH", "")

    assert ask(revision=recorded).json()["shown"] == "working-tree"


@pytest.mark.parametrize("path", ["/etc/hostname", "../secret.py", "billing/../../x.py",
    "C:\\x.py", "..\\x.py", "\\\\server\\x.py", ".git/config", ".env", "billing/.x.py",
    "~/.ssh/../../x", "a\0b"])  # fmt: skip
def test_a_path_out_of_the_root_is_refused(ask, root, path: str) -> None:
    (root.parent / "secret.py").write_text("secret")

    response = ask(path=path, revision=git(root, "rev-parse", "HEAD"))

    assert response.status_code == 403
    assert "secret" not in response.text.replace(path, "")


def test_a_link_out_of_the_root_is_refused(ask, root) -> None:
    (root.parent / "secret.py").write_text("secret")
    (root / "link.py").symlink_to(root.parent / "secret.py")

    response = ask(path="link.py")

    assert response.status_code == 403
    assert "is a link out of the allowed folders" in response.json()["error"]["message"]


def test_a_linked_folder_out_of_the_root_is_refused(ask, root) -> None:
    (root / "up").symlink_to(root.parent, target_is_directory=True)

    assert ask(path="up/secret.py").status_code == 403


def test_a_link_to_a_hidden_file_is_refused(ask, root) -> None:
    (root / ".env").write_text("KEY=secret")
    (root / "settings.txt").symlink_to(root / ".env")

    assert ask(path="settings.txt").status_code == 403


def test_a_link_inside_of_the_root_is_followed(ask, root) -> None:
    (root / "link.py").symlink_to(root / "billing" / "pricing.py")

    found = ask(path="link.py", revision=git(root, "rev-parse", "HEAD")).json()

    assert (found["shown"], found["functionStart"]) == ("recorded", 7)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("billing/other.py", "is in none of the folders whose source may be shown"),
        ("billing", "is in none of the folders"),
        (None, "This span does not say which file made it."),
    ],
)
def test_what_is_not_there_is_404_with_the_reason(ask, path, reason: str) -> None:
    response = ask(path=path)

    assert response.status_code == 404
    assert reason in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x7fELF\0\0", "is not source text"),
        (b"\xff\xfe\xfa", "is not UTF-8 text"),
        (b"x" * (1024 * 1024 + 1), "is too large"),
    ],
)
def test_what_is_not_text_is_not_shown(ask, root, content: bytes, reason: str) -> None:
    (root / "file.py").write_bytes(content)

    response = ask(path="file.py")

    assert response.status_code == 404
    assert reason in response.json()["error"]["message"]


def test_a_line_beyond_the_end_is_told(ask) -> None:
    found = ask(line=500).json()

    assert found["line"] is None
    assert found["note"] == "The span names line 500, but the file has 15 lines."


@pytest.mark.parametrize("line", ["x", -1, 0, 1.5, "9" * 30])
def test_a_line_that_is_no_number_is_left_out(ask, line: object) -> None:
    assert ask(line=line).json()["line"] is None


def test_other_languages_are_marked_up_too(ask, root) -> None:
    (root / "main.go").write_text("package main\n\nfunc main() {}\n")

    found = ask(path="main.go", line=3, function="main.main").json()

    assert '<span class="kn">package</span>' in found["lines"][0]["html"]
    assert found["functionStart"] is None


def test_windows_line_ends_and_blank_lines_keep_their_numbers(ask, root) -> None:
    (root / "x.py").write_bytes(b"\r\n\r\ndef f():\r\n    pass\r\n\r\n")

    found = ask(path="x.py", line=4, function="x.f").json()

    assert plain(found) == ["", "", "def f():", "    pass", ""]
    assert (found["functionStart"], found["functionEnd"]) == (3, 4)


def test_python_with_a_mistake_is_shown_without_a_range(ask, root) -> None:
    (root / "x.py").write_text("def f(:\n    '\\d'\n")

    found = ask(path="x.py", line=1, function="x.f").json()

    assert (len(found["lines"]), found["functionStart"]) == (2, None)


def test_a_viewer_without_roots_says_so(client, send) -> None:
    send(sent(span(attributes={"code.file.path": "a.py"})))

    response = client.get("/api/x/traces/1/spans/1/source")

    assert response.status_code == 404
    assert "without a folder" in response.json()["error"]["message"]


@pytest.fixture
def made_from_0123abc(root: Path) -> None:
    """What a container image has: the files of a commit, and its name."""
    shutil.rmtree(root.parent / ".git")
    (root / "REVISION").write_text("0123abc\n")


def test_a_folder_without_git_may_say_which_revision_it_holds(
    ask, made_from_0123abc
) -> None:
    found = ask(revision="0123abc").json()

    assert (found["shown"], found["note"]) == ("recorded", None)


def test_of_another_revision_such_a_folder_has_only_what_is_there_now(
    ask, made_from_0123abc
) -> None:
    found = ask(revision="fedcba9").json()

    assert found["shown"] == "working-tree"
    assert found["note"] == "As it is now: git cannot show the file at fedcba9 here."
