/** The colours of this browser. */
import { useState } from "react";
import { THEMES, themeNow, wear, type Theme } from "@/lib/theme";
import { Card } from "@/ui/Card";

const WORDS: Record<Theme, string> = { system: "As the system", dark: "Dark", light: "Light" };

export function Appearance() {
  const [theme, setTheme] = useState(themeNow());
  return (
    <Card title="Appearance">
      <fieldset className="themes">
        <legend className="hidden-text">Colours</legend>
        {THEMES.map((each) => (
          <label key={each} className="theme">
            <input
              type="radio"
              name="theme"
              checked={each === theme}
              onChange={() => {
                wear(each);
                setTheme(each);
              }}
            />
            <span className={`theme-look theme-${each}`} aria-hidden>
              <span />
            </span>
            {WORDS[each]}
          </label>
        ))}
      </fieldset>
    </Card>
  );
}
