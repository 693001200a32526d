/** Choose a function, fill in its arguments, submit: one task, or many at once. */
import { MousePointerClick, PackageOpen } from "lucide-react";
import { lazy, Suspense } from "react";
import { useQuery } from "urql";
import { Link, useSearchParams } from "wouter";
import { FunctionList, FunctionList_function } from "@/features/submit/FunctionList";
import { NO_OPTIONS } from "@/features/submit/options";
import { SubmitForm, SubmitForm_function, type Earlier } from "@/features/submit/SubmitForm";
import { wordsOf } from "@/graphql/errors";
import { graphql, type ResultOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import type { Json } from "@/lib/exactjson";
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";
import { Broken, Empty, Loading, SkeletonRows } from "@/ui/states";

const SubmitMany = lazy(() => import("@/features/submit/many/SubmitMany"));

const SubmitQuery = graphql(
  `
    query SubmitPage($from: ID!, $hasFrom: Boolean!) {
      functions {
        name
        argsSchema
        example
        maxAttempts
        timeoutSeconds
        defaultPriority
        queue {
          id
          name
        }
        ...FunctionList_function
        ...SubmitForm_function
      }
      task(id: $from) @include(if: $hasFrom) {
        id
        function
        args
        title
        priority
        maxAttempts
        timeoutSeconds
        tags
        limitKey
        queue {
          id
          name
        }
      }
    }
  `,
  [FunctionList_function, SubmitForm_function],
);

type Found = ResultOf<typeof SubmitQuery>;
type Called = Found["functions"][number];

const HEADS = {
  one: { title: "Submit a task", words: "Choose a function and fill in its arguments." },
  many: { title: "Submit many tasks", words: "Paste a table of arguments; each line becomes a task." },
  again: { title: "Submit a task", words: "A new task, with what an earlier one was given." },
};

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
  return <Submit found={data} from={from} />;
}

function Submit({ found, from }: { found: Found; from: string | null }) {
  const [params] = useSearchParams();
  const name = found.task?.function ?? params.get("function");
  const isMany = from === null && params.has("many");
  const { title, words } = HEADS[isMany ? "many" : from === null ? "one" : "again"];
  return (
    <>
      <PageHead title={title} words={words}>
        {from === null && name !== null && <Mode name={name} isMany={isMany} />}
      </PageHead>
      {found.functions.length === 0 ? (
        <Empty icon={PackageOpen} title="No functions yet">
          A worker brings its functions when it starts: <code className="mono">rota worker my_module</code>
        </Empty>
      ) : (
        <Chooser
          key={from ?? ""}
          found={found}
          name={name}
          isMany={isMany}
          isGone={from !== null && name === null}
        />
      )}
    </>
  );
}

function Mode({ name, isMany }: { name: string; isMany: boolean }) {
  const href = `/submit?function=${encodeURIComponent(name)}`;
  return (
    <nav className="segments" aria-label="How many">
      <Link href={href} aria-current={isMany ? undefined : "page"}>
        One task
      </Link>
      <Link href={`${href}&many`} aria-current={isMany ? "page" : undefined}>
        Many
      </Link>
    </nav>
  );
}

interface ChooserProps {
  found: Found;
  name: string | null;
  isMany: boolean;
  /** There is no task to begin with, though one was asked for. */
  isGone: boolean;
}

function Chooser({ found, name, isMany, isGone }: ChooserProps) {
  const chosen = found.functions.find((each) => each.name === name);
  return (
    <div className="submit">
      <FunctionList functions={found.functions} chosen={chosen?.name ?? null} isMany={isMany} />
      {chosen === undefined ? (
        <Empty
          icon={MousePointerClick}
          title={name === null ? "Choose a function" : `No function is called ${name}`}
        >
          {isGone && "The task to run again is gone, not yours to see, or one that a person does. "}Its
          arguments, with their help and an example, stand here then.
        </Empty>
      ) : isMany ? (
        <Suspense fallback={<Loading />}>
          <SubmitMany
            key={chosen.name}
            name={chosen.name}
            argsSchema={chosen.argsSchema}
            example={asArgs(chosen.example)}
          />
        </Suspense>
      ) : (
        <SubmitForm key={chosen.name} function={chosen} from={earlier(found.task ?? null, chosen)} />
      )}
    </div>
  );
}

/** What an earlier task was given, where it differs from what its function gives by itself. */
function earlier(task: Found["task"] | null, called: Called): Earlier | null {
  if (!task) return null;
  const differing = (value: string | number | null, standard: string | number | null) =>
    value === null || value === standard ? "" : String(value);
  return {
    args: asArgs(task.args) ?? {},
    options: {
      ...NO_OPTIONS,
      title: differing(task.title, called.name),
      queue: differing(task.queue.name, called.queue.name),
      priority: differing(task.priority, called.defaultPriority),
      maxAttempts: differing(task.maxAttempts, called.maxAttempts),
      timeoutSeconds: differing(task.timeoutSeconds, called.timeoutSeconds),
      tags: task.tags.join(", "),
      limitKey: task.limitKey ?? "",
    },
  };
}

function asArgs(args: Json): Record<string, Json> | null {
  return typeof args === "object" && args !== null && !Array.isArray(args) ? args : null;
}
