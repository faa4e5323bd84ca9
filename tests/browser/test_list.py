"""The list: new traces appear by themselves, and every search can be shared."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import shop
from tests.browser.conftest import Guard, Shop, Viewer
from tests.browser.spans import Span, send


def rows(tab: Page) -> Locator:
    return tab.get_by_role("list", name="Traces, newest first").locator("> li")


def row(tab: Page, trace_id: str) -> Locator:
    return tab.locator(f"[data-trace='{trace_id}']")


def test_an_empty_list_names_the_next_step_and_fills_by_itself(
    own_viewer: Viewer, tab: Page
) -> None:
    tab.goto(own_viewer.url)

    expect(tab.get_by_text("kit order")).to_be_visible()
    expect(
        tab.get_by_text(f"OTEL_EXPORTER_OTLP_ENDPOINT={own_viewer.otlp}")
    ).to_be_visible()

    send(own_viewer.otlp, shop.order())
    expect(rows(tab)).to_have_count(1)
    expect(tab.get_by_text("kit order")).to_be_hidden()


def test_a_row_names_the_customer_and_the_outcome(tab: Page, the_shop: Shop) -> None:
    tab.goto(the_shop.url)
    declined = row(tab, the_shop.declined)

    expect(declined).to_contain_text("gateway")
    expect(declined).to_contain_text("POST /orders")
    expect(declined).to_contain_text("200 ms")
    expect(declined).to_contain_text("10 spans")
    expect(declined).to_contain_text("3 errors")
    expect(declined.locator(".field").first).to_have_text("customer c-99")


def test_a_trace_that_gets_more_spans_is_counted_again(
    tab: Page, the_shop: Shop
) -> None:
    tick = Span("clock", "tick", 0, 5)
    trace_id = the_shop.send(tick)
    tab.goto(f"{the_shop.url}/?service=clock")
    expect(row(tab, trace_id)).to_contain_text("1 span")

    the_shop.send(Span("clock", "tock", 5, 5), trace_id=trace_id, parent=tick.id)

    expect(row(tab, trace_id)).to_contain_text("2 spans")


@pytest.mark.parametrize(
    "query",
    [
        "q=c-99",
        "q=shop.customer.id=c-99",
        "attribute=shop.customer.id=c-99",
        "errors=1&operation=charge_card",
        "service=payments&errors=1&minDuration=10ms&maxDuration=1s&range=15m",
    ],
)
def test_a_search_is_in_the_address_and_needs_no_service(
    tab: Page, the_shop: Shop, query: str
) -> None:
    tab.goto(f"{the_shop.url}/?{query}")

    expect(row(tab, the_shop.declined)).to_be_visible()
    expect(row(tab, the_shop.order)).to_be_hidden()


def test_a_search_becomes_the_address_and_the_back_button_undoes_it(
    tab: Page, the_shop: Shop
) -> None:
    tab.goto(the_shop.url)
    expect(row(tab, the_shop.order)).to_be_visible()
    tab.keyboard.press("/")
    tab.keyboard.type("shop.customer.id=c-99")

    expect(tab).to_have_url(re.compile(r"\?q=shop\.customer\.id%3Dc-99$"))
    expect(rows(tab)).to_have_count(1)

    tab.go_back()
    expect(row(tab, the_shop.order)).to_be_visible()
    expect(tab.get_by_label("Search traces")).to_have_value("")


def test_every_field_of_the_search_bar_filters(tab: Page, the_shop: Shop) -> None:
    tab.goto(the_shop.url)
    tab.get_by_label("Service").select_option("payments")
    expect(tab).to_have_url(re.compile("service=payments"))
    tab.get_by_label("Only errors").check()
    expect(tab).to_have_url(re.compile("errors=1"))
    tab.get_by_label("Shortest duration").fill("50")
    expect(tab).to_have_url(re.compile("minDuration=50ms"))
    tab.get_by_label("Time").select_option("Last hour")
    expect(tab).to_have_url(re.compile("range=1h"))

    expect(rows(tab)).to_have_count(1)
    expect(row(tab, the_shop.declined)).to_be_visible()


def test_a_text_that_is_not_a_duration_is_marked_and_not_searched(
    tab: Page, the_shop: Shop
) -> None:
    tab.goto(the_shop.url)
    field = tab.get_by_label("Longest duration")
    field.fill("soon")

    expect(field).to_have_attribute("aria-invalid", "true")
    expect(tab).to_have_url(f"{the_shop.url}/")


def test_a_business_field_in_a_row_searches_for_its_value(
    tab: Page, the_shop: Shop
) -> None:
    tab.goto(the_shop.url)
    row(tab, the_shop.declined).get_by_role("link", name="customer c-99").click()

    expect(tab).to_have_url(re.compile(r"attribute=shop\.customer\.id%3Dc-99"))
    expect(rows(tab)).to_have_count(1)


def test_no_match_names_the_filter_to_remove(tab: Page, the_shop: Shop) -> None:
    tab.goto(f"{the_shop.url}/?q=c-99&minDuration=5s")

    expect(
        tab.get_by_role("heading", name="No trace matches all 2 filters")
    ).to_be_visible()
    helpful = tab.get_by_role("listitem").filter(has_text="Without at least 5s")
    expect(helpful).to_contain_text("1 trace")

    helpful.get_by_role("link").click()
    expect(row(tab, the_shop.declined)).to_be_visible()


def test_a_refused_search_shows_the_reason(tab: Page, the_shop: Shop) -> None:
    tab.goto(f"{the_shop.url}/?minDuration=soon")

    expect(tab.get_by_role("alert")).to_contain_text("minDuration")


def test_new_traces_wait_while_a_row_has_the_focus(tab: Page, the_shop: Shop) -> None:
    first = the_shop.send(Span("pause", "first", 0, 1))
    tab.goto(f"{the_shop.url}/?service=pause")
    expect(row(tab, first)).to_be_visible()
    expect(tab.get_by_role("button", name="Live")).to_be_visible()
    tab.keyboard.press("j")
    expect(row(tab, first).get_by_role("link")).to_be_focused()
    second = the_shop.send(Span("pause", "second", 0, 1))

    held = tab.get_by_role("button", name="Show 1 new trace")
    expect(held).to_be_visible()
    expect(row(tab, second)).to_be_hidden()

    held.click()
    expect(row(tab, second)).to_be_visible()
    expect(tab.get_by_role("button", name="Live")).to_be_visible()


def test_the_list_is_walked_and_a_trace_opened_with_the_keyboard(
    tab: Page, the_shop: Shop
) -> None:
    tab.goto(f"{the_shop.url}/?operation=charge_card")
    expect(rows(tab)).to_have_count(2)
    for key in ("j", "j", "k", "ArrowDown"):
        tab.keyboard.press(key)
    expect(rows(tab).nth(1).locator(".entry")).to_be_focused()
    tab.keyboard.press("Enter")

    expect(tab).to_have_url(f"{the_shop.url}/trace/{the_shop.order}")
    tab.keyboard.press("Escape")
    expect(rows(tab).first).to_be_visible()


def test_a_key_works_as_soon_as_the_page_is_there(tab: Page, the_shop: Shop) -> None:
    tab.add_init_script(
        "const press = new KeyboardEvent('keydown', { key: '?', bubbles: true });"
        "const send = () => document.body.dispatchEvent(press);"
        "addEventListener('DOMContentLoaded', send);"
    )
    tab.goto(the_shop.url)

    expect(tab.get_by_role("dialog", name="Keyboard")).to_be_visible()


def test_the_help_opens_and_closes_with_the_keyboard(tab: Page, the_shop: Shop) -> None:
    tab.goto(the_shop.url)
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keyboard")).to_be_visible()

    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_a_lost_connection_is_shown_and_comes_back_with_the_missed_traces(
    own_viewer: Viewer, tab: Page, guard: Guard
) -> None:
    guard.allowed_message = "net::ERR_"
    tab.goto(own_viewer.url)
    expect(tab.get_by_role("button", name="Live")).to_be_visible()
    own_viewer.stop()
    expect(tab.get_by_role("button", name="Reconnecting…")).to_be_visible()

    own_viewer.start()
    missed = send(own_viewer.otlp, shop.order())

    expect(tab.get_by_role("button", name="Live")).to_be_visible()
    expect(row(tab, missed)).to_be_visible()


def test_a_button_loads_older_traces(tab: Page, the_shop: Shop) -> None:
    for number in range(55):
        the_shop.send(Span("many", f"run {number}", 0, 1), ago=600 - number)
    tab.goto(f"{the_shop.url}/?service=many")
    expect(rows(tab)).to_have_count(50)

    tab.get_by_role("button", name="Older traces").click()

    expect(rows(tab)).to_have_count(55)
    expect(rows(tab).last).to_contain_text("run 0")


def test_older_traces_include_those_that_began_before_a_long_trace(
    tab: Page, the_shop: Shop
) -> None:
    """A page ends with its newest match, not with the oldest trace's beginning."""
    late = Span("slow", "deliver receipt", 599_500, 1)
    the_shop.send(Span("slow", "run 0", 0, 1, children=[late]), ago=600)
    for number in range(1, 60):
        the_shop.send(Span("slow", f"run {number}", 0, 1), ago=600 - number)
    tab.goto(f"{the_shop.url}/?service=slow")
    expect(rows(tab)).to_have_count(50)

    tab.get_by_role("button", name="Older traces").click()

    expect(rows(tab)).to_have_count(60)
    expect(tab.get_by_role("button", name="Older traces")).to_be_hidden()


def test_older_traces_of_the_last_five_minutes_stay_in_reach(
    tab: Page, the_shop: Shop
) -> None:
    for number in range(55):
        the_shop.send(Span("recent", f"run {number}", 0, 1), ago=280 - number)
    tab.clock.install()
    tab.goto(f"{the_shop.url}/?service=recent&range=5m")
    expect(rows(tab)).to_have_count(50)
    tab.clock.fast_forward("04:00")

    tab.get_by_role("button", name="Older traces").click()

    expect(rows(tab)).to_have_count(55)


def test_a_failure_to_load_older_traces_shows_the_reason(
    tab: Page, the_shop: Shop, guard: Guard
) -> None:
    guard.allowed_message = "net::ERR_"
    for number in range(51):
        the_shop.send(Span("lost", f"run {number}", 0, 1), ago=600 - number)
    tab.goto(f"{the_shop.url}/?service=lost")
    expect(rows(tab)).to_have_count(50)
    tab.route("**/api/x/traces?*end=*", lambda route: route.abort())

    tab.get_by_role("button", name="Older traces").click()

    expect(tab.get_by_role("alert")).to_contain_text("does not answer")
    tab.unroute("**/api/x/traces?*end=*")
    tab.get_by_role("button", name="Older traces").click()
    expect(rows(tab)).to_have_count(51)
    expect(tab.get_by_role("alert")).to_be_hidden()


def test_the_status_line_shows_how_full_the_store_is(tab: Page, the_shop: Shop) -> None:
    tab.goto(the_shop.url)
    status = tab.locator("footer")

    expect(status).to_contain_text(re.compile(r"\d spans"))
    expect(status).to_contain_text("of 1.0 GB")
    expect(status).to_contain_text("0 removed")


def test_an_unknown_address_says_so(tab: Page, the_shop: Shop, guard: Guard) -> None:
    guard.allowed_message = "404 (Not Found)"
    tab.goto(f"{the_shop.url}/nowhere")

    expect(tab.get_by_role("heading", name="There is no such page")).to_be_visible()
