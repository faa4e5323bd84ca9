"""The page's looks in both themes, wide and narrow; screenshots are for a person."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Shop

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1440, 900), "narrow": (700, 1000)}
# WCAG AA: 4.5 for text. Hidden and covered text does not count.
LOW_CONTRAST = """() => {
  const canvas = document.createElement("canvas");
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([...rgb]) => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let up = element; up; up = up.parentElement) {
      const color = rgba(getComputedStyle(up).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const isText = (node) => node.nodeType === 3 && node.textContent.trim();
  const hidden = ".sr, svg, option, datalist, .facts dt";
  const low = [];
  for (const element of document.querySelectorAll("#app *")) {
    if (![...element.childNodes].some(isText) || element.closest(hidden)) continue;
    const colors = [rgba(getComputedStyle(element).color), behind(element)];
    const [dark, light] = colors.map(luminance).sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    const name = element.className || element.tagName;
    if (ratio < 4.5) low.push(`${name}: ${ratio.toFixed(2)}`);
  }
  return [...new Set(low)];
}"""


Check = Callable[[str], None]


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def looks_right(tab: Page, screenshots: Path) -> Check:
    """Return a check of the page on screen, in each theme and size."""

    def check(name: str) -> None:
        for (size, (width, height)), theme in product(SIZES.items(), THEMES):
            tab.set_viewport_size({"width": width, "height": height})
            tab.emulate_media(color_scheme=theme)
            tab.screenshot(path=screenshots / f"{name}-{size}-{theme}.png")

            too_wide = "document.documentElement.scrollWidth - innerWidth"
            assert tab.evaluate(too_wide) <= 0, (size, theme)
            assert tab.evaluate(LOW_CONTRAST) == [], (size, theme)

    return check


def test_the_list(tab: Page, the_shop: Shop, looks_right: Check) -> None:
    tab.goto(the_shop.url)
    expect(tab.get_by_role("button", name="Live")).to_be_visible()
    expect(tab.locator(".row").first).to_be_visible()

    looks_right("list")


def test_a_trace(tab: Page, the_shop: Shop, looks_right: Check) -> None:
    tab.goto(f"{the_shop.url}/trace/{the_shop.order}")
    tab.locator(".name").get_by_text("price_order").click()
    expect(tab.locator("tr.marked")).to_be_visible()

    looks_right("trace")


def test_a_failed_span(tab: Page, the_shop: Shop, looks_right: Check) -> None:
    tab.goto(f"{the_shop.url}/trace/{the_shop.declined}")
    tab.locator(".name").get_by_text("charge_card").click()
    tab.get_by_text("Stack").click()
    expect(tab.locator(".exception pre")).to_be_visible()

    looks_right("failed")


def test_waiting(tab: Page, the_shop: Shop, looks_right: Check) -> None:
    tab.goto(f"{the_shop.url}/trace/{'b2' * 16}")
    expect(tab.get_by_text("Waiting for this trace")).to_be_visible()

    looks_right("waiting")


def test_no_match(tab: Page, the_shop: Shop, looks_right: Check) -> None:
    tab.goto(f"{the_shop.url}/?q=nobody&errors=1")
    expect(tab.get_by_text("still nothing").first).to_be_visible()

    looks_right("no-match")


def test_the_help(tab: Page, the_shop: Shop, looks_right: Check) -> None:
    tab.goto(the_shop.url)
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keyboard")).to_be_visible()

    looks_right("help")


def test_the_theme_button_overrides_the_system_and_is_remembered(
    tab: Page, the_shop: Shop
) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    tab.emulate_media(color_scheme="light")
    tab.goto(the_shop.url)
    light = tab.evaluate(paper)
    tab.get_by_role("button", name="Change to light").click()
    tab.get_by_role("button", name="Change to dark").click()
    expect(tab.get_by_role("button", name="Change to system")).to_be_visible()

    assert tab.evaluate(paper) != light
    tab.reload()
    assert tab.evaluate(paper) != light
