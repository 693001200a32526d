/** Each part of Rota: how it is, why, and how quickly it answers. */
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { duration } from "@/lib/time";
import { Mark } from "@/ui/Badge";
import { PART, STATE } from "./states";
import "./system.css";

export const Parts_system = graphql(`
  fragment Parts_system on System {
    parts {
      name
      state
      words
      tookMs
    }
  }
`);

export function Parts({ system }: { system: FragmentOf<typeof Parts_system> }) {
  const { parts } = readFragment(Parts_system, system);
  return (
    <ul className="parts">
      {parts.map(({ name, state, words, tookMs }) => (
        <li key={name} className={`part card part-${state.toLowerCase()}`}>
          <div className="part-head">
            <h2>{PART[name].name}</h2>
            <Mark look={STATE[state]} />
          </div>
          <p>
            {words}
            {tookMs !== null && (
              <span className="faint figures"> in {tookMs < 1 ? "<1 ms" : duration(tookMs)}</span>
            )}
          </p>
          <p className="faint">{PART[name].words}</p>
        </li>
      ))}
    </ul>
  );
}
