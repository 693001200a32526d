/** All functions that can be called, to search and choose from. */
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf, type ResultOf } from "@/graphql/graphql";
import "./submit.css";

export const FunctionList_function = graphql(`
  fragment FunctionList_function on Function {
    name
    description
  }
`);

interface FunctionListProps {
  functions: readonly FragmentOf<typeof FunctionList_function>[];
  chosen: string | null;
  /** Whether the next one chosen is for many tasks too. */
  isMany: boolean;
}

export function FunctionList({ functions: masked, chosen, isMany }: FunctionListProps) {
  const [text, setText] = useState("");
  const list = useRef<HTMLElement>(null);
  // The list alone: whoever came by a link is to see what is chosen, and the page stays where it is.
  useEffect(() => {
    const nav = list.current;
    const link = nav?.querySelector("[aria-current]");
    if (!nav || !link) return;
    const below = link.getBoundingClientRect().bottom - nav.getBoundingClientRect().bottom;
    if (below > 0) nav.scrollTop += below + 8;
  }, [chosen]);
  const wanted = text.trim().toLowerCase();
  const found = readFragment(FunctionList_function, masked).filter(
    ({ name, description }) =>
      name.toLowerCase().includes(wanted) || (description?.toLowerCase().includes(wanted) ?? false),
  );
  const ticks = found.filter(({ name }) => isTick(name));
  return (
    <nav ref={list} className="functions card" aria-label="Functions">
      <div className="search functions-search">
        <Search size={15} aria-hidden />
        <input
          type="search"
          className="input"
          aria-label="Search functions"
          placeholder="Search functions"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      {found.length === 0 && <p className="functions-none faint">No function has that in its name.</p>}
      <Names found={found.filter(({ name }) => !isTick(name))} chosen={chosen} isMany={isMany} />
      {ticks.length > 0 && (
        <>
          <h2 className="functions-head faint" id="ticks">
            Run by workers’ own cron lines
          </h2>
          <Names found={ticks} chosen={chosen} isMany={isMany} labelledBy="ticks" />
        </>
      )}
    </nav>
  );
}

/** What a worker's cron lines submit by themselves: seldom what somebody looks for here. */
const isTick = (name: string) => name.startsWith("cron:");

interface NamesProps {
  found: readonly ResultOf<typeof FunctionList_function>[];
  chosen: string | null;
  isMany: boolean;
  labelledBy?: string;
}

function Names({ found, chosen, isMany, labelledBy }: NamesProps) {
  return (
    <ul aria-labelledby={labelledBy}>
      {found.map(({ name, description }) => (
        <li key={name}>
          <Link
            href={`/submit?function=${encodeURIComponent(name)}${isMany ? "&many" : ""}`}
            className="function"
            aria-current={name === chosen ? "true" : undefined}
          >
            <span className="mono">{name}</span>
            <span className="faint clip">{description?.split("\n")[0]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
