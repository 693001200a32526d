/** What runs by the clock. */
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";

export default function SchedulesPage() {
  useTitle("Schedules");
  return <PageHead title="Schedules" words="What runs by the clock." />;
}
