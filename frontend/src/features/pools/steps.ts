/** The drawing of a pool's size over time: steps, now at the right edge. */

export interface Size {
  at: string;
  desired: number;
  actual: number;
}

export interface Steps {
  desired: string;
  actual: string;
  /** Closed at the ground, to be filled. */
  area: string;
  most: number;
}

export const WIDTH = 600;
export const HEIGHT = 96;

/** Paths in a box of WIDTH by HEIGHT; each size holds until the next. */
export function steps(sizes: readonly Size[], seconds: number): Steps {
  const end = Date.parse(sizes.at(-1)?.at ?? "") || 0;
  const most = Math.max(1, ...sizes.flatMap(({ desired, actual }) => [desired, actual]));
  const x = (at: string) => round(WIDTH * Math.max(0, 1 - (end - Date.parse(at)) / (seconds * 1_000)));
  const y = (amount: number) => round(HEIGHT - (amount / most) * (HEIGHT - 4));
  const path = (of: "desired" | "actual") =>
    sizes
      .map((size, index) => (index === 0 ? `M${x(size.at)} ${y(size[of])}` : `H${x(size.at)}V${y(size[of])}`))
      .join("");
  const actual = path("actual");
  const first = sizes[0];
  const area = first === undefined ? "" : `${actual}H${WIDTH}V${HEIGHT}H${x(first.at)}Z`;
  return { desired: path("desired"), actual, area, most };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
