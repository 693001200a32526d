/** Where tasks stand in a picture of what waits for what: needs to the left, dependents to the right, bounded. */

export interface Known<Node> {
  node: Node;
  needs: readonly string[];
}

export interface Placed<Node> {
  id: string;
  node: Node;
  /** Columns from the task itself: below zero it is needed, above zero it waits. */
  rank: number;
  row: number;
}

interface Tie {
  from: string;
  to: string;
}

export interface Edge extends Tie {
  /** The gaps that it passes through. */
  via: string[];
}

export interface Graph<Node> {
  placed: Placed<Node>[];
  /** Who is needed, and by whom. */
  edges: Edge[];
  /** Where lines pass through columns: between the boxes, not behind them. */
  gaps: { id: string; rank: number; row: number }[];
  /** How many had no room, by rank. */
  more: Map<number, number>;
}

export const MOST_NODES = 50;
export const MOST_IN_COLUMN = 8;
const FARTHEST = 3;

/**
 * Each task stands one column beyond the farthest of those that it leads to, so that no line runs backwards. `urgency`
 * tells who is to be shown first where there is no room for all, smaller first.
 */
export function graphOf<Node>(
  centre: string,
  known: ReadonlyMap<string, Known<Node>>,
  urgency: (node: Node) => number,
): Graph<Node> {
  const edges = [...known].flatMap(([to, { needs }]) =>
    needs.filter((from) => known.has(from)).map((from) => ({ from, to })),
  );
  const ranks = ranksOf(centre, edges);
  const { kept, more } = bounded(centre, known, ranks, urgency);
  const drawn = edges
    .filter(({ from, to }) => kept.has(from) && kept.has(to) && (ranks.get(from) ?? 0) < (ranks.get(to) ?? 0))
    .map((edge): Edge => ({ ...edge, via: gapsOf(edge, ranks) }));
  const columns = new Map([
    ...kept,
    ...drawn.flatMap(({ via }) => via.map((gap) => [gap, rankOfGap(gap)] as const)),
  ]);
  const rows = rowsOf(columns, drawn.flatMap(partsOf));
  const placed: Placed<Node>[] = [];
  const gaps: Graph<Node>["gaps"] = [];
  for (const { id, rank, row } of rows) {
    const node = known.get(id)?.node;
    if (node === undefined) gaps.push({ id, rank, row });
    else placed.push({ id, node, rank, row });
  }
  return { placed, gaps, edges: drawn, more };
}

/** One in each column between its ends; those that lead to or from the same task nearer the centre share it. */
function gapsOf({ from, to }: Tie, ranks: ReadonlyMap<string, number>): string[] {
  const [first, last] = [ranks.get(from) ?? 0, ranks.get(to) ?? 0];
  return Array.from({ length: last - first - 1 }, (_, index) => {
    const rank = first + 1 + index;
    return `${rank} ${rank > 0 ? from : to}`;
  });
}

function rankOfGap(gap: string): number {
  return Number(gap.slice(0, gap.indexOf(" ")));
}

/** From each end or gap to the next. */
function partsOf({ from, to, via }: Edge): Tie[] {
  const stops = [from, ...via, to];
  return stops.slice(1).map((stop, index) => ({ from: stops[index] ?? from, to: stop }));
}

/** By the longest way to or from the centre; who is not connected to it through others of its side has no rank. */
function ranksOf(centre: string, edges: readonly Tie[]): Map<string, number> {
  const ranks = new Map([[centre, 0]]);
  for (const side of [-1, 1]) {
    // Each round draws the picture one step wider, and no farther than is shown.
    for (let step = 1; step <= FARTHEST; step++) {
      for (const { from, to } of edges) {
        const [near, far] = side < 0 ? [to, from] : [from, to];
        if (ranks.get(near) === side * (step - 1) && far !== centre) ranks.set(far, side * step);
      }
    }
  }
  return ranks;
}

function bounded<Node>(
  centre: string,
  known: ReadonlyMap<string, Known<Node>>,
  ranks: ReadonlyMap<string, number>,
  urgency: (node: Node) => number,
): { kept: Map<string, number>; more: Map<number, number> } {
  const kept = new Map([[centre, 0]]);
  const more = new Map<number, number>();
  const inColumn = new Map<number, number>();
  const others = [...ranks]
    .flatMap(([id, rank]) => {
      const node = known.get(id)?.node;
      return id === centre || node === undefined ? [] : [{ id, rank, urgency: urgency(node) }];
    })
    .sort((a, b) => Math.abs(a.rank) - Math.abs(b.rank) || a.urgency - b.urgency);
  for (const { id, rank } of others) {
    const before = inColumn.get(rank) ?? 0;
    if (kept.size < MOST_NODES && before < MOST_IN_COLUMN) {
      kept.set(id, rank);
      inColumn.set(rank, before + 1);
    } else more.set(rank, (more.get(rank) ?? 0) + 1);
  }
  return { kept, more };
}

/** In each column beside those that they are tied to in the column before: fewer lines cross. */
function rowsOf(
  columns: ReadonlyMap<string, number>,
  ties: readonly Tie[],
): { id: string; rank: number; row: number }[] {
  const rows = new Map<string, number>();
  const ranks = [...new Set(columns.values())].sort((a, b) => Math.abs(a) - Math.abs(b));
  return ranks.flatMap((rank) => {
    const column = [...columns.keys()].filter((id) => columns.get(id) === rank);
    const pull = new Map(column.map((id) => [id, meanRow(id, ties, rows)]));
    column.sort((a, b) => (pull.get(a) ?? 0) - (pull.get(b) ?? 0));
    column.forEach((id, row) => rows.set(id, row));
    return column.map((id, row) => ({ id, rank, row }));
  });
}

function meanRow(id: string, ties: readonly Tie[], rows: ReadonlyMap<string, number>): number {
  const tied = ties
    .filter(({ from, to }) => from === id || to === id)
    .flatMap(({ from, to }) => rows.get(from === id ? to : from) ?? []);
  return tied.length === 0 ? 0 : tied.reduce((sum, row) => sum + row, 0) / tied.length;
}
