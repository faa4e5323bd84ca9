"""The code beside the span: the right file, the right line, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import shop
from tests.browser.conftest import Shop
from tests.browser.spans import Span, send

Open = Callable[..., Page]


def test_the_line_is_marked_in_sight_and_its_function_highlighted(
    open_trace: Open,
) -> None:
    tab = open_trace(span="price_order")
    marked = tab.locator(".code tr.marked")

    expect(marked.locator("pre")).to_have_text("    net = PLANS[plan] * quantity")
    expect(marked).to_be_in_viewport()
    inside = tab.locator(".code tr.in-function .line-number")
    expect(inside).to_have_text([str(number) for number in shop.PRICE_FUNCTION])


def test_the_line_stays_in_sight_when_the_window_changes(open_trace: Open) -> None:
    tab = open_trace(span="charge_card")
    tab.set_viewport_size({"width": 1440, "height": 560})

    expect(tab.locator(".code tr.marked pre")).to_be_in_viewport(ratio=1)


def test_an_edited_file_is_shown_as_it_was_recorded(
    open_trace: Open, the_shop: Shop
) -> None:
    tab = open_trace(span="price_order")

    expect(tab.locator(".source .revision")).to_contain_text(the_shop.revision[:9])
    expect(tab.locator(".code tr").first).to_contain_text("The price of an order")


def test_without_a_revision_the_working_tree_is_shown(
    open_trace: Open, the_shop: Shop
) -> None:
    line = f"shop/pricing.py:{shop.PRICE_LINE + 3} price_order"
    trace_id = send(the_shop.viewer.otlp, Span("shop", "edited", 0, 1, code=line))
    tab = open_trace(trace_id)

    expect(tab.locator(".source .revision")).to_have_text("working tree")
    expect(tab.locator(".code tr.marked pre")).to_have_text(
        "    net = PLANS[plan] * quantity"
    )
    expect(tab.locator(".code tr").first).to_contain_text("came after the trace")


def test_for_a_client_span_the_calling_line_is_shown(open_trace: Open) -> None:
    tab = open_trace(span="SELECT plans")

    expect(tab.locator(".source header")).to_contain_text("called in price_order")
    expect(tab.locator(".code tr.marked")).to_contain_text("net = PLANS")


def test_a_missing_file_gives_the_reason(open_trace: Open, the_shop: Shop) -> None:
    tab = open_trace(span="POST")
    tab.locator(".name").get_by_text("POST", exact=True).click()

    expect(tab.locator(".source.none header")).to_contain_text("shop/missing.py:3")
    expect(tab.locator(".source.none p")).not_to_be_empty()


def test_a_path_outside_the_allowed_folders_is_refused(
    open_trace: Open, the_shop: Shop
) -> None:
    trace_id = the_shop.send(Span("shop", "spy", 0, 1, code="../../../etc/passwd:1 x"))
    tab = open_trace(trace_id)

    expect(tab.locator(".source.none p")).not_to_be_empty()
    expect(tab.locator(".code")).to_be_hidden()


def test_a_span_without_code_says_how_to_get_it(open_trace: Open) -> None:
    tab = open_trace(span="send receipts.deliver")

    expect(tab.locator(".source.none")).to_contain_text("code.file.path")


def test_markup_in_a_source_file_stays_text(open_trace: Open) -> None:
    tab = open_trace(span="price_order")

    expect(tab.locator(".code")).to_contain_text("<b>not a price</b>")
    assert tab.locator(".code b").count() == 0
