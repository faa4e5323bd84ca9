// What this browser remembers between visits: the theme, widths, service colours.
// Private windows and strict settings refuse storage; then nothing is remembered.

/** @param {string} name @returns {string | null} */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string | null} value  null forgets */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Not remembered, not a problem.
  }
}
