/** Who did what. */
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";

export default function ActivityPage() {
  useTitle("Activity");
  return <PageHead title="Activity" words="Who did what." />;
}
