/** `graphql()` with the types of ../../../schema.graphql; the one place that says what its scalars are. */
import { initGraphQLTada } from "gql.tada";
import type { Json } from "@/lib/exactjson";
import type { introspection } from "./env";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; JSON: Json };
}>();

export { readFragment } from "gql.tada";
export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";

type Scalar<Name extends Parameters<typeof graphql.scalar>[0]> = ReturnType<typeof graphql.scalar<Name>>;
export type TaskStatus = Scalar<"TaskStatus">;
export type AttemptOutcome = Scalar<"AttemptOutcome">;
export type WorkerStatus = Scalar<"WorkerStatus">;
export type WaitReason = Scalar<"WaitReason">;
export type Strategy = Scalar<"Strategy">;
export type Role = Scalar<"Role">;
export type PartName = Scalar<"PartName">;
export type PartState = Scalar<"PartState">;
export type ErrorCode = Scalar<"ErrorCode">;
