/** One argument as a field of the kind that its schema asks for. */
import { formatExact } from "@/lib/exactjson";
import type { FieldKind, FormField } from "@/lib/schemaform";
import { Input, Select, TextArea, type Option } from "@/ui/Field";

interface ArgumentFieldProps {
  field: FormField;
  draft: string;
  error: string | undefined;
  onChange: (draft: string) => void;
}

const HINTS: Record<FieldKind, string> = {
  text: "text",
  multiline: "text",
  integer: "whole number",
  number: "number",
  boolean: "yes or no",
  choice: "one of these",
  json: "JSON",
};

export function ArgumentField({ field, draft, error, onChange }: ArgumentFieldProps) {
  const shared = {
    label: <span className="mono">{field.name}</span>,
    hint: `${hintOf(field)}${field.isRequired ? "" : ", optional"}`,
    help: helpOf(field),
    error,
    value: draft,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  switch (field.kind) {
    case "boolean":
      return (
        <Select {...shared} options={withNothing(field, [option("true", "Yes"), option("false", "No")])} />
      );
    case "choice":
      return <Select {...shared} options={withNothing(field, field.choices.map(choiceOf))} />;
    case "multiline":
      return <TextArea {...shared} rows={6} />;
    case "json":
      return <TextArea {...shared} isMono rows={5} placeholder={placeholderOf(field)} />;
    case "text":
      return <Input {...shared} isWide />;
    default:
      return (
        <Input {...shared} inputMode={field.kind === "integer" ? "numeric" : "decimal"} autoComplete="off" />
      );
  }
}

function hintOf({ kind, shape }: FormField): string {
  return kind === "json" && shape !== null ? `${shape.words}, as JSON` : HINTS[kind];
}

function placeholderOf({ shape }: FormField): string {
  const isEmpty = shape === null || Object.keys(shape.example ?? {}).length === 0;
  return isEmpty ? (Array.isArray(shape?.example) ? "[ ]" : "{ }") : formatExact(shape.example);
}

function option(value: string, label: string): Option {
  return { value, label };
}

function choiceOf(choice: FormField["choices"][number]): Option {
  return option(formatExact(choice), typeof choice === "string" ? choice : formatExact(choice));
}

function withNothing(field: FormField, options: Option[]): Option[] {
  return field.isRequired && field.initial !== undefined
    ? options
    : [option("", field.isRequired ? "Choose" : "Not set"), ...options];
}

function helpOf({ help, minimum, maximum }: FormField): string {
  const range =
    minimum !== null && maximum !== null
      ? `From ${minimum} to ${maximum}.`
      : minimum !== null
        ? `At least ${minimum}.`
        : maximum !== null
          ? `At most ${maximum}.`
          : "";
  return [help, range].filter(Boolean).join(" ");
}
