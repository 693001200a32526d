/** Who is signed in. */
import { createContext, useContext } from "react";
import { graphql, type ResultOf } from "./graphql";

export const SessionQuery = graphql(`
  query Session {
    viewer {
      id
      username
      email
      roles
      createdAt
    }
    server {
      version
      registrationOpen
      graphiql
    }
  }
`);

type Session = ResultOf<typeof SessionQuery>;

export interface Viewer {
  user: NonNullable<Session["viewer"]>;
  server: Session["server"];
  isAdmin: boolean;
  /** May submit and read tasks; an account that only works may not. */
  isClient: boolean;
  /** Forgets everything that this session read, and asks again who is signed in. */
  restart: () => void;
}

export const ViewerContext = createContext<Viewer | null>(null);

/** Only inside of the frame, where somebody is signed in. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) throw new Error("useViewer stands outside of the frame");
  return viewer;
}
