/** The ten priorities, the first to go on top. */
import type { Option } from "@/ui/Field";

export const PRIORITY_OPTIONS: Option[] = Array.from({ length: 10 }, (_, index) => {
  const priority = 10 - index;
  const note = priority === 10 ? " — first" : priority === 1 ? " — last" : "";
  return { value: String(priority), label: `${priority}${note}` };
});
