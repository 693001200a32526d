/** Choose a function, fill in its arguments, submit. */
import { MousePointerClick, PackageOpen } from "lucide-react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { FunctionList, FunctionList_function } from "@/features/submit/FunctionList";
import { SubmitForm, SubmitForm_function } from "@/features/submit/SubmitForm";
import { wordsOf } from "@/graphql/errors";
import { graphql, type ResultOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import type { Json } from "@/lib/exactjson";
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";
import { Broken, Empty, SkeletonRows } from "@/ui/states";

const SubmitQuery = graphql(
  `
    query SubmitPage($from: ID!, $hasFrom: Boolean!) {
      functions {
        name
        ...FunctionList_function
        ...SubmitForm_function
      }
      task(id: $from) @include(if: $hasFrom) {
        id
        function
        args
      }
    }
  `,
  [FunctionList_function, SubmitForm_function],
);

export default function SubmitPage() {
  useTitle("Submit");
  const [params] = useSearchParams();
  const from = params.get("from");
  const [{ data, error }, reread] = useQuery({
    query: SubmitQuery,
    variables: { from: from ?? "", hasFrom: from !== null },
  });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  if (error && !data) return <Broken words={wordsOf(error)} onRetry={again} />;
  if (!data) return <SkeletonRows rows={8} />;
  return (
    <>
      <PageHead
        title="Submit a task"
        words={
          from === null
            ? "Choose a function and fill in its arguments."
            : "A new task with the arguments of an earlier one."
        }
      />
      {data.functions.length === 0 ? (
        <Empty icon={PackageOpen} title="No functions yet">
          A worker brings its functions when it starts: <code className="mono">rota worker my_module</code>
        </Empty>
      ) : (
        <Chooser
          key={from ?? ""}
          functions={data.functions}
          name={data.task?.function ?? params.get("function")}
          args={asArgs(data.task?.args ?? null)}
        />
      )}
    </>
  );
}

interface ChooserProps {
  functions: ResultOf<typeof SubmitQuery>["functions"];
  name: string | null;
  args: Record<string, Json> | null;
}

function Chooser({ functions, name, args }: ChooserProps) {
  const chosen = functions.find((each) => each.name === name);
  return (
    <div className="submit">
      <FunctionList functions={functions} chosen={chosen?.name ?? null} />
      {chosen ? (
        <SubmitForm key={chosen.name} function={chosen} args={args} />
      ) : (
        <Empty
          icon={MousePointerClick}
          title={name === null ? "Choose a function" : `No function is called ${name}`}
        >
          Its arguments, with their help and an example, stand here then.
        </Empty>
      )}
    </div>
  );
}

function asArgs(args: Json): Record<string, Json> | null {
  return typeof args === "object" && args !== null && !Array.isArray(args) ? args : null;
}
