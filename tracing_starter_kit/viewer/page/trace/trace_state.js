// One trace as it is looked at: which spans are folded, selected, found, how far the
// time is zoomed. Spans come depth first, so a subtree is a run of the array: with the
// index where each run ends, folding and walking up need no tree.

import { batch, computed, signal } from "../preact.js";

/** @typedef {import("../types.js").Trace} Trace */
/** @typedef {ReturnType<typeof createTraceView>} TraceView */

export function createTraceView() {
  /** @type {{value: Trace | null}} */
  const trace = signal(null);
  /** @type {{value: Set<string>}} ids of folded spans */
  const folded = signal(new Set());
  /** @type {{value: string | null}} id of the selected span */
  const selected = signal(null);
  const find = signal("");
  /** @type {{value: Map<string, string>}} what spans carry; empty until it is needed */
  const texts = signal(new Map());
  /** @type {{value: [number, number] | null}} the part of the time shown, µs */
  const zoom = signal(null);

  const spans = computed(() => trace.value?.spans ?? []);
  const index = computed(() => indexSpans(spans.value));
  const rows = computed(() => visibleRows(spans.value, index.value.ends, folded.value));
  const matches = computed(() => findMatches(trace.value, find.value, texts.value));
  const found = computed(() => new Set(matches.value));
  const errors = computed(() => numbersWhere(spans.value, (span) => span.error));
  const shown = computed(() => zoom.value ?? [0, Math.max(1, trace.value?.durationUs ?? 1)]);
  const at = computed(() => index.value.byId.get(selected.value) ?? -1);

  function select(number) {
    const span = spans.value[number];
    if (!span) return;
    batch(() => {
      unfoldAbove(number);
      selected.value = span.id;
    });
  }

  function unfoldAbove(number) {
    const open = new Set(folded.value);
    for (let up = index.value.parents[number]; up >= 0; up = index.value.parents[up]) {
      open.delete(spans.value[up].id);
    }
    if (open.size !== folded.value.size) folded.value = open;
  }

  function fold(number, closed) {
    const next = new Set(folded.value);
    const { id } = spans.value[number];
    if (closed) next.add(id);
    else next.delete(id);
    folded.value = next;
  }

  return {
    trace, folded, selected, find, texts, zoom,
    spans, index, rows, matches, found, errors, shown, at,
    select,
    fold,
    /** Folds every span that has children, or none. */
    foldAll(closed) {
      const parents = spans.value.filter((span) => span.children > 0 && span.depth > 0);
      folded.value = new Set(closed ? parents.map((span) => span.id) : []);
    },
    /** To the next or previous row that is visible. */
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
    /** To the next (step 1) or previous (-1) of some spans, around the end. */
    jump(numbers, step) {
      if (!numbers.length) return;
      const later = numbers.findIndex((number) => number > at.value);
      const next = later < 0 ? 0 : later;
      const previous = numbers.findLastIndex((number) => number < at.value);
      select(numbers.at(step > 0 ? next : previous));
    },
  };
}

/** Number of each id, number of each parent (-1: none here), end of each subtree. */
function indexSpans(spans) {
  const byId = new Map();
  const parents = new Int32Array(spans.length).fill(-1);
  const ends = new Int32Array(spans.length).fill(spans.length);
  const open = [];
  spans.forEach((span, number) => {
    byId.set(span.id, number);
    while (open.length && spans[open.at(-1)].depth >= span.depth) ends[open.pop()] = number;
    if (open.length) parents[number] = open.at(-1);
    open.push(number);
  });
  return { byId, parents, ends };
}

/** The numbers of the spans that no folded ancestor hides. */
function visibleRows(spans, ends, folded) {
  const rows = [];
  for (let number = 0; number < spans.length; ) {
    rows.push(number);
    number = folded.has(spans[number].id) ? ends[number] : number + 1;
  }
  return rows;
}

/** The spans in whose service, name, kind, code or attributes every word occurs. */
function findMatches(trace, text, texts) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!trace || !words.length) return [];
  return numbersWhere(trace.spans, (span) => {
    const row = `${trace.services[span.service]} ${span.name} ${span.kind} ${span.code ?? ""}`;
    const said = `${row.toLowerCase()}\n${texts.get(span.id) ?? ""}`;
    return words.every((word) => said.includes(word));
  });
}

function numbersWhere(spans, holds) {
  const numbers = [];
  spans.forEach((span, number) => holds(span) && numbers.push(number));
  return numbers;
}
