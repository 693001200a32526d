/** How tall a bar is: linear where amounts are alike, logarithmic where one would hide the others. */

/** 0 to 1. On the log scale one task is still seen, and ten times as many are one even step. */
export function height(amount: number, most: number, isLog: boolean): number {
  if (amount <= 0 || most <= 0) return 0;
  return isLog ? Math.log10(amount + 1) / Math.log10(most + 1) : amount / most;
}

/** Whether a log scale would help: one is a hundred times another that is not zero. */
export function isWide(amounts: readonly number[]): boolean {
  const some = amounts.filter((amount) => amount > 0);
  return some.length > 1 && Math.max(...some) >= 100 * Math.min(...some);
}

/** Means over the trailing `windowSeconds`, of counts that each cover `seconds`: the figure a live tick gives. */
export function trailingRates(
  points: readonly { seconds: number; amount: number }[],
  windowSeconds: number,
): number[] {
  const rates: number[] = [];
  let first = 0;
  let amount = 0;
  let covered = 0;
  for (const point of points) {
    amount += point.amount;
    covered += point.seconds;
    for (
      let oldest = points[first];
      oldest && covered - oldest.seconds >= windowSeconds;
      oldest = points[++first]
    ) {
      amount -= oldest.amount;
      covered -= oldest.seconds;
    }
    rates.push(amount / Math.max(covered, windowSeconds));
  }
  return rates;
}
