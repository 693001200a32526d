// Puts the chosen colours on before the first paint; src/lib/theme.ts writes the choice.
try {
  document.documentElement.dataset.theme = localStorage.getItem("rota.theme") || "dark";
} catch {
  // No memory in this browser: dark it is.
}
