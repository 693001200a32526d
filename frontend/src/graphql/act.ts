/** Does a mutation and sorts its answer: what it gave, or what was wrong and where. */
import { useCallback, useState } from "react";
import type { AnyVariables, DocumentInput } from "@urql/core";
import { useClient } from "urql";
import { wordsOf, type Refusals, type UserError } from "./errors";

export type Outcome<Data> = { data: Data; errors: null } | { data: null; errors: Refusals };

/** `act` never raises: a fault of the network comes as an error without a path. */
export function useAct<Data extends object, Variables extends AnyVariables>(
  document: DocumentInput<Data, Variables>,
) {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const act = useCallback(
    async (variables: Variables): Promise<Outcome<Data>> => {
      setBusy(true);
      const { data, error } = await client.mutation(document, variables).toPromise();
      setBusy(false);
      if (error !== undefined || data === undefined)
        return {
          data: null,
          errors: [{ code: "FAILED", message: error ? wordsOf(error) : "No answer.", path: [] }],
        };
      const [first, ...more] = errorsOf(data);
      return first === undefined ? { data, errors: null } : { data: null, errors: [first, ...more] };
    },
    [client, document],
  );
  return { act, isBusy };
}

/** The errors of all payloads in an answer. */
function errorsOf(data: object): UserError[] {
  return Object.values(data).flatMap((payload: { errors?: UserError[] } | null) => payload?.errors ?? []);
}
