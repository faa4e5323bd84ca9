// Starts the page: the frame around every view, and the view that the address names.
// Read this first; then trace_list.js and trace_page.js.

import { html, render, useEffect } from "./preact.js";
import { icon } from "./icons.js";
import { Help, helpOpen, useKeys } from "./keyboard.js";
import { go, route } from "./router.js";
import { StatusLine } from "./status_line.js";
import { ThemeToggle } from "./theme.js";
import { TraceList } from "./trace_list.js";
import { TracePage } from "./trace_page.js";

const PAGES = { list: TraceList, trace: TracePage, unknown: NotFound };

function App() {
  const { page, traceId } = route.value;
  const Page = PAGES[page];
  useKeys({ "?": () => (helpOpen.value = true), g: () => go("/") });
  useEffect(() => {
    if (page !== "trace") document.title = "Traces";
  }, [page]);
  return html`
    <div class="frame page-${page}">
      <header class="top">
        <a class="home" href="/" aria-label="Traces, the list">
          <img src="/static/favicon.svg" alt="" width="22" height="22" />Traces
        </a>
        <nav aria-label="Page">
          <${ThemeToggle} />
          <button class="quiet icon" onClick=${() => (helpOpen.value = true)}
            title="Keyboard (?)" aria-label="Keyboard help">${icon("help")}</button>
        </nav>
      </header>
      <main><${Page} key=${page + traceId} traceId=${traceId} /></main>
      <${StatusLine} />
    </div>
    <${Help} />
  `;
}

function NotFound() {
  return html`<section class="empty">
    <h1>There is no such page</h1>
    <p>${location.pathname} is not one of this viewer. <a href="/">All traces</a></p>
  </section>`;
}

render(html`<${App} />`, document.getElementById("app"));
