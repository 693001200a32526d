/** An address where nothing stands. */
import { Compass } from "lucide-react";
import { Link } from "wouter";
import { useTitle } from "@/lib/title";
import { Empty } from "@/ui/states";

export default function NotFoundPage() {
  useTitle("Not found");
  return (
    <Empty isPage icon={Compass} title="There is no such page">
      The address may be mistyped.{" "}
      <Link href="/" className="link">
        Go to the overview
      </Link>
    </Empty>
  );
}
