/** Comma-separated values as rows of cells, with the line in which each row begins. */
import Papa from "papaparse";

export interface CsvRow {
  line: number;
  cells: string[];
}

export interface Csv {
  rows: CsvRow[];
  /** What keeps the text from being read at all. */
  fault: string | null;
}

/** Commas, semicolons, tabs or bars, whichever the text has; cells in quotes may have line breaks in them. */
export function parseCsv(pasted: string): Csv {
  const text = pasted.replace(/^\ufeff/, "");
  const rows: CsvRow[] = [];
  let fault: string | null = null;
  let at = 0;
  let line = 1;
  Papa.parse<string[]>(text, {
    delimitersToGuess: [",", ";", "\t", "|"],
    step: ({ data, errors, meta }) => {
      const quotes = errors.find(({ type }) => type === "Quotes");
      if (quotes) fault ??= `Line ${line}: a quote is not closed, or stands in the middle of a cell.`;
      if (data.some((cell) => cell.trim() !== "")) rows.push({ line, cells: data });
      line += breaksIn(text.slice(at, meta.cursor));
      at = meta.cursor;
    },
  });
  return { rows, fault };
}

function breaksIn(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}
