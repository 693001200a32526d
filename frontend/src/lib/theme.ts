/** The choice of colours: as the system has it, dark or light. `public/theme.js` puts it on before the first paint. */
import { recall, remember } from "./storage";

export const THEMES = ["system", "dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

export function themeNow(): Theme {
  const kept = recall("theme");
  return THEMES.find((theme) => theme === kept) ?? "system";
}

export function wear(theme: Theme): void {
  remember("theme", theme);
  document.documentElement.dataset["theme"] = theme;
}

/** Whether the page is dark just now, whoever chose that. */
export function isDarkNow(): boolean {
  const theme = themeNow();
  return theme === "system" ? !matchMedia("(prefers-color-scheme: light)").matches : theme === "dark";
}
