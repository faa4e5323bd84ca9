// Runs before the first paint, as a classic script: a dark page must not flash white
// while its modules load. Everything else about the theme: ui/theme.js.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme applies.
}
