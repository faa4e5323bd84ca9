"""One trace: the waterfall, the span's details, and getting around by keyboard."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import shop
from tests.browser.conftest import Shop
from tests.browser.spans import Span, send_log

Open = Callable[..., Page]
NAMES = [
    "POST /orders", "POST /invoices", "price_order", "SELECT plans", "charge_card",
    "POST", "POST retry", "send receipts.deliver", "process receipts.deliver", "render",
]  # fmt: skip


def span_row(tab: Page, name: str) -> Locator:
    exact = tab.locator(".name").get_by_text(name, exact=True)
    return tab.locator(".span-row").filter(has=exact)


def selected(tab: Page) -> Locator:
    return tab.get_by_role("row", selected=True).locator(".name")


def section(tab: Page, title: str) -> Locator:
    return tab.locator("details").filter(has=tab.locator("summary", has_text=title))


def test_the_waterfall_shows_the_tree_in_order(open_trace: Open) -> None:
    tab = open_trace()

    expect(tab.locator(".span-row .name")).to_have_text(NAMES)
    expect(span_row(tab, "charge_card")).to_have_attribute("aria-level", "3")


def test_a_bar_lies_where_its_time_is(open_trace: Open) -> None:
    tab = open_trace()
    bar = span_row(tab, "charge_card").locator(".bar")
    left, width = bar.evaluate("bar => [bar.style.left, bar.style.width]")

    assert float(left.rstrip("%")) == pytest.approx(30, abs=0.1)  # 60 of 200 ms
    assert float(width.rstrip("%")) == pytest.approx(40, abs=0.1)  # 80 of 200 ms


def test_a_row_shows_how_the_span_was_made_and_where(open_trace: Open) -> None:
    tab = open_trace()
    by_hand, automatic = span_row(tab, "price_order"), span_row(tab, "SELECT plans")

    expect(by_hand.get_by_role("img", name="made by hand")).to_be_visible()
    expect(automatic.get_by_role("img", name="made automatically")).to_be_visible()
    expect(by_hand).to_contain_text(f"pricing.py:{shop.PRICE_LINE}")


def test_the_header_summarizes_the_trace(open_trace: Open, the_shop: Shop) -> None:
    tab = open_trace(the_shop.declined)
    facts = tab.locator(".facts")

    expect(tab.get_by_role("heading", level=1)).to_have_text(
        re.compile("gateway.*POST /orders")
    )
    expect(facts).to_contain_text("200 ms")
    expect(facts).to_contain_text("10 spans")
    expect(facts).to_contain_text("3 errors")
    expect(facts).to_contain_text(the_shop.declined)


def test_the_details_begin_with_the_business_fields(open_trace: Open) -> None:
    tab = open_trace()
    sections = tab.locator(".details summary")

    expect(sections.first).to_contain_text("Business fields")
    expect(section(tab, "Business fields")).to_contain_text("shop.customer.id")
    expect(section(tab, "Attributes")).to_contain_text("http.request.method")


def test_attributes_of_the_helpers_have_a_section_of_their_own(
    open_trace: Open,
) -> None:
    tab = open_trace(span="process receipts.deliver")

    expect(section(tab, "Added by the helpers")).to_contain_text(
        "kit.queue.duration_ms"
    )
    expect(section(tab, "Attributes")).to_contain_text("messaging.system")
    expect(section(tab, "Attributes")).not_to_contain_text("kit.")


def test_an_attribute_leads_to_the_traces_that_have_it(open_trace: Open) -> None:
    tab = open_trace()
    section(tab, "Business fields").get_by_role("link", name="c-17", exact=True).click()

    expect(tab).to_have_url(re.compile(r"\?attribute=shop\.customer\.id%3Dc-17"))


def test_an_exception_shows_its_stack_with_library_frames_receding(
    open_trace: Open, the_shop: Shop
) -> None:
    tab = open_trace(the_shop.declined, span="charge_card")
    events = section(tab, "Events").first
    expect(events).to_contain_text("requests.exceptions.ReadTimeout read timed out")
    events.get_by_text("Stack").click()

    expect(events.locator("pre .foreign").first).to_contain_text("site-packages")
    expect(
        events.locator("pre span:not(.foreign)", has_text="payments.py")
    ).to_be_visible()


def test_logs_and_links_of_a_span_are_shown(open_trace: Open, the_shop: Shop) -> None:
    linked = Span("shop", "retry", 0, 5, links=[(the_shop.order, "0123456789abcdef")])
    trace_id = the_shop.send(linked)
    send_log(the_shop.viewer.otlp, trace_id, linked, "tried <i>again</i>", attempt=2)
    tab = open_trace(trace_id)

    logs = section(tab, "Logs").first
    expect(logs.locator(".severity")).to_have_text("INFO")
    expect(logs.locator(".body")).to_have_text("tried <i>again</i>")
    link = section(tab, "Links").get_by_role("link").first
    expect(link).to_have_attribute(
        "href", f"/trace/{the_shop.order}?span=0123456789abcdef"
    )


def test_markup_in_a_span_stays_text(open_trace: Open, the_shop: Shop) -> None:
    evil = "<img src=x onerror=alert(1)><b>bold</b>"
    attributes = {"shop.note": evil, evil: "key", "shop.list": [evil]}
    event = ("exception", {"exception.message": evil, "exception.stacktrace": evil})
    trace_id = the_shop.send(
        Span(evil, evil, 0, 1, error=evil, attributes=attributes, events=[event])
    )
    tab = open_trace(trace_id)

    expect(section(tab, "Business fields")).to_contain_text(evil)
    assert tab.locator("#app :is(img[src='x'], b:text('bold'))").count() == 0
    tab.goto(the_shop.url)
    expect(tab.locator(f"[data-trace='{trace_id}']")).to_contain_text(evil)
    assert tab.locator("#app :is(img[src='x'], b:text-is('bold'))").count() == 0


def test_the_rows_are_walked_and_folded_with_the_keyboard(open_trace: Open) -> None:
    tab = open_trace()
    for key in ("j", "ArrowDown", "j", "k"):
        tab.keyboard.press(key)
    expect(selected(tab)).to_have_text("price_order")
    tab.keyboard.press("h")
    expect(selected(tab)).to_have_text("POST /invoices")

    tab.keyboard.press("h")
    expect(tab.locator(".span-row .name")).to_have_text(NAMES[:2])
    expect(span_row(tab, "POST /invoices")).to_have_attribute("aria-expanded", "false")
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".span-row .name")).to_have_text(NAMES)
    tab.keyboard.press("l")
    expect(selected(tab)).to_have_text("price_order")


def test_the_next_error_is_one_key_away(open_trace: Open, the_shop: Shop) -> None:
    tab = open_trace(the_shop.declined)
    tab.keyboard.press("e")
    expect(selected(tab)).to_have_text("POST /invoices")
    tab.keyboard.press("e")
    expect(selected(tab)).to_have_text("charge_card")
    tab.keyboard.press("E")

    expect(selected(tab)).to_have_text("POST /invoices")


def test_find_marks_every_match_and_walks_them(open_trace: Open) -> None:
    tab = open_trace()
    tab.keyboard.press("/")
    tab.keyboard.type("receipts")
    expect(tab.locator(".span-row.match")).to_have_count(2)
    expect(selected(tab)).to_have_text("send receipts.deliver")
    expect(tab.locator(".find output")).to_have_text("1 of 2")
    tab.keyboard.press("Enter")
    expect(selected(tab)).to_have_text("process receipts.deliver")

    tab.locator(".facts").click()
    tab.keyboard.press("n")
    expect(selected(tab)).to_have_text("send receipts.deliver")
    tab.keyboard.press("N")
    expect(selected(tab)).to_have_text("process receipts.deliver")


def test_find_reaches_attributes_and_events(open_trace: Open, the_shop: Shop) -> None:
    tab = open_trace(the_shop.declined)
    tab.keyboard.press("/")
    tab.keyboard.type("requests.exceptions.readtimeout")

    expect(tab.locator(".find output")).to_have_text("1 of 1")
    expect(selected(tab)).to_have_text("charge_card")


def test_a_match_inside_a_folded_branch_is_unfolded(open_trace: Open) -> None:
    tab = open_trace()
    tab.get_by_role("button", name="Collapse all").click()
    expect(tab.locator(".span-row")).to_have_count(2)
    tab.keyboard.press("/")
    tab.keyboard.type("render")

    expect(selected(tab)).to_have_text("render")


def test_dragging_over_the_ruler_zooms_and_a_key_shows_all_again(
    open_trace: Open,
) -> None:
    tab = open_trace()
    box = tab.locator(".ruler-axis").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    tab.mouse.move(box["x"] + box["width"] / 4, middle)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    tab.mouse.up()

    expect(tab.locator(".tick-label").first).to_have_text(
        re.compile("^50(.0)? ms|49.* ms$")
    )
    tab.keyboard.press("0")
    expect(tab.locator(".tick-label").first).to_have_text("0 µs")


def test_the_address_names_the_span_and_opens_it_again(open_trace: Open) -> None:
    tab = open_trace(span="render")
    expect(tab).to_have_url(re.compile(r"/trace/[0-9a-f]{32}\?span=[0-9a-f]{16}$"))
    tab.reload()

    expect(selected(tab)).to_have_text("render")
    expect(tab.locator(".span-head h2")).to_have_text("render")


def test_keys_in_quick_succession_end_at_the_last_span(
    open_trace: Open, the_shop: Shop
) -> None:
    tab = open_trace(the_shop.declined)
    tab.evaluate(
        """() => { for (let i = 0; i < 7; i++)
          document.dispatchEvent(new KeyboardEvent("keydown", { key: "j" })) }"""
    )

    expect(selected(tab)).to_have_text("send receipts.deliver")
    expect(tab.locator(".span-head h2")).to_have_text("send receipts.deliver")


def test_a_copied_link_leads_to_the_same_span(open_trace: Open, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = open_trace(span="charge_card")
    tab.get_by_role("button", name="Copy the link to this view").click()
    expect(tab.get_by_role("button", name="Copied")).to_be_visible()

    assert tab.evaluate("navigator.clipboard.readText()") == tab.url


def test_an_unknown_trace_waits_and_fills_when_it_arrives(
    tab: Page, the_shop: Shop
) -> None:
    trace_id = "a1" * 16
    tab.goto(f"{the_shop.url}/trace/{trace_id}")
    expect(tab.get_by_role("heading", name="Waiting for this trace")).to_be_visible()
    expect(
        tab.get_by_text(f"OTEL_EXPORTER_OTLP_ENDPOINT={the_shop.viewer.otlp}")
    ).to_be_visible()

    the_shop.send(shop.order(), trace_id=trace_id)

    expect(tab.locator(".span-row .name")).to_have_text(NAMES)


def test_a_bad_trace_id_is_not_an_unknown_trace(tab: Page, the_shop: Shop) -> None:
    tab.goto(f"{the_shop.url}/trace/order-17")

    expect(tab.get_by_role("heading", name="That is not a trace id")).to_be_visible()


def test_a_growing_trace_keeps_selection_and_folding(
    open_trace: Open, the_shop: Shop
) -> None:
    root = Span(
        "shop", "slow job", 0, 50,
        children=[
            Span("shop", "first", 5, 10, children=[Span("shop", "deep", 6, 2)]),
            Span("shop", "third", 30, 5),
        ],
    )  # fmt: skip
    now = time.time()
    trace_id = the_shop.send(root, at=now)
    tab = open_trace(trace_id, span="third")
    span_row(tab, "first").get_by_role("button", name="Collapse").click()

    second = Span("shop", "second", 20, 5)
    the_shop.send(second, trace_id=trace_id, parent=root.id, at=now)

    expect(tab.locator(".span-row .name")).to_have_text(
        ["slow job", "first", "second", "third"]
    )
    expect(selected(tab)).to_have_text("third")
