/**
 * Answers that come after newer news. A question and a live update travel on connections of their own: what was read
 * before a task changed may arrive after the change was told, and would stand in its place until the next one.
 */
import { makeOperation, type Exchange, type Operation, type OperationResult } from "@urql/core";
import { filter, makeSubject, merge, pipe, tap } from "wonka";

/** Where news come faster than answers, what was overtaken once is shown, and asked again so much later. */
const AGAIN_MS = 1_000;

type Versions = Map<string, number>;

/** `overtaken` is told of an answer that cannot be asked for again: what is shown has to be read anew. */
export function overtakenExchange(overtaken: () => void): Exchange {
  return ({ client, forward }) =>
    (operations$) => {
      const asking = new Set<number>();
      const askedAgain = new Set<number>();
      // What was told while somebody waited for an answer.
      const told: Versions = new Map();
      const ended = (key: number) => {
        asking.delete(key);
        if (asking.size === 0) told.clear();
      };
      // What is asked once more at once is still the same question for the cache and the client.
      const onceMore = makeSubject<Operation>();
      const later = (operation: Operation) => {
        const fresh = { ...operation.context, requestPolicy: "network-only" as const };
        setTimeout(
          () => client.reexecuteOperation(makeOperation(operation.kind, operation, fresh)),
          AGAIN_MS,
        );
      };
      const isToBeShown = ({ operation, data }: OperationResult): boolean => {
        const { kind, key } = operation;
        if (kind === "subscription") {
          if (asking.size > 0) note(data, told);
          return true;
        }
        const isOld = told.size > 0 && isOlder(data, told);
        ended(key);
        if (!isOld) askedAgain.delete(key);
        else if (kind === "mutation") overtaken();
        else if (askedAgain.has(key)) later(operation);
        else {
          askedAgain.add(key);
          onceMore.next(operation);
          return false;
        }
        return true;
      };
      return pipe(
        merge([operations$, onceMore.source]),
        tap(({ kind, key }) => {
          if (kind === "query" || kind === "mutation") asking.add(key);
          else if (kind === "teardown") {
            ended(key);
            askedAgain.delete(key);
          }
        }),
        forward,
        filter(isToBeShown),
      );
    };
}

function note(data: unknown, told: Versions): void {
  for (const { id, version } of tasksIn(data)) told.set(id, Math.max(version, told.get(id) ?? 0));
}

function isOlder(data: unknown, told: Versions): boolean {
  for (const { id, version } of tasksIn(data)) if (version < (told.get(id) ?? 0)) return true;
  return false;
}

/** Every task of a result, however deep; values of people's own, e.g. arguments, are not looked through. */
function* tasksIn(data: unknown): Generator<{ id: string; version: number }> {
  if (Array.isArray(data)) {
    for (const each of data) yield* tasksIn(each);
    return;
  }
  if (typeof data !== "object" || data === null) return;
  const { __typename: kind, id, version } = data as Record<string, unknown>;
  if (kind === "Task" && typeof id === "string" && typeof version === "number") yield { id, version };
  for (const value of Object.values(data)) if (isTyped(value)) yield* tasksIn(value);
}

function isTyped(value: unknown): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "object" && first !== null && "__typename" in first;
}
