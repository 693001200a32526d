/** How a queue's tasks find their workers; administrators choose, and nothing is lost by it. */
import { useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf, type Strategy } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { Card } from "@/ui/Card";
import { told } from "@/ui/toast";
import { SHORTLY } from "./QueueCard";
import { STRATEGIES } from "./strategies";

export const QueueStrategy_queue = graphql(`
  fragment QueueStrategy_queue on Queue {
    name
    strategy
  }
`);

const StrategyMutation = graphql(`
  mutation SetQueueStrategy($name: String!, $strategy: Strategy!) {
    setQueueStrategy(name: $name, strategy: $strategy) {
      queue {
        id
        strategy
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

export function QueueStrategy({ queue: data }: { queue: FragmentOf<typeof QueueStrategy_queue> }) {
  const { name, strategy } = readFragment(QueueStrategy_queue, data);
  const { isAdmin } = useViewer();
  const { act, isBusy } = useAct(StrategyMutation);
  // Stays where it was put while it is asked for.
  const [wanted, setWanted] = useState<Strategy | null>(null);
  const choose = async (next: Strategy) => {
    setWanted(next);
    const outcome = await act({ name, strategy: next });
    setWanted(null);
    told(outcome, `${name} now goes: ${SHORTLY[next]}.`);
  };
  return (
    <Card title="Strategy">
      <fieldset className="strategies" disabled={isBusy}>
        <legend className="hidden-text">How its tasks find their workers</legend>
        {(Object.keys(STRATEGIES) as Strategy[]).map((each) => (
          <label key={each} className="strategy">
            <input
              type="radio"
              name="strategy"
              checked={each === (wanted ?? strategy)}
              disabled={!isAdmin && each !== strategy}
              onChange={() => void choose(each)}
            />
            <span>
              <span className="strategy-name">{STRATEGIES[each].name}</span>
              <span className="faint">{STRATEGIES[each].words}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Card>
  );
}
