// Loads what a key stands for: useLoaded(spanId, load). The last value stays until the
// next one is there, so that walking down the rows does not flicker; requests that are
// overtaken are given up.

import { useEffect, useState } from "./preact.js";
import { isAborted } from "./api.js";

/** Somebody who holds a key down passes many rows: load where they stop. */
const SETTLE_MS = 40;

/**
 * @template T
 * @param {string | null} key  null: nothing to load
 * @param {(options: {signal: AbortSignal}) => Promise<T>} load
 * @returns {{key: string | null, value: T | null, error: Error | null}}
 */
export function useLoaded(key, load) {
  const [state, setState] = useState({ key: null, value: null, error: null });
  useEffect(() => {
    if (key === null) return undefined;
    const given = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setState({ key, value: await load({ signal: given.signal }), error: null });
      } catch (error) {
        if (!isAborted(error)) setState({ key, value: null, error });
      }
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      given.abort();
    };
  }, [key]);
  return state;
}
