/** The way out, from wherever it is asked for. */
import { useLocation } from "wouter";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { toast } from "@/ui/toast";

const LogoutMutation = graphql(`
  mutation Logout {
    logout {
      ok
      errors {
        code
        message
        path
      }
    }
  }
`);

export function useSignOut(): () => Promise<void> {
  const { restart } = useViewer();
  const [, go] = useLocation();
  const { act } = useAct(LogoutMutation);
  return async () => {
    const { errors } = await act({});
    if (errors) toast.bad(errors[0].message);
    else {
      go("/signin", { replace: true });
      restart();
    }
  };
}
