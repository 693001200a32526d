/** A place that somebody else's account may enter. */
import { Lock } from "lucide-react";
import { Link } from "wouter";
import type { Need } from "@/lib/rights";
import { useTitle } from "@/lib/title";
import { Empty } from "@/ui/states";

const WHO: Record<Need, string> = {
  client: "It is for accounts that submit tasks; yours only works on them.",
  admin: "It is for administrators.",
};

export default function NotYoursPage({ place, need }: { place: string; need: Need | undefined }) {
  useTitle(place);
  return (
    <Empty isPage icon={Lock} title={`${place} is not open to you`}>
      {need !== undefined && WHO[need]} An administrator can change your roles.{" "}
      <Link href="/" className="link">
        Go to the overview
      </Link>
    </Empty>
  );
}
