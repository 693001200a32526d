/** The reader's own views of the list: links with a name, saved from what is asked now. */
import { Bookmark, X } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import { Link } from "wouter";
import { useViewer } from "@/graphql/viewer";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Input } from "@/ui/Field";
import { LONGEST_NAME, useViews } from "./views";

export function SavedViews({ address, isNarrowed }: { address: string; isNarrowed: boolean }) {
  const { views, save, remove } = useViews(useViewer().user.id);
  const [isNaming, setNaming] = useState(false);
  const shown = views.find((view) => view.address === address);
  if (views.length === 0 && !isNarrowed) return null;
  return (
    <div className="views">
      {views.length > 0 && (
        <ul className="views" aria-label="Saved views">
          {views.map((view) => (
            <li key={view.name} className={view === shown ? "view view-shown" : "view"}>
              <Link href={`/tasks?${view.address}`} aria-current={view === shown ? "page" : undefined}>
                {view.name}
              </Link>
              <button
                type="button"
                title="Delete this view"
                aria-label={`Delete the view ${view.name}`}
                onClick={() => remove(view.name)}
              >
                <X size={12} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      {isNarrowed && shown === undefined && (
        <Button look="quiet" isSmall icon={Bookmark} onClick={() => setNaming(true)}>
          Save this view
        </Button>
      )}
      {isNaming && (
        <NameDialog
          names={views.map(({ name }) => name)}
          onClose={() => setNaming(false)}
          onName={(name) => {
            save({ name, address });
            setNaming(false);
          }}
        />
      )}
    </div>
  );
}

interface NameDialogProps {
  names: readonly string[];
  onClose: () => void;
  onName: (name: string) => void;
}

function NameDialog({ names, onClose, onName }: NameDialogProps) {
  const [name, setName] = useState("");
  const wanted = name.trim();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (wanted !== "") onName(wanted);
  };
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <Button look="primary" type="submit" form="view-name" disabled={wanted === ""}>
        Save
      </Button>
    </>
  );
  return (
    <Dialog title="Save this view" onClose={onClose} actions={actions}>
      <form id="view-name" onSubmit={submit}>
        <Input
          autoFocus
          label="Name"
          maxLength={LONGEST_NAME}
          value={name}
          help={
            names.includes(wanted)
              ? "There is a view of this name; it gives way."
              : "Kept in this browser. To share the view, send its address."
          }
          onChange={(event) => setName(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
