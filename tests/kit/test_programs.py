from __future__ import annotations

from pathlib import Path

import pytest

from tracing_starter_kit.kit.demo import programs
from tracing_starter_kit.kit.demo.programs import demo_programs
from tracing_starter_kit.kit.settings import ROOT, load_settings


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"KIT_STATE_DIR": str(tmp_path)}


def database_of(name: str, environ: dict[str, str]) -> str:
    (program,) = (p for p in demo_programs(load_settings(environ)) if p.name == name)
    return program.environment["DATABASE_URL"]


def test_every_service_has_a_database_of_its_own(environ: dict[str, str]) -> None:
    names = ["gateway", "billing", "payments", "notifications", "card-network"]

    assert len({database_of(name, environ) for name in names}) == len(names)


def test_another_version_of_the_tables_has_databases_of_its_own(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = database_of("billing", environ)
    tables = tmp_path / "demo_services" / "billing" / "tables.py"
    tables.parent.mkdir(parents=True)
    text = (ROOT / "demo_services" / "billing" / "tables.py").read_text()
    tables.write_text(text + "# one column more\n")
    monkeypatch.setattr(programs, "ROOT", tmp_path)

    assert database_of("billing", environ) != before


def test_auto_mode_starts_the_same_commands_under_opentelemetry_instrument(
    environ: dict[str, str],
) -> None:
    kit = demo_programs(load_settings(environ))
    auto = demo_programs(load_settings({**environ, "TRACING": "auto"}))
    added = {
        a.name: a.command[: -len(k.command)]
        for k, a in zip(kit, auto, strict=True)
        if a.command != k.command
    }

    assert set(added) == {"gateway", "billing", "payments", "notifications", "worker"}
    assert all(p[0].endswith("/opentelemetry-instrument") for p in added.values())
