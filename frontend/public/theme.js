// Puts the colours on before the first paint: the system's until somebody chooses; src/lib/theme.ts writes the choice.
try {
  document.documentElement.dataset.theme = localStorage.getItem("rota.theme") || "system";
} catch {
  // No memory in this browser: the system's they are.
}
