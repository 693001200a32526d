/** GraphiQL's panel of examples: a click opens one in a tab of its own. */
import { useEditorContext, type GraphiQLPlugin } from "@graphiql/react";
import { BookOpenCheck } from "lucide-react";
import { useEffect } from "react";
import { flushSync } from "react-dom";
import { EXAMPLES, type Example } from "./examples";

export const examplesPlugin: GraphiQLPlugin = {
  title: "Examples",
  icon: () => <BookOpenCheck strokeWidth={1.5} ref={openAtFirst} />,
  content: Examples,
};

let isOpened = false;

/** The panel stands open at first. (GraphiQL's own `visiblePlugin` leaves it out of sight when it is given from the start.) */
function openAtFirst(icon: SVGSVGElement | null): void {
  if (icon === null || isOpened) return;
  isOpened = true;
  queueMicrotask(() => icon.closest("button")?.click());
}

function Examples() {
  const editor = useEditorContext({ nonNull: true });
  const { queryEditor, variableEditor, headerEditor, responseEditor } = editor;
  useEffect(() => {
    queryEditor?.getInputField().setAttribute("aria-label", "Query");
    variableEditor?.getInputField().setAttribute("aria-label", "Variables");
    headerEditor?.getInputField().setAttribute("aria-label", "Headers");
    responseEditor?.getInputField().setAttribute("aria-label", "Result");
  }, [queryEditor, variableEditor, headerEditor, responseEditor]);
  const open = ({ query, variables }: Example) => {
    // At once: a tab that is made later would empty the editors again.
    if (queryEditor?.getValue().trim()) flushSync(() => editor.addTab());
    queryEditor?.setValue(query);
    variableEditor?.setValue(textOf(variables));
    queryEditor?.focus();
  };
  return (
    <section aria-label="Examples">
      <h2 className="graphiql-doc-explorer-title">Examples</h2>
      <ul className="examples">
        {EXAMPLES.map((example) => (
          <li key={example.name}>
            <button type="button" className="graphiql-un-styled" onClick={() => open(example)}>
              {example.name}
            </button>
            <p>{withCode(example.about)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Text in which what stands between backticks is code. */
function withCode(text: string) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

export function textOf(variables: Example["variables"]): string {
  return variables === undefined ? "" : JSON.stringify(variables, null, 2);
}
