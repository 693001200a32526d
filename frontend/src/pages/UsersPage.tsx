/** Who may sign in. */
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";

export default function UsersPage() {
  useTitle("Users");
  return <PageHead title="Users" words="Who may sign in." />;
}
