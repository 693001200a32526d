/** One session after the other: each has its own client and its own cache, so nothing of one is seen in the next. */
import { useEffect, useMemo, useRef, useState } from "react";
import { Provider, useQuery } from "urql";
import { connect, type Connection } from "@/graphql/client";
import { Live, LiveContext } from "@/graphql/live";
import { wordsOf } from "@/graphql/errors";
import { SessionQuery, ViewerContext, type Viewer } from "@/graphql/viewer";
import { sessionBegins, sessionEnds } from "@/lib/unsent";
import { Broken, Loading } from "@/ui/states";
import { toast, Toaster } from "@/ui/toast";
import { Frame } from "./frame/Frame";
import { Door } from "./Door";
import { Routes } from "./Routes";

export function App() {
  const [generation, setGeneration] = useState(0);
  return (
    <>
      <Session key={generation} restart={() => setGeneration(generation + 1)} />
      <Toaster />
    </>
  );
}

interface SessionParts extends Connection {
  live: Live;
}

function Session({ restart }: { restart: () => void }) {
  const [parts, setParts] = useState<SessionParts | null>(null);
  const isSignedIn = useRef(false);
  const again = useRef(restart);
  useEffect(() => {
    const live = new Live((words) => toast.bad(`Some of this page is not live. ${words}`));
    const connection = connect(live, () => {
      if (!isSignedIn.current) return;
      sessionEnds();
      again.current();
    });
    setParts({ ...connection, live });
    return connection.close;
  }, []);
  if (parts === null) return null;
  return (
    <LiveContext value={parts.live}>
      <Provider value={parts.client}>
        <Gate
          restart={restart}
          onViewer={(isThere) => {
            isSignedIn.current = isThere;
          }}
        />
      </Provider>
    </LiveContext>
  );
}

/** Asks who is signed in; without anybody there is only the door. */
function Gate({ restart, onViewer }: { restart: () => void; onViewer: (isThere: boolean) => void }) {
  const [{ data, error }, reread] = useQuery({ query: SessionQuery, requestPolicy: "cache-first" });
  const viewer = useMemo<Viewer | null>(() => {
    if (!data?.viewer) return null;
    const { roles } = data.viewer;
    const isAdmin = roles.includes("ADMIN");
    const isClient = isAdmin || roles.includes("CLIENT");
    return { user: data.viewer, server: data.server, isAdmin, isClient, restart };
  }, [data, restart]);
  useBegun(viewer?.user.id);
  useEffect(() => {
    onViewer(viewer !== null);
  });
  if (error !== undefined && data === undefined)
    return (
      <main>
        <Broken words={wordsOf(error)} onRetry={() => reread({ requestPolicy: "network-only" })} />
      </main>
    );
  if (data === undefined) return <Loading />;
  if (viewer === null) return <Door server={data.server} onSignedIn={restart} />;
  return (
    <ViewerContext value={viewer}>
      <Frame>
        <Routes />
      </Frame>
    </ViewerContext>
  );
}

/** Before any form asks for what was typed in it. */
function useBegun(userId: string | undefined): void {
  const [begun, setBegun] = useState<string>();
  if (userId === undefined || userId === begun) return;
  setBegun(userId);
  sessionBegins(userId);
}
