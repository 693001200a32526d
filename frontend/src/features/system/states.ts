/** The parts of Rota and how they are, in words and looks. */
import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import type { PartName, PartState } from "@/graphql/graphql";
import type { Look } from "@/ui/Badge";

export const STATE: Record<PartState, Look> = {
  OK: { word: "Well", icon: CircleCheck, hue: "good" },
  WARNING: { word: "Needs a look", icon: CircleAlert, hue: "working" },
  DOWN: { word: "Down", icon: CircleX, hue: "bad" },
};

export const PART: Record<PartName, { name: string; words: string }> = {
  API: { name: "API", words: "Serves the page and every program." },
  DATABASE: { name: "Database", words: "Keeps what is true. Without it nothing is accepted." },
  REDIS: { name: "Redis", words: "Hands tasks out. It can be lost and is built anew." },
  COORDINATOR: { name: "Coordinator", words: "Records, promotes, assigns and scales." },
  RECORDER: { name: "Recorder", words: "Brings what happened to tasks into the database." },
  WORKERS: { name: "Workers", words: "Do the tasks." },
  LIVE: { name: "Live updates", words: "What this page hears of changes by." },
};

/** All together, by the worst of them. */
export function inAll(states: readonly PartState[]): { look: Look; words: string } {
  const bad = states.filter((state) => state !== "OK").length;
  if (bad === 0) return { look: STATE.OK, words: "Every part is as it should be." };
  const look = states.includes("DOWN") ? STATE.DOWN : STATE.WARNING;
  return {
    look,
    words: bad === 1 ? "One part is not as it should be." : `${bad} parts are not as they should be.`,
  };
}
