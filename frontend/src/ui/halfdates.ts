/** Dates of which only a part is filled in: the browser gives them away as nothing, which would mean "at once" or "none". */

export const HALF_A_DATE = "Fill in the date and the time, or neither.";

/** The names of such fields. */
export function halfDates(within: ParentNode): string[] {
  const fields = within.querySelectorAll<HTMLInputElement>('input[type="datetime-local"]');
  return Array.from(fields).flatMap(({ name, validity }) => (validity.badInput ? [name] : []));
}
