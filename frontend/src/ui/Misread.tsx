/** Says what stands in the address and cannot be meant, and what could; `onDrop` goes on without it. */
import { TriangleAlert } from "lucide-react";
import type { Misread as Part } from "@/lib/address";
import { Button } from "./Button";
import "./states.css";

interface MisreadProps {
  parts: readonly Part[];
  /** What is held back until it is mended. */
  children?: string;
  onDrop: () => void;
}

export function Misread({ parts, children, onDrop }: MisreadProps) {
  if (parts.length === 0) return null;
  return (
    <div className="misread" role="alert">
      <TriangleAlert size={16} aria-hidden />
      <div>
        <p>
          <strong>The address asks for something unknown.</strong> {children}
        </p>
        <ul>
          {parts.map(({ asked, allowed }) => (
            <li key={asked}>
              <code className="mono">{asked}</code>: <span className="soft">{allowed}</span>
            </li>
          ))}
        </ul>
      </div>
      <Button isSmall onClick={onDrop}>
        Leave it out
      </Button>
    </div>
  );
}
