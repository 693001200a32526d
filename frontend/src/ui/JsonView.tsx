/** JSON as it is, indented, with quiet colours; big integers by all their digits. */
import { Fragment } from "react";
import { formatExact, type Json } from "@/lib/exactjson";
import { CopyButton } from "./CopyId";
import "./json.css";

const PARTS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
/** Colouring a very long text would stall the page. */
const COLOURED_UP_TO = 50_000;

export function JsonView({ value, label }: { value: Json; label: string }) {
  const text = formatExact(value, 2);
  return (
    <div className="json">
      <div className="json-copy">
        <CopyButton text={text} />
      </div>
      <pre className="mono" tabIndex={0} aria-label={label}>
        {text.length > COLOURED_UP_TO ? text : coloured(text)}
      </pre>
    </div>
  );
}

function coloured(text: string) {
  const pieces = [];
  let at = 0;
  for (const match of text.matchAll(PARTS)) {
    const [whole, quoted, colon, word] = match;
    const kind =
      colon !== undefined ? "key" : quoted !== undefined ? "text" : word !== undefined ? "word" : "number";
    const token = quoted ?? whole;
    pieces.push(
      <Fragment key={match.index}>
        {text.slice(at, match.index)}
        <span className={`json-${kind}`}>{token}</span>
      </Fragment>,
    );
    at = match.index + token.length;
  }
  return [...pieces, text.slice(at)];
}

/** Text as a program wrote it: a traceback, a command. */
export function CodeView({ text, label }: { text: string; label: string }) {
  return (
    <div className="json">
      <div className="json-copy">
        <CopyButton text={text} />
      </div>
      <pre className="mono" tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </div>
  );
}
