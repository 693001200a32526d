/** The same call from elsewhere, to copy. */
import { useState } from "react";
import { Link } from "wouter";
import { Card } from "@/ui/Card";
import { CodeView } from "@/ui/JsonView";
import { LANGUAGES, samples, type Language, type Wish } from "./samples";

export function Samples({ wish }: { wish: Wish }) {
  const [language, setLanguage] = useState<Language>("CLI");
  const aside = (
    <div className="segments" role="group" aria-label="Language">
      {LANGUAGES.map((each) => (
        <button key={each} type="button" aria-pressed={each === language} onClick={() => setLanguage(each)}>
          {each}
        </button>
      ))}
    </div>
  );
  return (
    <Card title="The same call from elsewhere" aside={aside}>
      {samples(language, wish, location.origin).map(({ name, text }) => (
        <div key={name} className="sample">
          {name !== "" && <h3>{name}</h3>}
          <CodeView text={text} label={name === "" ? `The call in ${language}` : name} />
        </div>
      ))}
      {language !== "CLI" && (
        <p className="submit-token faint">
          Programs sign in with a token in <code className="mono">ROTA_TOKEN</code>.{" "}
          <Link className="link" href="/settings">
            Make one
          </Link>
        </p>
      )}
    </Card>
  );
}
