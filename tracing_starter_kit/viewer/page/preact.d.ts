// The types of preact.js, from the packages themselves: for tsc and for editors.

import type { VNode } from "preact";

export { Fragment, render } from "preact";
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { batch, computed, effect, signal, untracked } from "@preact/signals";

export type { ComponentChildren } from "preact";
export type { ReadonlySignal, Signal } from "@preact/signals";

export const html: (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
