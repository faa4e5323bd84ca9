"""Fixtures of the long tests: virtual environments that tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.long.environments import Environments
from tests.long.versions.interpreters import SUPPORTED, interpreters


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environments]:
    folder = tmp_path_factory.mktemp("environments")
    yield Environments(folder)
    shutil.rmtree(folder)  # pytest would keep three runs of them: gigabytes


def pytest_report_header() -> str:
    return f"interpreters: {', '.join(interpreters())} of {', '.join(SUPPORTED)}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the workshop's reply to each answer that a learner may give."""
    answers = sorted(
        str(text)
        for report in terminalreporter.getreports("")
        for name, text in getattr(report, "user_properties", ())
        if name == "answer"
    )
    if answers:
        terminalreporter.section("Answers of learners, and the replies to them")
        terminalreporter.write_line("\n".join(answers))
