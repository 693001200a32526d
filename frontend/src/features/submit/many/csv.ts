/** Comma-separated values as rows of cells, with the line in which each row begins. */
import Papa from "papaparse";

export interface CsvRow {
  line: number;
  cells: string[];
}

export interface Csv {
  rows: CsvRow[];
  separator: string;
  /** What keeps the text from being read at all. */
  fault: string | null;
}

const SEPARATORS = [",", ";", "\t", "|"] as const;

/** Separated by what its first line has most of, outside of quotes; cells in quotes may have line breaks in them. */
export function parseCsv(pasted: string): Csv {
  const text = pasted.replace(/^\ufeff/, "");
  const rows: CsvRow[] = [];
  const separator = separatorOf(text);
  let fault: string | null = null;
  let at = 0;
  let line = 1;
  Papa.parse<string[]>(text, {
    delimiter: separator,
    step: ({ data, errors, meta }) => {
      const quotes = errors.find(({ type }) => type === "Quotes");
      if (quotes) fault ??= `Line ${line}: a quote is not closed, or stands in the middle of a cell.`;
      if (data.some((cell) => cell.trim() !== "")) rows.push({ line, cells: data });
      line += breaksIn(text.slice(at, meta.cursor));
      at = meta.cursor;
    },
  });
  return { rows, separator, fault };
}

/** Only the first line tells: where cells are separated by semicolons, numbers may have commas in them. */
function separatorOf(text: string): string {
  const [head = ""] = text
    .replace(/"[^"]*"/g, "")
    .trimStart()
    .split(/[\r\n]/);
  const amount = (separator: string) => head.split(separator).length;
  return SEPARATORS.reduce<string>((best, each) => (amount(each) > amount(best) ? each : best), ",");
}

function breaksIn(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}
