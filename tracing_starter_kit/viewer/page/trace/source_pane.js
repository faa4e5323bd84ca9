// The code beside the span: the file, its function highlighted, the line marked.
//
// `InsertedLine` is the only place of the page where HTML is inserted. It comes from
// the viewer's own Pygments, which escapes the file's text. Nothing else of a span or
// of a file becomes HTML.

import { html, useLayoutEffect, useRef, useState } from "../preact.js";
import { getSource, messageOf } from "../api.js";
import { useLoaded } from "../loading.js";
import { Copy } from "../ui/copy.js";

/** @import { Code, Source, SourceLine, SpanDetails } from "../types.js" */

/** Longer files are shown around the marked line, with a button for the whole. */
const MAX_LINES = 1500;
const AROUND = 400;

/** @param {{traceId: string, span: SpanDetails}} props */
export function SourcePane({ traceId, span }) {
  const key = span.code ? span.id : null;
  const loaded = useLoaded(key, (options) => getSource(traceId, span.id, options));
  if (!span.code) {
    return html`<${NoSource} reason="This span does not say which line of code it comes from. Spans made through the kit's helpers carry code.file.path and code.line.number." />`;
  }
  if (loaded.error && loaded.key === key) {
    return html`<${NoSource} code=${span.code} reason=${messageOf(loaded.error)} />`;
  }
  if (!loaded.value) return html`<section class="source" aria-busy="true"></section>`;
  return html`<${File} source=${loaded.value} isCaller=${["CLIENT", "PRODUCER"].includes(span.kind)} />`;
}

/** @param {{code?: Code, reason: string}} props */
const NoSource = ({ code, reason }) => html`<section class="source none" aria-label="Source code">
  ${code && html`<header><code>${code.path}${code.line && `:${code.line}`}</code></header>`}
  <p>${reason}</p>
</section>`;

/** @param {{source: Source, isCaller: boolean}} props  isCaller: the line makes a call */
function File({ source, isCaller }) {
  const { path, line, note } = source;
  const place = line ? `${path}:${line}` : path;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [wholePath, setWholePath] = useState("");
  const lines = wholePath === path ? source.lines : nearby(source);
  useLayoutEffect(() => keepInSight(/** @type {HTMLElement} */ (box.current), source), [source, wholePath]);
  return html`<section class="source" aria-label="Source code">
    <header>
      <code class="path">${place}</code>
      ${source.function && html`<span class="function" title=${source.function}>${isCaller ? "called in " : "in "}${source.function.split(".").at(-1)}</span>`}
      <${Copy} text=${place} label="Copy file and line" />
      <${Revision} source=${source} />
    </header>
    ${note && html`<p class="note">${note}</p>`}
    <div class="code" ref=${box} tabindex="0" role="region" aria-label="Code of ${path}">
      ${lines.length < source.lines.length && html`<button class="quiet" onClick=${() => setWholePath(path)}>
        Show all ${source.lines.length} lines</button>`}
      <table role="presentation"><tbody>
        ${lines.map((item) => html`<${InsertedLine} key=${item.number} item=${item} state=${lineState(item.number, source)} />`)}
      </tbody></table>
    </div>
  </section>`;
}

/** @param {{source: Source}} props */
const Revision = ({ source: { shown, revision } }) =>
  shown === "recorded"
    ? html`<span class="revision" title="Shown as it was at ${revision}, when the trace was recorded">as recorded <code>${revision?.slice(0, 9)}</code></span>`
    : html`<span class="revision working" title="Shown as the file is now">working tree</span>`;

/**
 * The server's own markup for one line; see the head of this file.
 * @param {{item: SourceLine, state: string}} props
 */
const InsertedLine = ({ item: { number, html: markup }, state }) => html`<tr class=${state} data-line=${number}
  aria-current=${state.includes("marked") ? "true" : null}>
  <td class="line-number">${number}</td>
  <td><pre dangerouslySetInnerHTML=${{ __html: markup || " " }}></pre></td>
</tr>`;

/** @param {number} number @param {Source} source */
function lineState(number, { line, functionStart, functionEnd }) {
  const isInside =
    functionStart !== null && functionEnd !== null && number >= functionStart && number <= functionEnd;
  return `${isInside ? "in-function" : ""}${number === line ? " marked" : ""}`;
}

/** @param {Source} source */
function nearby({ lines, line }) {
  if (lines.length <= MAX_LINES) return lines;
  const at = line ?? 1;
  return lines.slice(Math.max(0, at - AROUND), at + AROUND);
}

/**
 * Shows the line now, and again when the pane's height changes.
 * @param {HTMLElement} box
 * @param {Source} source
 */
function keepInSight(box, source) {
  let height = 0;
  const observer = new ResizeObserver(() => {
    if (box.clientHeight !== height) showLine(box, source);
    height = box.clientHeight;
  });
  showLine(box, source);
  observer.observe(box);
  return () => observer.disconnect();
}

/** Lines above the function's head, so that it does not stick to the edge. */
const ABOVE = 2;

/**
 * Scrolls to the function's head if the marked line then fits, else puts the marked line
 * a third from the top.
 * @param {HTMLElement} box
 * @param {Source} source
 */
function showLine(box, { line, functionStart }) {
  const first = functionStart ?? line ?? 1;
  const marked = topOf(box, line ?? first);
  const head = topOf(box, Math.max(1, first - ABOVE));
  const fits = marked - head < box.clientHeight * 0.7;
  box.scrollTop = fits ? head : marked - box.clientHeight / 3;
  box.scrollLeft = 0;
}

/** @param {HTMLElement} box @param {number} number */
function topOf(box, number) {
  /** @type {HTMLElement | null} */
  const row = box.querySelector(`[data-line="${number}"]`);
  return row?.offsetTop ?? 0;
}
