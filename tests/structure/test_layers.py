"""Who may import whom: the table, and the check that it is true."""

from __future__ import annotations

import pytest

from tests.structure.modules import PARTS, module_name, our_imports, shipped_files

SERVICES = ("gateway", "billing", "payments", "card_network", "notifications")
SHARED = {
    module_name(file)
    for file in shipped_files()
    if module_name(file).startswith("demo_services.")
    and module_name(file).split(".")[1] not in SERVICES
}

LOG_BASE = ("log_reader.model", "log_reader.errors")

# A module may import itself's package, and what starts with one of these.
ALLOWED: dict[str, tuple[str, ...]] = {
    "instrumentation": (),
    "demo_services": ("instrumentation", "demo_services"),
    **{f"demo_services.{name}": ("instrumentation", *SHARED) for name in SERVICES},
    "viewer.settings": (),
    "viewer.model": (),
    "viewer.otlp": ("viewer.model",),
    "viewer.store": ("viewer.model",),
    "viewer.source": (),
    "viewer.receiver": ("viewer.otlp", "viewer.store", "viewer.model"),
    "viewer.query": ("viewer.store", "viewer.model"),
    "viewer.api": ("viewer.query", "viewer.store", "viewer.model", "viewer.source"),
    "viewer.servers": (),
    "viewer.app": ("viewer",),
    "viewer.__main__": ("viewer.app",),
    "log_reader": ("log_reader",),
    "log_reader.errors": (),
    "log_reader.model": (),
    "log_reader.formats": LOG_BASE,
    "log_reader.reading": ("log_reader.formats", *LOG_BASE),
    "log_reader.joining": ("log_reader.formats.key_values", *LOG_BASE),
    "log_reader.sending": LOG_BASE,
    # What reads and draws a trace knows nothing of the commands around it.
    "workshop": ("instrumentation", "viewer", "kit.trace", "kit.tree", "kit.web"),
    "workshop.running": ("kit.trace",),
    "kit": PARTS,
}
SETTINGS = "viewer.settings"


def rule(module: str) -> str:
    """The longest entry of the table that the module lies under."""
    return max((k for k in ALLOWED if lies_under(module, k)), key=len, default="")


def lies_under(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def forbidden(module: str, imported: str) -> bool:
    key = rule(module)
    own = () if key in ("instrumentation", "demo_services") else (key,)
    allowed = (*own, *ALLOWED.get(key, ()), SETTINGS if "viewer" in module else key)
    if key == "instrumentation":
        return imported != module
    return not any(lies_under(imported, package) for package in allowed)


@pytest.mark.parametrize("file", shipped_files(), ids=module_name)
def test_a_module_imports_only_what_its_layer_may(file) -> None:
    module = module_name(file)

    wrong = [name for name in our_imports(file) if forbidden(module, name)]

    assert wrong == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("instrumentation.traced", "instrumentation.errors"),
        ("instrumentation.traced", "demo_services.settings"),
        ("demo_services.billing.orders", "demo_services.payments.charges"),
        ("demo_services.billing.orders", "viewer.store"),
        ("viewer.otlp.protobuf", "viewer.store.store"),
        ("viewer.store.store", "viewer.query.search"),
        ("viewer.receiver.http", "viewer.api.app"),
        ("viewer.query.search", "viewer.api.app"),
        ("viewer.api.app", "kit.cli"),
        ("log_reader.formats.lines", "log_reader.joining.ids"),
        ("log_reader.joining.joiner", "log_reader.sending.file"),
        ("log_reader.importing", "viewer.settings"),
        ("workshop.checking.run", "demo_services.settings"),
        ("workshop.commands", "kit.cli"),
        ("workshop.running.host", "workshop.exercise"),
    ],
)
def test_the_table_forbids(module: str, imported: str) -> None:
    assert forbidden(module, imported)


def test_every_module_has_its_place_in_the_table() -> None:
    homeless = [name for name in map(module_name, shipped_files()) if not rule(name)]

    assert homeless in ([], ["viewer"])
