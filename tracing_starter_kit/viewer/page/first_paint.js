// Runs before the first paint, as a classic script: a page that is asked to be dark
// must not flash white while its modules load. Everything else about it: theme.js.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme it is.
}
