// A live stream of traces (server-sent events) that reports its own state.
//
// It is open only while the page is visible: a browser allows six HTTP/1.1 connections
// to one host over all tabs, and seven forgotten tabs would block the eighth.

import { signal } from "./preact.js";

/** @import { ReadonlySignal } from "./preact.js" */
/** @import { Summary } from "./types.js" */
/** @typedef {"connecting" | "live" | "reconnecting"} Connection */

/** The wait between a lost connection and the next attempt. */
const RETRY_MS = 1500;

/**
 * @param {URLSearchParams | string} query  the filters of the list
 * @param {object} on
 * @param {() => void} on.open  connected: fetch the traces of the time before
 * @param {(traces: Summary[]) => void} on.traces
 * @returns {{state: ReadonlySignal<Connection>, close: () => void}}
 */
export function liveTraces(query, on) {
  const state = signal(/** @type {Connection} */ ("connecting"));
  /** @type {EventSource | null} */
  let stream = null;
  let timer = 0;

  function connect() {
    disconnect();
    if (document.hidden) return;
    stream = new EventSource(`/api/x/live?${query}`);
    stream.addEventListener("open", () => {
      state.value = "live";
      on.open();
    });
    stream.addEventListener("traces", (event) => on.traces(JSON.parse(event.data).traces));
    stream.addEventListener("error", () => {
      // The browser's own retry stops for good at an HTTP error; ours does not.
      state.value = "reconnecting";
      disconnect();
      timer = setTimeout(connect, RETRY_MS);
    });
  }

  function disconnect() {
    clearTimeout(timer);
    stream?.close();
    stream = null;
  }

  document.addEventListener("visibilitychange", connect);
  connect();
  return {
    state,
    close() {
      document.removeEventListener("visibilitychange", connect);
      disconnect();
    },
  };
}
