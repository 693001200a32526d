/** Says to who is no administrator that numbers are of everybody's tasks. */
import { Users } from "lucide-react";
import { useViewer } from "@/graphql/viewer";
import "@/ui/card.css";

export function Whose() {
  const { isAdmin, isClient } = useViewer();
  if (isAdmin) return null;
  return (
    <p className="whose faint">
      <Users size={14} aria-hidden />
      <span>
        All of Rota: these numbers count everybody’s tasks.
        {isClient && " Lists of tasks show your own."}
      </span>
    </p>
  );
}
