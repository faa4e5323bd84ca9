"""The links that Jaeger's page makes of `collector/jaeger-ui.json` lead to our page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.browser import shop
from tests.browser.conftest import Shop

SETTINGS = Path(__file__).parents[2] / "collector" / "jaeger-ui.json"
VIEWER = "http://127.0.0.1:16687"


def address(the_shop: Shop, pattern: dict[str, str]) -> str:
    """Fill in a link as Jaeger does: each value escaped as a part of an address."""
    values = {
        "traceID": the_shop.order,
        "code.file.path": "shop/pricing.py",
        "code.line.number": str(shop.PRICE_LINE),
    }
    filled = re.sub(
        r"#\{([^}]+)\}", lambda match: quote(values[match[1]], safe=""), pattern["url"]
    )
    return filled.replace(VIEWER, the_shop.url)


def link(type_: str, key: str | None = None) -> dict[str, str]:
    patterns = json.loads(SETTINGS.read_text())["linkPatterns"]
    return next(p for p in patterns if p["type"] == type_ and p.get("key") == key)


def test_from_a_trace_to_the_same_trace(tab: Page, the_shop: Shop) -> None:
    tab.goto(address(the_shop, link("traces")))

    expect(tab.locator(".span-row")).not_to_have_count(0)


def test_from_a_span_to_its_line_of_code(tab: Page, the_shop: Shop) -> None:
    tab.goto(address(the_shop, link("tags", "code.file.path")))

    row = tab.get_by_role("row", selected=True).locator(".name")
    expect(row).to_have_text("price_order")
    expect(tab.locator(".span-head h2")).to_have_text("price_order")
