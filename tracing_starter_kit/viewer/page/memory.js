// The values that this browser keeps between visits: the theme, widths, service
// colours. Private windows and strict settings refuse storage; then nothing is kept.

/** @param {string} name @returns {string | null} */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string | null} value  null removes it */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Without storage the page works, it only starts with its defaults.
  }
}
