/** The head of the table; its checkbox selects all that is loaded. */
import { useEffect, useRef } from "react";

export const COLUMNS = 8;

interface TaskHeadProps {
  /** How much of what is loaded is selected. */
  share: "none" | "some" | "all";
  /** Whether there is anything to select. */
  isSelectable: boolean;
  onToggle: () => void;
}

export function TaskHead({ share, isSelectable, onToggle }: TaskHeadProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = share === "some";
  }, [share]);
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" className="task-pick">
          <label>
            <input
              ref={box}
              type="checkbox"
              className="check"
              checked={share === "all" && isSelectable}
              disabled={!isSelectable}
              onChange={onToggle}
            />
            <span className="task-pick-words">Select all that are loaded</span>
          </label>
        </th>
        <th scope="col" className="task-status">
          Status
        </th>
        <th scope="col">Task</th>
        <th scope="col" className="task-queue">
          Queue
        </th>
        <th scope="col" className="task-priority number">
          Priority
        </th>
        <th scope="col" className="task-ran number">
          Ran
        </th>
        <th scope="col" className="task-created number">
          Created
        </th>
        <th scope="col" className="task-acts">
          <span className="hidden-text">Actions</span>
        </th>
      </tr>
    </thead>
  );
}
