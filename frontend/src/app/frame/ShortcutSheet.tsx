/** Every key that does something. */
import { useViewer } from "@/graphql/viewer";
import { Dialog } from "@/ui/Dialog";
import { placesFor } from "./places";
import { IS_MAC } from "./TopBar";

const KEYS: [string[], string][] = [
  [[IS_MAC ? "⌘" : "Ctrl", "K"], "Go anywhere, do anything"],
  [["/"], "Search this page"],
  [["j"], "Next row"],
  [["k"], "Row before"],
  [["Enter"], "Open the row"],
  [["x"], "Select the task; with Shift, all from the last"],
  [["a"], "To what can be done to the selected"],
  [["Esc"], "Select nothing"],
  [["l"], "Pause live updates, or go on"],
  [["?"], "This sheet"],
];

export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const going: [string[], string][] = placesFor(useViewer()).map(({ key, name }) => [["g", key], name]);
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div className="sheet">
        <dl>{KEYS.map(entry)}</dl>
        <dl>{going.map(entry)}</dl>
      </div>
    </Dialog>
  );
}

function entry([keys, words]: [string[], string]) {
  return (
    <div key={words} className="sheet-entry">
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{words}</dd>
    </div>
  );
}
