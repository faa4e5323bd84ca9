"""A trace of 10,000 spans opens and scrolls like a small one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import shop
from tests.browser.conftest import Shop

Open = Callable[..., Page]
SPANS = 10_001
MAX_ROWS = 80
# Only against a page that never comes: the time itself is printed.
FIRST_PAINT_MS = 20_000
PAINTED = "performance.getEntriesByName('waterfall-painted')[0].startTime"
SCROLL = """async () => {
  const grid = document.querySelector("[role=treegrid]");
  const frames = [];
  let maxRows = 0, last = performance.now();
  for (let i = 0; i < 90; i++) {
    grid.scrollTop += 300;
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
    maxRows = Math.max(maxRows, grid.querySelectorAll(".span-row").length);
  }
  frames.sort((a, b) => a - b);
  return { p50: frames[45], p95: frames[85], maxRows };
}"""


@pytest.fixture(scope="module")
def big_trace(the_shop: Shop) -> str:
    return the_shop.send(shop.nightly(SPANS), ago=120)


def test_it_paints_and_scrolls_like_a_small_one(
    open_trace: Open,
    big_trace: str,
    the_shop: Shop,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = open_trace(the_shop.send(shop.nightly(201))).evaluate(SCROLL)
    tab = open_trace(big_trace)
    expect(tab.locator(".facts")).to_contain_text("10,001 spans")
    tab.wait_for_function("performance.getEntriesByName('waterfall-painted').length")
    painted_ms = tab.evaluate(PAINTED)
    big = tab.evaluate(SCROLL)
    with capsys.disabled():
        print(
            f"\n10,001 spans: painted {painted_ms:.0f} ms after the navigation began; "
            f"scrolling {big['p50']:.0f} ms a frame, p95 {big['p95']:.0f} "
            f"(201 spans: {small['p50']:.0f}, p95 {small['p95']:.0f}); "
            f"{big['maxRows']} rows in the document"
        )

    assert painted_ms < FIRST_PAINT_MS
    assert big["p50"] < 2 * small["p50"] + 20
    assert big["maxRows"] <= MAX_ROWS


def test_its_last_error_and_its_last_row_are_a_key_away(
    open_trace: Open, big_trace: str
) -> None:
    tab = open_trace(big_trace)
    expect(tab.locator(".facts")).to_contain_text("20 errors")
    tab.keyboard.press("E")
    expect(tab.locator(".span-row.selected")).to_contain_text("INSERT row 9-750")
    expect(tab.locator(".span-row.selected")).to_be_in_viewport()
    tab.keyboard.press("End")

    expect(tab.locator(".span-row.selected")).to_contain_text("INSERT row 9-998")


def test_find_reaches_rows_that_are_not_drawn(open_trace: Open, big_trace: str) -> None:
    tab = open_trace(big_trace)
    tab.keyboard.press("/")
    tab.keyboard.type("row 7-777")

    expect(tab.locator(".find output")).to_have_text("1 of 1")
    expect(tab.locator(".span-row.selected")).to_contain_text("INSERT row 7-777")
    expect(tab.locator(".span-head h2")).to_have_text("INSERT row 7-777")
