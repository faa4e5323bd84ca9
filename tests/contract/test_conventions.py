"""Names of attributes are compared with the semantic conventions."""

from __future__ import annotations

from tests.contract.conventions import complaints, conventions


def test_the_installed_conventions_are_read() -> None:
    current, deprecated = conventions()

    assert {"http.route", "code.file.path", "messaging.system"} <= current
    assert {"http.method", "code.filepath", "messaging.operation"} <= deprecated


def test_a_deprecated_name_is_a_complaint() -> None:
    assert complaints({"http.method"}) == ["http.method is deprecated"]


def test_an_unknown_name_is_a_complaint() -> None:
    assert complaints({"customer"}) == ["customer is in no convention"]


def test_names_of_a_convention_and_ours_pass() -> None:
    assert complaints({"http.route", "shop.customer.id"}) == []
