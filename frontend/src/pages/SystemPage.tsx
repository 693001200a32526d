/** How each part of Rota is. */
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";

export default function SystemPage() {
  useTitle("System");
  return <PageHead title="System" words="How each part of Rota is." />;
}
