"""Take the README's picture: one trace in the viewer, as a person sees it.

    kit order --json                    # prints trace_url
    python scripts/picture.py http://127.0.0.1:16686/trace/ID --span price_order

Needs a running viewer, Playwright's Python package and a Chromium ($CHROMIUM, or on the
PATH). The picture goes to docs/trace.png.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

PICTURE = Path(__file__).parent.parent / "docs" / "trace.png"
SIZE: ViewportSize = {"width": 1440, "height": 860}
# Sharp on today's screens, and still well under a megabyte.
SCALE = 1.5


def main() -> None:
    """Read the options, take the picture, print its path."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", help="address of the trace in a running viewer")
    parser.add_argument("--span", help="name of the span to select; default: the root")
    parser.add_argument("--out", type=Path, default=PICTURE, help="file to write")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    take(options.url, span=options.span, out=options.out, theme=options.theme)
    print(f"{options.out}: {options.out.stat().st_size // 1024} KB")


def take(url: str, *, span: str | None, out: Path, theme: str) -> None:
    """Open the trace, wait until the span's code is there, and write the picture."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(
            viewport=SIZE,
            device_scale_factor=SCALE,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        page.goto(url)
        show(page, span)
        page.screenshot(path=out)
        browser.close()


def show(page: Page, span: str | None) -> None:
    """Select the span; the picture is complete when its code and fields are drawn."""
    expect(page.get_by_role("treegrid")).to_be_visible()
    if span:
        page.locator(".name").get_by_text(span, exact=True).first.click()
        expect(page.locator(".span-head h2")).to_have_text(span)
    expect(page.locator(".code tr.marked")).to_be_visible()
    expect(page.locator("#span-pane[aria-busy=false]")).to_be_visible()
    page.mouse.move(0, 0)


if __name__ == "__main__":
    main()
