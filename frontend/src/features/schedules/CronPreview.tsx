/** What a cron line says, and its next five ticks in the time zone in which it is read, as one types. */
import { useQuery } from "urql";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useNow } from "@/lib/now";
import { useSettled } from "@/lib/settled";
import { relative } from "@/lib/time";

const PreviewQuery = graphql(`
  query PreviewSchedule($cron: String!, $timezone: String!) {
    previewSchedule(cron: $cron, timezone: $timezone) {
      description
      nextRuns
      errors {
        code
        message
        path
      }
    }
  }
`);

export function CronPreview({ cron, timezone }: { cron: string; timezone: string }) {
  const [line, zone] = useSettled(`${cron}\n${timezone}`).split("\n") as [string, string];
  const [{ data, error }] = useQuery({ query: PreviewQuery, variables: { cron: line, timezone: zone } });
  const now = useNow();
  if (error && !data) return <p className="field-error">{wordsOf(error)}</p>;
  const preview = data?.previewSchedule;
  if (preview === undefined) return <p className="cron-preview faint">…</p>;
  if (preview.errors.length > 0)
    return (
      <p className="field-error" role="status">
        {preview.errors[0]?.message}
      </p>
    );
  return (
    <div className="cron-preview" role="status">
      <strong>{preview.description}</strong>
      <ol aria-label="Next runs">
        {preview.nextRuns.map((at) => (
          <li key={at} className="figures">
            <time dateTime={at}>{inZone(at, zone)}</time>
            <span className="faint">{relative(Date.parse(at), now)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function inZone(at: string, timeZone: string): string {
  const parts: Intl.DateTimeFormatOptions = {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone }).format(Date.parse(at));
  } catch {
    // The server knows a zone that this browser does not.
    return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: "UTC" }).format(Date.parse(at));
  }
}
