/** How far an action is, as a bar; it only says that it works while nobody has counted yet. */
import type { BulkAction } from "./documents";

export function Progress({ action: { done, failed, total } }: { action: BulkAction }) {
  const value = done + failed;
  return (
    <div
      className={total === null ? "progress progress-unknown" : "progress"}
      role="progressbar"
      aria-label="Progress of the action"
      aria-valuemin={0}
      aria-valuemax={total ?? undefined}
      aria-valuenow={total === null ? undefined : Math.min(value, total)}
    >
      <span
        style={{
          width: `${total === null ? 30 : total === 0 ? 100 : Math.min(100, (value / total) * 100)}%`,
        }}
      />
    </div>
  );
}
