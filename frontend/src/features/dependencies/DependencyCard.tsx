/** What a task waits for and what waits for it: a picture where there is room, lists where there is not. */
import type { TaskStatus } from "@/graphql/graphql";
import { plural } from "@/lib/format";
import { graphOf, type Graph } from "@/lib/taskgraph";
import { Card } from "@/ui/Card";
import { useWidth } from "@/ui/width";
import { GraphNodeBox } from "./GraphNodeBox";
import { placesOf, type Places } from "./places";
import { useGraph, type GraphNode } from "./useGraph";
import "./dependencies.css";

/** First what holds others up, last what is done. */
const URGENCY: Record<TaskStatus, number> = {
  FAILED: 0,
  EXPIRED: 0,
  CANCELLED: 0,
  RUNNING: 1,
  ASSIGNED: 2,
  QUEUED: 3,
  SCHEDULED: 4,
  BLOCKED: 5,
  SUCCEEDED: 6,
};

const TITLES: Record<string, string> = {
  "-3": "Further back",
  "-2": "Which need",
  "-1": "It needs",
  "0": "This task",
  "1": "Needed by",
  "2": "Which are needed by",
  "3": "Further on",
};

/** Nothing where a task stands alone. */
export function DependencyCard({ id }: { id: string }) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const found = useGraph(id);
  const graph = found && graphOf(id, found.known, ({ status }) => URGENCY[status]);
  const isAlone = !graph || graph.placed.length < 2;
  return (
    // It measures its room before it has something to show.
    <div ref={ref} className={isAlone ? "graph-room" : undefined}>
      {!isAlone && (
        <Card title="Dependencies" aside={summary(graph)}>
          <Picture id={id} graph={graph} isCut={found.isCut} places={placesOf(graph, width - 34)} />
        </Card>
      )}
    </div>
  );
}

interface PictureProps {
  id: string;
  graph: Graph<GraphNode>;
  isCut: boolean;
  places: Places;
}

function Picture({ id, graph, isCut, places }: PictureProps) {
  const status = new Map(graph.placed.map(({ id, node }) => [id, node.status]));
  return (
    <div className={places.isList ? "graph graph-list" : "graph"} style={{ height: places.height }}>
      {!places.isList && (
        <svg className="graph-lines" width={places.width} height={places.height} aria-hidden>
          {graph.edges.map((edge) => (
            <path
              key={`${edge.from} ${edge.to}`}
              d={places.line(edge)}
              className={`graph-line graph-line-${lineLook(status.get(edge.from))}`}
            />
          ))}
        </svg>
      )}
      {places.ranks.map((rank) => (
        <section key={rank} className={rank === 0 ? "graph-column graph-self" : "graph-column"}>
          <h3 style={places.isList ? undefined : places.title(rank)}>{TITLES[rank]}</h3>
          <ul>
            {graph.placed
              .filter((each) => each.rank === rank)
              .map(({ id: nodeId, node }) => (
                <li key={nodeId} style={places.isList ? undefined : places.box(nodeId)}>
                  <GraphNodeBox node={node} isSelf={nodeId === id} />
                  {Math.abs(rank) > 1 && isTied(graph, nodeId, id) && (
                    <span className={places.isList ? "graph-more" : "hidden-text"}>
                      {rank < 0 ? "It is needed by this task itself too." : "It needs this task itself too."}
                    </span>
                  )}
                </li>
              ))}
            {moreWords(graph, rank, isCut) !== "" && (
              <li className="graph-more" style={places.isList ? undefined : places.more(rank)}>
                {moreWords(graph, rank, isCut)}
              </li>
            )}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** The columns tell who is how far off; a line may lead past one. */
function isTied({ edges }: Graph<GraphNode>, one: string, other: string): boolean {
  return edges.some(({ from, to }) => (from === one && to === other) || (from === other && to === one));
}

function lineLook(status: TaskStatus | undefined): string {
  if (status === "SUCCEEDED") return "done";
  return status === "FAILED" || status === "CANCELLED" || status === "EXPIRED" ? "broken" : "open";
}

/** Of its dependents no more than some were asked for. */
function moreWords(graph: Graph<GraphNode>, rank: number, isCut: boolean): string {
  const more = graph.more.get(rank) ?? 0;
  return more === 0 ? "" : `and ${more} more${isCut && rank > 0 ? ", at least" : ""}`;
}

function summary(graph: Graph<GraphNode>): string {
  const all = (rank: number) =>
    graph.placed.filter((each) => each.rank === rank).length + (graph.more.get(rank) ?? 0);
  const needs = graph.edges.length === 0 ? 0 : all(-1) + all(-2) + all(-3);
  const waits = all(1) + all(2) + all(3);
  return [needs > 0 && `${plural(needs, "task")} before it`, waits > 0 && `${plural(waits, "task")} after it`]
    .filter(Boolean)
    .join(", ");
}
