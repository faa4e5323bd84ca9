// Starts the page: the view that the address names, and the frame around every view.
// Read this first; then list/list_page.js and trace/trace_page.js.

import { html, render, useEffect } from "./preact.js";
import { go, route } from "./router.js";
import { TraceList } from "./list/list_page.js";
import { TracePage } from "./trace/trace_page.js";
import { Help, helpIsOpen } from "./ui/help.js";
import { useKeys } from "./ui/keyboard.js";
import { StatusLine } from "./ui/status_line.js";
import { Top } from "./ui/top.js";

const PAGES = { list: TraceList, trace: TracePage, unknown: NotFound };

function App() {
  const { page, traceId } = route.value;
  const Page = PAGES[page];
  useKeys({ "?": () => (helpIsOpen.value = true), g: () => go("/") });
  useEffect(() => {
    if (page !== "trace") document.title = "Traces";
  }, [page]);
  return html`
    <div class="frame"><${Page} key=${page + traceId} traceId=${traceId} /><${StatusLine} /></div>
    <${Help} />
  `;
}

function NotFound() {
  return html`<${Top} /><main><section class="empty">
    <h1>There is no such page</h1>
    <p>${location.pathname} is not an address of this viewer. <a href="/">All traces</a></p>
  </section></main>`;
}

render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
