// The view of one trace: folded, selected and matching spans, and the zoom. Spans come
// depth first, so a subtree is a run of the array: with the index where each run ends,
// folding and walking up need no tree.

import { batch, computed, signal } from "../preact.js";

/** @import { SpanRow, Trace } from "../types.js" */
/** @typedef {ReturnType<typeof createTraceView>} TraceView */

export function createTraceView() {
  const trace = signal(/** @type {Trace | null} */ (null));
  /** Ids of folded spans. */
  const folded = signal(/** @type {Set<string>} */ (new Set()));
  /** Id of the selected span. */
  const selected = signal(/** @type {string | null} */ (null));
  const find = signal("");
  /** The attributes of each span as text; empty until it is needed. */
  const texts = signal(/** @type {Map<string, string>} */ (new Map()));
  /** The part of the time on screen, µs. */
  const zoom = signal(/** @type {[number, number] | null} */ (null));

  const spans = computed(() => trace.value?.spans ?? []);
  const index = computed(() => indexSpans(spans.value));
  const rows = computed(() => visibleRows(spans.value, index.value.ends, folded.value));
  const matches = computed(() => findMatches(trace.value, find.value, texts.value));
  const matchSet = computed(() => new Set(matches.value));
  const errors = computed(() => numbersWhere(spans.value, (span) => span.error));
  const shown = computed(() => zoom.value ?? [0, Math.max(1, trace.value?.durationUs ?? 1)]);
  const at = computed(() => numberOf(selected.value) ?? -1);

  /** @param {string | null | undefined} id */
  function numberOf(id) {
    return index.value.byId.get(id ?? "");
  }

  /** @param {number | undefined} number */
  function select(number = -1) {
    const span = spans.value[number];
    if (!span) return;
    batch(() => {
      unfoldAbove(number);
      selected.value = span.id;
    });
  }

  /** @param {number} number */
  function unfoldAbove(number) {
    const open = new Set(folded.value);
    for (let up = index.value.parents[number]; up >= 0; up = index.value.parents[up]) {
      open.delete(spans.value[up].id);
    }
    if (open.size !== folded.value.size) folded.value = open;
  }

  /** @param {number} number @param {boolean} isClosed */
  function fold(number, isClosed) {
    const next = new Set(folded.value);
    const { id } = spans.value[number];
    if (isClosed) next.add(id);
    else next.delete(id);
    folded.value = next;
  }

  return {
    trace, folded, selected, find, texts, zoom,
    spans, index, rows, matches, matchSet, errors, shown, at,
    numberOf,
    select,
    fold,
    /** Folds every span that has children, or none. @param {boolean} isClosed */
    foldAll(isClosed) {
      const parents = spans.value.filter((span) => span.children > 0 && span.depth > 0);
      folded.value = new Set(isClosed ? parents.map((span) => span.id) : []);
    },
    /** To the next or previous visible row. @param {number} step */
    move(step) {
      const { parents } = index.value;
      let from = at.value;
      while (from >= 0 && !rows.value.includes(from)) from = parents[from];
      const row = rows.value.indexOf(from) + step;
      select(rows.value[Math.min(rows.value.length - 1, Math.max(0, row))]);
    },
    /** Left: fold, or go to the parent. */
    left() {
      const span = spans.value[at.value];
      if (!span) return;
      if (span.children && !folded.value.has(span.id)) fold(at.value, true);
      else select(index.value.parents[at.value]);
    },
    /** Right: unfold, or go to the first child. */
    right() {
      const span = spans.value[at.value];
      if (!span?.children) return;
      if (folded.value.has(span.id)) fold(at.value, false);
      else select(at.value + 1);
    },
    /**
     * To the next (step 1) or previous (-1) of some spans, around the end.
     * @param {number[]} numbers
     * @param {number} step
     */
    jump(numbers, step) {
      if (!numbers.length) return;
      const later = numbers.findIndex((number) => number > at.value);
      const next = later < 0 ? 0 : later;
      const previous = numbers.findLastIndex((number) => number < at.value);
      select(numbers.at(step > 0 ? next : previous));
    },
  };
}

/**
 * Number of each id, number of each parent (-1: none here), end of each subtree.
 * @param {SpanRow[]} spans
 */
function indexSpans(spans) {
  /** @type {Map<string, number>} */
  const byId = new Map();
  const parents = new Int32Array(spans.length).fill(-1);
  const ends = new Int32Array(spans.length).fill(spans.length);
  /** @type {number[]} the ancestors of the current span */
  const open = [];
  spans.forEach((span, number) => {
    byId.set(span.id, number);
    while (open.length && spans[open[open.length - 1]].depth >= span.depth) {
      ends[/** @type {number} */ (open.pop())] = number;
    }
    if (open.length) parents[number] = open[open.length - 1];
    open.push(number);
  });
  return { byId, parents, ends };
}

/**
 * The numbers of the spans that no folded ancestor hides.
 * @param {SpanRow[]} spans
 * @param {Int32Array} ends
 * @param {Set<string>} folded
 */
function visibleRows(spans, ends, folded) {
  const rows = [];
  for (let number = 0; number < spans.length; ) {
    rows.push(number);
    number = folded.has(spans[number].id) ? ends[number] : number + 1;
  }
  return rows;
}

/**
 * The spans in whose service, name, kind, code or attributes every word occurs.
 * @param {Trace | null} trace
 * @param {string} find
 * @param {Map<string, string>} texts
 */
function findMatches(trace, find, texts) {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  if (!trace || !words.length) return [];
  return numbersWhere(trace.spans, (span) => {
    const row = `${trace.services[span.service]} ${span.name} ${span.kind} ${span.code ?? ""}`;
    const text = `${row.toLowerCase()}\n${texts.get(span.id) ?? ""}`;
    return words.every((word) => text.includes(word));
  });
}

/** @param {SpanRow[]} spans @param {(span: SpanRow) => boolean} predicate */
function numbersWhere(spans, predicate) {
  /** @type {number[]} */
  const numbers = [];
  spans.forEach((span, number) => {
    if (predicate(span)) numbers.push(number);
  });
  return numbers;
}
