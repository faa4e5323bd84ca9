// The code beside the span: the file, its function highlighted, the line marked.
//
// `InsertedLine` is the only place of the page where HTML is inserted. It comes from
// the viewer's own Pygments, which escapes the file's text; nothing of a span, and
// nothing of a file, becomes HTML in any other way.

import { html, useLayoutEffect, useRef, useState } from "../preact.js";
import { getSource } from "../api.js";
import { Copy } from "../ui/copy.js";
import { useLoaded } from "../loading.js";

/** Files longer than this are shown around the marked line until asked for whole. */
const WHOLE_FILE = 1500;
const AROUND = 400;

/** @param {{traceId: string, span: import("../types.js").SpanDetails}} props */
export function SourcePane({ traceId, span }) {
  const key = span.code ? span.id : null;
  const loaded = useLoaded(key, (options) => getSource(traceId, span.id, options));
  if (!span.code) {
    return html`<${NoSource} reason="This span does not say which line of code it comes from. Spans made through the kit's helpers carry code.file.path and code.line.number." />`;
  }
  if (loaded.error && loaded.key === key) {
    return html`<${NoSource} code=${span.code} reason=${loaded.error.message} />`;
  }
  if (!loaded.value) return html`<section class="source" aria-busy="true"></section>`;
  return html`<${File} source=${loaded.value} called=${["CLIENT", "PRODUCER"].includes(span.kind)} />`;
}

const NoSource = ({ code, reason }) => html`<section class="source none" aria-label="Source code">
  ${code && html`<header><code>${code.path}${code.line && `:${code.line}`}</code></header>`}
  <p>${reason}</p>
</section>`;

/** @param {{source: import("../types.js").Source, called: boolean}} props */
function File({ source, called }) {
  const { path, line, note } = source;
  const place = line ? `${path}:${line}` : path;
  const box = useRef(null);
  const [whole, setWhole] = useState("");
  const lines = whole === path ? source.lines : nearby(source);
  useLayoutEffect(() => keepInSight(box.current, source), [source, whole]);
  return html`<section class="source" aria-label="Source code">
    <header>
      <code class="path">${place}</code>
      ${source.function && html`<span class="function" title=${source.function}>${called ? "called in " : "in "}${source.function.split(".").at(-1)}</span>`}
      <${Copy} text=${place} label="Copy file and line" />
      <${Revision} source=${source} />
    </header>
    ${note && html`<p class="note">${note}</p>`}
    <div class="code" ref=${box} tabindex="0" role="region" aria-label="Code of ${path}">
      ${lines.length < source.lines.length && html`<button class="quiet" onClick=${() => setWhole(path)}>
        Show all ${source.lines.length} lines</button>`}
      <table role="presentation"><tbody>
        ${lines.map((item) => html`<${InsertedLine} key=${item.number} item=${item} state=${lineState(item.number, source)} />`)}
      </tbody></table>
    </div>
  </section>`;
}

const Revision = ({ source: { shown, revision } }) =>
  shown === "recorded"
    ? html`<span class="revision" title="Shown as it was at ${revision}, when the trace was recorded">as recorded <code>${revision?.slice(0, 9)}</code></span>`
    : html`<span class="revision working" title="Shown as the file is now">working tree</span>`;

/** The server's own markup for one line; see the head of this file. */
const InsertedLine = ({ item: { number, html: markup }, state }) => html`<tr class=${state} data-line=${number}
  aria-current=${state.includes("marked") ? "true" : null}>
  <td class="line-number">${number}</td>
  <td><pre dangerouslySetInnerHTML=${{ __html: markup || " " }}></pre></td>
</tr>`;

function lineState(number, { line, functionStart, functionEnd }) {
  const inside = functionStart !== null && number >= functionStart && number <= functionEnd;
  return `${inside ? "in-function" : ""}${number === line ? " marked" : ""}`;
}

function nearby({ lines, line }) {
  if (lines.length <= WHOLE_FILE) return lines;
  const at = line ?? 1;
  return lines.slice(Math.max(0, at - AROUND), at + AROUND);
}

/** Shows the line now, and again when the pane becomes another height. */
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

/** Lines shown above the function's head, so that it does not stick to the edge. */
const ABOVE = 2;

/** The function's head if both fit, else the marked line a third from the top. */
function showLine(box, { line, functionStart }) {
  const top = (number) => box.querySelector(`[data-line="${number}"]`)?.offsetTop ?? 0;
  const marked = top(line ?? functionStart);
  const head = top(Math.max(1, (functionStart ?? line) - ABOVE));
  const fits = marked - head < box.clientHeight * 0.7;
  box.scrollTop = fits ? head : marked - box.clientHeight / 3;
  box.scrollLeft = 0;
}
