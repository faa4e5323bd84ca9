"""The code beside a span: the right file, revision and line, and nothing else."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.viewer_api.conftest import Client, Send, Site
from tests.viewer_api.telemetry import CLIENT, batch, span
from tracing_starter_kit.viewer.api.app import build_api
from tracing_starter_kit.viewer.settings import Settings
from tracing_starter_kit.viewer.store.store import Store

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
Ask = Callable[..., requests.Response]
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
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    no_config = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    author = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    result = subprocess.run(
        ["git", "-C", str(repository), *author, *words],
        env=environment | no_config, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return result.stdout.strip()


def commit(repository: Path) -> str:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "state")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def ask(
    site: Site,
    session: requests.Session,
    store: Store,
    settings: Settings,
    root: Path,
    send: Send,
) -> Ask:
    """Return a function that stores a span and requests its source."""
    site.app = build_api(store, replace(settings, source_roots=(root,)))
    client = Client(site.address, session)

    def ask(*, revision: str | None = None, **attributes: object) -> requests.Response:
        names = {
            "path": "file.path",
            "line": "line.number",
            "function": "function.name",
        }
        code = {
            f"code.{names[key]}": text for key, text in (PRICE | attributes).items()
        }
        resource = {"vcs.ref.head.revision": revision} if revision else {}
        present = {key: text for key, text in code.items() if text is not None}
        send(batch(span(kind=CLIENT, attributes=present), resource=resource))
        return client.get("/api/x/traces/1/spans/1/source")

    return ask


def plain(answer: Mapping[str, Any]) -> list[str]:
    """Return the lines without their markup."""
    lines = [re.sub("<[^>]+>", "", line["html"]) for line in answer["lines"]]
    return [html.unescape(line) for line in lines]


def test_the_whole_file_with_the_line_and_its_function(ask: Ask) -> None:
    source = ask().json()

    assert (source["path"], source["line"]) == ("billing/pricing.py", 9)
    assert source["function"] == "billing.pricing.price"
    assert (source["functionStart"], source["functionEnd"]) == (7, 10)
    assert plain(source) == PRICING.splitlines()
    assert [line["number"] for line in source["lines"]] == list(range(1, 16))


def test_the_range_is_that_of_the_innermost_function(ask: Ask) -> None:
    source = ask(line=15, function="billing.pricing.Basket.charge").json()

    assert (source["functionStart"], source["functionEnd"]) == (14, 15)


def test_a_line_outside_of_functions_has_no_range(ask: Ask) -> None:
    source = ask(line=3).json()

    assert (source["functionStart"], source["functionEnd"]) == (None, None)


def test_a_function_without_a_line_is_found_by_its_name(ask: Ask) -> None:
    source = ask(line=None, function="src.billing.pricing.Basket.charge").json()

    assert (source["line"], source["functionStart"]) == (None, 14)


def test_code_is_marked_up_line_by_line(ask: Ask) -> None:
    lines = [line["html"] for line in ask().json()["lines"]]

    assert '<span class="k">def</span>' in lines[7]
    for line in lines:
        assert line.count("<span") == line.count("</span>")
    assert "lines" in lines[3]
    assert lines[3].startswith("<span")


def test_markup_in_the_code_is_text_in_the_page(ask: Ask, root: Path) -> None:
    (root / "x.py").write_text('"<script>alert(1)</script>"\n')

    source = ask(path="x.py", line=1).json()

    assert "<script" not in source["lines"][0]["html"]
    assert plain(source) == ['"<script>alert(1)</script>"']


def test_without_a_revision_the_file_is_shown_as_it_is(ask: Ask) -> None:
    source = ask().json()

    assert (source["shown"], source["revision"]) == ("working-tree", None)
    assert source["note"] == "As it is now: the trace was recorded without a revision."


def test_an_unchanged_file_is_the_recorded_one(ask: Ask, root: Path) -> None:
    source = ask(revision=git(root, "rev-parse", "HEAD")).json()

    assert (source["shown"], source["note"]) == ("recorded", None)


def test_after_an_edit_the_recorded_text_is_shown(ask: Ask, root: Path) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    (root / "billing" / "pricing.py").write_text("# a new first line\n" + PRICING)

    source = ask(revision=recorded).json()

    assert plain(source) == PRICING.splitlines()
    assert source["shown"] == "recorded"
    assert source["note"] == f"As of {recorded[:10]}; the file has changed since."


def test_an_older_revision_after_a_commit(ask: Ask, root: Path) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    (root / "billing" / "pricing.py").write_text("pass\n")
    commit(root.parent)

    assert plain(ask(revision=recorded).json()) == PRICING.splitlines()


def test_a_file_that_is_gone_is_shown_as_it_was(ask: Ask, root: Path) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    (root / "billing" / "pricing.py").unlink()

    source = ask(revision=recorded).json()

    assert source["shown"] == "recorded"
    assert source["note"].endswith("the file is not there any more.")


def test_code_that_ran_uncommitted_is_shown_as_it_is(ask: Ask, root: Path) -> None:
    """The line lies in the span's function only in the file as it is now."""
    recorded = git(root, "rev-parse", "HEAD")
    edited = PRICING.replace("@traced", "# one\n# two\n# three\n@traced")
    (root / "billing" / "pricing.py").write_text(edited)

    source = ask(line=13, revision=recorded).json()

    assert source["shown"] == "working-tree"
    assert (source["functionStart"], source["functionEnd"]) == (10, 13)
    assert recorded[:10] in source["note"]


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
def test_a_revision_that_git_does_not_have(ask: Ask, revision: str, note: str) -> None:
    source = ask(revision=revision).json()

    assert (source["shown"], source["note"]) == ("working-tree", note)


def test_without_git_the_file_is_shown_as_it_is(
    ask: Ask, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = git(root, "rev-parse", "HEAD")
    monkeypatch.setenv("PATH", "")

    assert ask(revision=recorded).json()["shown"] == "working-tree"


@pytest.mark.parametrize("path", ["/etc/hostname", "../secret.py", "billing/../../x.py",
    "C:\\x.py", "..\\x.py", "\\\\server\\x.py", ".git/config", ".env", "billing/.x.py",
    "~/.ssh/../../x", "a\0b"])  # fmt: skip
def test_a_path_out_of_the_root_is_refused(ask: Ask, root: Path, path: str) -> None:
    (root.parent / "secret.py").write_text("secret")

    response = ask(path=path, revision=git(root, "rev-parse", "HEAD"))

    assert response.status_code == 403
    assert "secret" not in response.text.replace(path, "")


def test_a_link_out_of_the_root_is_refused(ask: Ask, root: Path) -> None:
    (root.parent / "secret.py").write_text("secret")
    (root / "link.py").symlink_to(root.parent / "secret.py")

    response = ask(path="link.py")

    assert response.status_code == 403
    assert "is a link out of the allowed folders" in response.json()["error"]["message"]


def test_a_linked_folder_out_of_the_root_is_refused(ask: Ask, root: Path) -> None:
    (root / "up").symlink_to(root.parent, target_is_directory=True)

    assert ask(path="up/secret.py").status_code == 403


def test_a_link_to_a_hidden_file_is_refused(ask: Ask, root: Path) -> None:
    (root / ".env").write_text("KEY=secret")
    (root / "settings.txt").symlink_to(root / ".env")

    assert ask(path="settings.txt").status_code == 403


def test_a_link_inside_of_the_root_is_followed(ask: Ask, root: Path) -> None:
    (root / "link.py").symlink_to(root / "billing" / "pricing.py")

    source = ask(path="link.py", revision=git(root, "rev-parse", "HEAD")).json()

    assert (source["shown"], source["functionStart"]) == ("recorded", 7)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("billing/other.py", "is in none of the folders whose source may be shown"),
        ("billing", "is in none of the folders"),
        (None, "This span does not say which file made it."),
    ],
)
def test_a_missing_file_is_404_with_the_reason(
    ask: Ask, path: str | None, reason: str
) -> None:
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
def test_a_file_that_is_not_text_is_not_shown(
    ask: Ask, root: Path, content: bytes, reason: str
) -> None:
    (root / "file.py").write_bytes(content)

    response = ask(path="file.py")

    assert response.status_code == 404
    assert reason in response.json()["error"]["message"]


def test_a_line_beyond_the_end_is_noted(ask: Ask) -> None:
    source = ask(line=500).json()

    assert source["line"] is None
    assert source["note"] == "The span names line 500, but the file has 15 lines."


@pytest.mark.parametrize("line", ["x", -1, 0, 1.5, "9" * 30])
def test_a_line_that_is_not_a_number_is_left_out(ask: Ask, line: object) -> None:
    assert ask(line=line).json()["line"] is None


def test_other_languages_are_marked_up_too(ask: Ask, root: Path) -> None:
    (root / "main.go").write_text("package main\n\nfunc main() {}\n")

    source = ask(path="main.go", line=3, function="main.main").json()

    assert '<span class="kn">package</span>' in source["lines"][0]["html"]
    assert source["functionStart"] is None


def test_windows_line_ends_and_blank_lines_keep_their_numbers(
    ask: Ask, root: Path
) -> None:
    (root / "x.py").write_bytes(b"\r\n\r\ndef f():\r\n    pass\r\n\r\n")

    source = ask(path="x.py", line=4, function="x.f").json()

    assert plain(source) == ["", "", "def f():", "    pass", ""]
    assert (source["functionStart"], source["functionEnd"]) == (3, 4)


def test_python_with_a_mistake_is_shown_without_a_range(ask: Ask, root: Path) -> None:
    (root / "x.py").write_text("def f(:\n    '\\d'\n")

    source = ask(path="x.py", line=1, function="x.f").json()

    assert (len(source["lines"]), source["functionStart"]) == (2, None)


def test_a_viewer_without_roots_says_so(client: Client, send: Send) -> None:
    send(batch(span(attributes={"code.file.path": "a.py"})))

    response = client.get("/api/x/traces/1/spans/1/source")

    assert response.status_code == 404
    assert "without a folder" in response.json()["error"]["message"]


@pytest.fixture
def image_of_0123abc(root: Path) -> None:
    """Leave what a container image has: the files of a commit, and its name."""
    shutil.rmtree(root.parent / ".git")
    (root / "REVISION").write_text("0123abc\n")


def test_a_folder_without_git_may_say_which_revision_it_holds(
    ask: Ask, image_of_0123abc: None
) -> None:
    source = ask(revision="0123abc").json()

    assert (source["shown"], source["note"]) == ("recorded", None)


def test_such_a_folder_has_no_other_revision(ask: Ask, image_of_0123abc: None) -> None:
    source = ask(revision="fedcba9").json()

    assert source["shown"] == "working-tree"
    assert source["note"] == "As it is now: git cannot show the file at fedcba9 here."
