"""Needs the real programs `otelcol-contrib` and `jaeger` on the PATH.

Without them the tests are skipped; with CI=true they fail.
"""

from __future__ import annotations

import os

import pytest

from benchmarks.pipeline import missing_programs


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    if missing := missing_programs():
        reason = (
            f"{' and '.join(missing)} not on the PATH: download the Collector's "
            "contrib distribution and Jaeger 2 from their releases, and put both there."
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
