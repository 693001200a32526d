/** GraphiQL on Rota's own schema, as whoever is signed in on the page, or by a token under Headers. */
import { GraphiQL } from "graphiql";
import { useEditorContext } from "@graphiql/react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { isDarkNow } from "@/lib/theme";
import { Logo } from "@/ui/Logo";
import { examplesPlugin, textOf } from "./Examples";
import { EXAMPLES } from "./examples";
import { createFetcher, post } from "./fetcher";
import { storage } from "./storage";

const PLUGINS = [examplesPlugin];
const FIRST = EXAMPLES.slice(0, 1).map(({ query, variables }) => ({ query, variables: textOf(variables) }));
const HELLO = "# Rota's API. Ctrl-Space completes, Ctrl-Enter runs; the examples are on the left.\n\n";

export function Explorer() {
  const [name, ask] = useName();
  const [variables] = useState(() => new Variables());
  const fetcher = useMemo(() => createFetcher(ask, variables.text), [ask, variables]);
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      forcedTheme={isDarkNow() ? "dark" : "light"}
      plugins={PLUGINS}
      defaultTabs={FIRST}
      defaultQuery={HELLO}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <Find variables={variables} />
        <a className="home" href="/">
          <Logo size={22} />
          {name === null ? "Sign in" : <span className="home-name">{name}</span>}
        </a>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

type Editor = NonNullable<ReturnType<typeof useEditorContext>>["variableEditor"];

class Variables {
  private editor: Editor = null;
  readonly text = (): string => this.editor?.getValue() ?? "";
  found(editor: Editor): void {
    this.editor = editor;
  }
}

/** GraphiQL tells of its editors only within itself. */
function Find({ variables }: { variables: Variables }) {
  const { variableEditor } = useEditorContext({ nonNull: true });
  useEffect(() => variables.found(variableEditor), [variables, variableEditor]);
  return null;
}

/** Who the session's cookie says that this is, and how to ask again; null for nobody. */
function useName(): [string | null, () => void] {
  const [name, setName] = useState<string | null>(null);
  const ask = useCallback(() => {
    void post({ query: "query Viewer { viewer { username } }" }).then((answer) => {
      const { data } = answer as { data?: { viewer: { username: string } | null } };
      setName(data?.viewer?.username ?? null);
    });
  }, []);
  useEffect(ask, [ask]);
  return [name, ask];
}
