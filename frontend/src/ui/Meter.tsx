/** A part of a whole as a bar, with its words for those who do not see it. */
import "./meter.css";

interface MeterProps {
  value: number;
  whole: number;
  label: string;
  hue?: "working" | "good" | "waiting";
}

export function Meter({ value, whole, label, hue = "working" }: MeterProps) {
  const share = whole <= 0 ? 0 : Math.min(1, value / whole);
  return (
    <div
      className={`meter hue-${hue}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(whole, 0)}
      aria-valuenow={Math.min(value, Math.max(whole, 0))}
    >
      <span style={{ width: `${share * 100}%` }} />
    </div>
  );
}

/** A worker's places, one mark each, the busy ones filled; a bar where they are many. */
export function Slots({ busy, slots }: { busy: number; slots: number }) {
  if (slots > 24) return <Meter value={busy} whole={slots} label="Slots in use" />;
  return (
    <span className="slots" role="img" aria-label={`${busy} of ${slots} slots in use`}>
      {Array.from({ length: slots }, (_, index) => (
        <span key={index} className={index < busy ? "slot slot-busy" : "slot"} />
      ))}
    </span>
  );
}
