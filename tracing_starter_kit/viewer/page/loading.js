// Loads the value for a key: useLoaded(spanId, load). The last value stays until the
// next one arrives, so that walking down the rows does not flicker. A request is aborted
// when its key is no longer current.

import { useEffect, useState } from "./preact.js";
import { isAborted } from "./api.js";

/** A held-down key passes many rows: load only the row where it stops. */
const SETTLE_MS = 40;

/**
 * @template T
 * @typedef {{key: string | null, value: T | null, error: unknown}} Loaded
 */

/**
 * @template T
 * @param {string | null} key  null: nothing to load
 * @param {(options: {signal: AbortSignal}) => Promise<T>} load
 * @returns {Loaded<T>}
 */
export function useLoaded(key, load) {
  const [state, setState] = useState(
    /** @type {Loaded<T>} */ ({ key: null, value: null, error: null }),
  );
  useEffect(() => {
    if (key === null) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setState({ key, value: await load({ signal: controller.signal }), error: null });
      } catch (error) {
        if (!isAborted(error)) setState({ key, value: null, error });
      }
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key]);
  return state;
}
