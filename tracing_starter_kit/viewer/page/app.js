// Starts the page: the view that the address names, and what surrounds every view.
// Read this first; then trace_list.js and trace_page.js.

import { html, render, useEffect } from "./preact.js";
import { Help, helpOpen, useKeys } from "./ui/keyboard.js";
import { go, route } from "./router.js";
import { StatusLine } from "./ui/status_line.js";
import { Top } from "./ui/top.js";
import { TraceList } from "./list/list_page.js";
import { TracePage } from "./trace/trace_page.js";

const PAGES = { list: TraceList, trace: TracePage, unknown: NotFound };

function App() {
  const { page, traceId } = route.value;
  const Page = PAGES[page];
  useKeys({ "?": () => (helpOpen.value = true), g: () => go("/") });
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

render(html`<${App} />`, document.getElementById("app"));
