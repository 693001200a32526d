/** Where the boxes and lines of the picture stand, in pixels, for the room that there is. */
import type { CSSProperties } from "react";
import type { Graph } from "@/lib/taskgraph";

const BOX = { least: 118, most: 224, height: 46 };
const GAP = { least: 28, most: 64, rows: 10 };
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
  line: (from: string, to: string) => string;
}

export function placesOf<Node>(graph: Graph<Node>, room: number): Places {
  const ranks = [...new Set(graph.placed.map(({ rank }) => rank))].sort((a, b) => a - b);
  const columns = ranks.length;
  const gap = clamp((room - columns * BOX.most) / Math.max(columns - 1, 1), GAP.least, GAP.most);
  const width = clamp((room - (columns - 1) * gap) / columns, 0, BOX.most);
  const rows = new Map(ranks.map((rank) => [rank, graph.placed.filter((each) => each.rank === rank).length]));
  const heightOf = (rank: number) =>
    (rows.get(rank) ?? 0) * (BOX.height + GAP.rows) + (graph.more.has(rank) ? MORE_HEIGHT : 0);
  const tallest = Math.max(...ranks.map(heightOf)) - GAP.rows;
  const left = (rank: number) => ranks.indexOf(rank) * (width + gap);
  // Each column stands in the middle of the height.
  const top = (rank: number) => HEAD + (tallest - (heightOf(rank) - GAP.rows)) / 2;
  const corner = (id: string) => {
    const { rank, row } = graph.placed.find((each) => each.id === id) ?? { rank: 0, row: 0 };
    return { x: left(rank), y: top(rank) + row * (BOX.height + GAP.rows) };
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
      top: top(rank) + (rows.get(rank) ?? 0) * (BOX.height + GAP.rows) - 2,
      width,
    }),
    line: (from, to) => {
      const [a, b] = [corner(from), corner(to)];
      const [x1, y1] = [a.x + width, a.y + BOX.height / 2];
      const [x2, y2] = [b.x - 5, b.y + BOX.height / 2];
      const bend = Math.min(60, (x2 - x1) / 2);
      return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}m-4 -4l5 4l-5 4`;
    },
  };
}

function outwards(ranks: readonly number[]): number[] {
  return [...ranks].sort((a, b) => Math.sign(a) - Math.sign(b) || Math.abs(a) - Math.abs(b));
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, value)));
}
