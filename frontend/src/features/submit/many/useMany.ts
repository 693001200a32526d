/** What is pasted, what of it is sent, and the sending itself. */
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { present } from "@/lib/now";
import type { FormField } from "@/lib/schemaform";
import { takeUnsent, useUnsent } from "@/lib/unsent";
import { useBatch } from "./batch";
import { joined, parcelsOf, sendAll, type Answer, type Input, type Report } from "./sending";
import { formatOf, readSheet, type Format, type Row } from "./sheet";

const SubmitTasksMutation = graphql(`
  mutation SubmitMany($inputs: [SubmitTaskInput!]!) {
    submitTasks(inputs: $inputs) {
      tasks {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const NOTHING: Report = { sent: new Map(), refused: new Map(), halted: null };

export interface ManyRow extends Row {
  key: string;
  /** The task that it became. */
  taskId: string | null;
}

export function useMany(name: string, fields: FormField[]) {
  const [text, setText] = useState(() => (takeUnsent(`many ${name}`) as string | undefined) ?? "");
  useUnsent(`many ${name}`, text);
  const [chosen, setChosen] = useState<Format | null>(null);
  const [report, setReport] = useState<Report>(NOTHING);
  const [progress, setProgress] = useState<{ done: number; whole: number } | null>(null);
  const isStopped = useRef(false);
  const isLeft = useRef(false);
  // Who leaves the page could stop it no more.
  useEffect(() => {
    isLeft.current = false;
    return () => {
      isLeft.current = isStopped.current = true;
    };
  }, []);
  const batch = useBatch(name);
  const { act } = useAct(SubmitTasksMutation);
  const [opened] = useState(present);

  // A long paste is read when the reader has stopped typing.
  const settled = useDeferredValue(text);
  const format = chosen ?? formatOf(settled);
  const sheet = useMemo(
    () => readSheet(settled, format, { name, fields, now: opened }),
    [settled, format, name, fields, opened],
  );
  const rows = useMemo(() => {
    const parcels = parcelsOf(sheet.rows, batch.id);
    return sheet.rows.map((row, index): ManyRow => {
      const key = parcels[index]?.key ?? "";
      const refused = report.refused.get(key);
      const faults = refused === undefined ? row.faults : [...row.faults, { name: "", words: refused }];
      return { ...row, key, faults, taskId: report.sent.get(key) ?? null };
    });
  }, [sheet, batch.id, report]);
  const ready = rows.filter(({ faults, taskId }) => faults.length === 0 && taskId === null);
  const faulty = rows.filter(({ faults, taskId }) => faults.length > 0 && taskId === null);

  const send = async (inputs: Input[]): Promise<Answer> => {
    const { data, errors } = await act({ inputs });
    if (errors === null) return { ids: data.submitTasks.tasks.map(({ id }) => id), refusal: null };
    const [{ path, message }] = errors;
    const index = path[0] === "inputs" && path[1] !== undefined ? Number(path[1]) : null;
    const place = path.slice(2).filter((part) => part !== "args");
    return {
      ids: null,
      refusal: { index, words: place.length > 0 ? `${place.join(".")}: ${message}` : message },
    };
  };
  const start = async () => {
    isStopped.current = false;
    batch.keep(true);
    const parcels = ready.map(({ line, key, input }) => ({ line, key, input }));
    const show = (found: Report) => {
      setReport(joined(report, found));
      setProgress({ done: found.sent.size + found.refused.size, whole: parcels.length });
    };
    show(NOTHING);
    const found = await sendAll(parcels, { send, onProgress: show, isStopped: () => isStopped.current });
    show(found);
    // Who left did not see that it was the whole of it, and may paste it again.
    batch.keep(isLeft.current || faulty.length > 0 || found.sent.size < parcels.length);
    setProgress(null);
  };
  const startOver = () => {
    batch.renew();
    setReport(NOTHING);
    setText("");
  };
  return {
    text,
    setText: (next: string) => {
      setText(next);
      setReport({ ...report, halted: null });
    },
    /** How many the server refused, though they seem good: they may be good by now. */
    refusedCount: faulty.filter(({ key }) => report.refused.has(key)).length,
    tryAgain: () => setReport({ ...report, refused: new Map() }),
    format,
    isGuessed: chosen === null,
    setFormat: setChosen,
    fault: sheet.fault,
    rows,
    ready,
    faulty,
    sentCount: report.sent.size,
    halted: report.halted,
    /** How far it is; null while nothing is on its way. */
    progress,
    start,
    stop: () => {
      isStopped.current = true;
    },
    startOver,
  };
}

export type Many = ReturnType<typeof useMany>;
