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
}

export interface Decision {
  at: string;
  from: number;
  to: number;
  reason: string;
  isDryRun: boolean;
}

export interface Mark {
  key: string;
  words: string;
  isDryRun: boolean;
  left: number;
  bottom: number;
}

export const WIDTH = 600;
export const HEIGHT = 96;

/** Paths in a box of WIDTH by HEIGHT, `most` at its top; each size holds until the next. */
export function steps(sizes: readonly Size[], seconds: number, most: number): Steps {
  const end = endOf(sizes);
  const x = (at: string) => round(WIDTH * Math.max(0, 1 - (end - Date.parse(at)) / (seconds * 1_000)));
  const y = (amount: number) => round(HEIGHT - (amount / most) * (HEIGHT - 4));
  const path = (of: "desired" | "actual") =>
    sizes
      .map((size, index) => (index === 0 ? `M${x(size.at)} ${y(size[of])}` : `H${x(size.at)}V${y(size[of])}`))
      .join("");
  const actual = path("actual");
  const first = sizes[0];
  const area = first === undefined ? "" : `${actual}H${WIDTH}V${HEIGHT}H${x(first.at)}Z`;
  return { desired: path("desired"), actual, area };
}

/** The most workers that a drawing has to have room for. */
export function mostOf(sizes: readonly Size[], decisions: readonly Decision[]): number {
  return Math.max(
    1,
    ...sizes.flatMap(({ desired, actual }) => [desired, actual]),
    ...decisions.map(({ to }) => to),
  );
}

/** Where decisions stand on the drawing, in hundredths from the left and from the ground; those before it are left out. */
export function marks(
  decisions: readonly Decision[],
  sizes: readonly Size[],
  seconds: number,
  most: number,
): Mark[] {
  const end = endOf(sizes);
  return decisions
    .map((decision) => ({
      key: keyOf(decision),
      words: decision.reason,
      isDryRun: decision.isDryRun,
      left: Math.min(100, 100 - ((end - Date.parse(decision.at)) / (seconds * 1_000)) * 100),
      bottom: (decision.to / most) * (100 - (4 / HEIGHT) * 100),
    }))
    .filter(({ left }) => left >= 0);
}

/** The size that holds at a share of the width, 0 to 1, and that instant; null before the first. */
export function sizeAt(
  sizes: readonly Size[],
  seconds: number,
  share: number,
): { at: number; size: Size } | null {
  const at = endOf(sizes) - (1 - share) * seconds * 1_000;
  const size = sizes.findLast((each) => Date.parse(each.at) <= at);
  return size === undefined ? null : { at, size };
}

export function keyOf({ at, from, to, reason }: Decision): string {
  return `${at}-${from}-${to}-${reason}`;
}

function endOf(sizes: readonly Size[]): number {
  return Date.parse(sizes.at(-1)?.at ?? "") || 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
