/** What somebody sees who is not signed in; the address stays, and leads on after the sign-in. */
import { lazy, Suspense } from "react";
import { useLocation } from "wouter";
import { Loading } from "@/ui/states";
import { Boundary } from "./Boundary";

const SignInPage = lazy(() => import("@/pages/SignInPage"));
const RegisterPage = lazy(() => import("@/pages/RegisterPage"));

interface DoorProps {
  server: { registrationOpen: boolean };
  onSignedIn: () => void;
}

export function Door({ server, onSignedIn }: DoorProps) {
  const [path, go] = useLocation();
  const enter = () => {
    if (path === "/signin" || path === "/register") go("/", { replace: true });
    onSignedIn();
  };
  return (
    <Boundary>
      <Suspense fallback={<Loading />}>
        {path === "/register" && server.registrationOpen ? (
          <RegisterPage onSignedIn={enter} />
        ) : (
          <SignInPage mayRegister={server.registrationOpen} onSignedIn={enter} />
        )}
      </Suspense>
    </Boundary>
  );
}
