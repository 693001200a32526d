/** Where the boxes and lines of the picture stand, in pixels, for the room that there is. */
import type { CSSProperties } from "react";
import type { Edge, Graph } from "@/lib/taskgraph";

const BOX = { least: 118, most: 224, height: 46 };
const GAP = { least: 28, most: 64, rows: 10, height: 8 };
const HEAD = 24;
const MORE_HEIGHT = 20;

export interface Places {
  /** There is no room for a picture. */
  isList: boolean;
  width: number;
  height: number;
  /** In the order to read them: from left to right, in lists from the task outwards. */
  ranks: number[];
  title: (rank: number) => CSSProperties;
  box: (id: string) => CSSProperties;
  more: (rank: number) => CSSProperties;
  line: (edge: Edge) => string;
}

export function placesOf<Node>(graph: Graph<Node>, room: number): Places {
  const ranks = [...new Set(graph.placed.map(({ rank }) => rank))].sort((a, b) => a - b);
  const columns = ranks.length;
  const gap = clamp((room - columns * BOX.most) / Math.max(columns - 1, 1), GAP.least, GAP.most);
  const width = clamp((room - (columns - 1) * gap) / columns, 0, BOX.most);
  const stacks = new Map(ranks.map((rank) => [rank, stackOf(graph, rank)]));
  const heightOf = (rank: number) => stacks.get(rank)?.height ?? 0;
  const tallest = Math.max(...ranks.map(heightOf)) - GAP.rows;
  const left = (rank: number) => ranks.indexOf(rank) * (width + gap);
  // Each column stands in the middle of the height.
  const top = (rank: number) => HEAD + (tallest - (heightOf(rank) - GAP.rows)) / 2;
  const ranksOf = new Map([...graph.placed, ...graph.gaps].map(({ id, rank }) => [id, rank]));
  const corner = (id: string) => {
    const rank = ranksOf.get(id) ?? 0;
    return { x: left(rank), y: top(rank) + (stacks.get(rank)?.tops.get(id) ?? 0) };
  };
  const isList = width < BOX.least;
  return {
    isList,
    width: columns * width + (columns - 1) * gap,
    height: isList ? NaN : HEAD + tallest,
    ranks: isList ? outwards(ranks) : ranks,
    title: (rank) => ({ left: left(rank), top: Math.max(0, top(rank) - HEAD), width }),
    box: (id) => ({ left: corner(id).x, top: corner(id).y, width, height: BOX.height }),
    more: (rank) => ({
      left: left(rank),
      top: top(rank) + heightOf(rank) - MORE_HEIGHT - 2,
      width,
    }),
    line: ({ from, to, via }) => {
      const [a, b] = [corner(from), corner(to)];
      let [x, y] = [a.x + width, a.y + BOX.height / 2];
      let path = `M${x} ${y}`;
      const curve = (x2: number, y2: number) => {
        const bend = Math.min(60, (x2 - x) / 2);
        path += `C${x + bend} ${y} ${x2 - bend} ${y2} ${x2} ${y2}`;
      };
      for (const each of via.map(corner)) {
        const middle = each.y + GAP.height / 2;
        curve(each.x, middle);
        [x, y] = [each.x + width, middle];
        path += `H${x}`;
      }
      curve(b.x - 5, b.y + BOX.height / 2);
      return `${path}m-4 -4l5 4l-5 4`;
    },
  };
}

/** How far from its top each box and each gap of a column stands, and how high all of it is. */
function stackOf<Node>({ placed, gaps, more }: Graph<Node>, rank: number) {
  const tops = new Map<string, number>();
  let height = 0;
  const all = [
    ...placed.map(({ id, rank, row }) => ({ id, rank, row, size: BOX.height })),
    ...gaps.map(({ id, rank, row }) => ({ id, rank, row, size: GAP.height })),
  ];
  for (const { id, size } of all.filter((each) => each.rank === rank).sort((a, b) => a.row - b.row)) {
    tops.set(id, height);
    height += size + GAP.rows;
  }
  return { tops, height: height + (more.has(rank) ? MORE_HEIGHT : 0) };
}

function outwards(ranks: readonly number[]): number[] {
  return [...ranks].sort((a, b) => Math.sign(a) - Math.sign(b) || Math.abs(a) - Math.abs(b));
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, value)));
}
