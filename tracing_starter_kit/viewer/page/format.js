// Durations, times, sizes and counts as people write them. All times of the API are
// microseconds.

/** @type {[number, string][]} */
const UNITS = [
  [86_400_000_000, "d"],
  [3_600_000_000, "h"],
  [60_000_000, "min"],
  [1_000_000, "s"],
  [1_000, "ms"],
  [1, "µs"],
];

/** 0 → "0 µs", 1834 → "1.83 ms", 75_000_000 → "1.25 min". @param {number} us */
export function duration(us) {
  const [size, unit] = UNITS.find(([size]) => Math.abs(us) >= size) ?? [1, "µs"];
  const digits = us / size >= 100 || size === 1 ? 0 : us / size >= 10 ? 1 : 2;
  return `${Number((us / size).toFixed(digits))} ${unit}`;
}

/** @type {Intl.DateTimeFormatOptions} */
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
/** @type {Intl.DateTimeFormatOptions} */
const DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" };

/** "14:03:07.123", the local time of day. @param {number} us */
export function clock(us) {
  const date = new Date(us / 1000);
  const fraction = String(Math.floor(us / 1000) % 1000).padStart(3, "0");
  return `${date.toLocaleTimeString("en-GB", CLOCK)}.${fraction}`;
}

/** "Fri 20 Nov 2026, 14:03:07.123". @param {number} us */
export function dateAndClock(us) {
  const date = new Date(us / 1000).toLocaleDateString("en-GB", DAY);
  return `${date.replace(",", "")}, ${clock(us)}`;
}

/** "now", "12 s ago", "5 min ago", "3 h ago", "20 Nov", "in 2100". @param {number} us */
export function ago(us, nowMs = Date.now()) {
  const seconds = Math.round(nowMs / 1000 - us / 1e6);
  if (seconds < -3600) return `in ${new Date(us / 1000).getFullYear()}`;
  if (seconds < 3) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(us / 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/** 2_147_483_648 → "2.0 GB"; powers of 1024, as is usual for caps. @param {number} size */
export function bytes(size) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10));
  const value = size / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** 12345 → "12,345". @param {number} value */
export const number = (value) => value.toLocaleString("en-US");

/**
 * count(1, "span") → "1 span", count(2, "span") → "2 spans".
 * @param {number} value
 * @param {string} noun
 */
export const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
