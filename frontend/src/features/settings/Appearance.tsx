/** The colours of this browser. */
import { useState } from "react";
import { THEMES, themeNow, wear, type Theme } from "@/lib/theme";
import { tellTimes, useExactTimes } from "@/lib/times";
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
      <Times />
    </Card>
  );
}

/** An instant's other form is shown on hover; who cannot hover chooses the one that matters. */
function Times() {
  const areExact = useExactTimes();
  return (
    <fieldset className="times">
      <legend>Times</legend>
      {[false, true].map((exactly) => (
        <label key={String(exactly)}>
          <input
            type="radio"
            name="times"
            checked={exactly === areExact}
            onChange={() => tellTimes(exactly)}
          />
          {exactly ? "The instant" : "How long ago"}
          <span className="faint">{exactly ? "14:05:09" : "3 min ago"}</span>
        </label>
      ))}
    </fieldset>
  );
}
