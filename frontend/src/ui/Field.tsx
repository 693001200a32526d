/** A labelled field with its help and its error, tied together for those who listen. */
import { useId, type ComponentProps, type ReactNode } from "react";
import "./field.css";

export interface FieldProps {
  label: ReactNode;
  /** Stands after the label, e.g. what kind of value is meant. */
  hint?: string | undefined;
  help?: ReactNode;
  error?: string | null | undefined;
  isWide?: boolean;
}

interface Ties {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

export function Field({
  label,
  hint,
  help,
  error,
  isWide = false,
  children,
}: FieldProps & { children: (ties: Ties) => ReactNode }) {
  const id = useId();
  const hasError = error !== null && error !== undefined && error !== "";
  const describedBy = [help ? `${id}-help` : "", hasError ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className={`field${isWide ? " field-wide" : ""}`}>
      <label htmlFor={id} className="field-label">
        {label}
        {hint !== undefined && <span className="field-hint">{hint}</span>}
      </label>
      {children({ id, "aria-invalid": hasError || undefined, "aria-describedby": describedBy || undefined })}
      {hasError && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
      {help && (
        <p id={`${id}-help`} className="field-help">
          {help}
        </p>
      )}
    </div>
  );
}

export function Input({ label, hint, help, error, isWide, ...rest }: FieldProps & ComponentProps<"input">) {
  return (
    <Field label={label} hint={hint} help={help} error={error} isWide={isWide ?? false}>
      {(ties) => <input type="text" spellCheck={false} {...rest} {...ties} className="input" />}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  help,
  error,
  isMono = false,
  ...rest
}: FieldProps & ComponentProps<"textarea"> & { isMono?: boolean }) {
  return (
    <Field label={label} hint={hint} help={help} error={error} isWide>
      {(ties) => (
        <textarea
          rows={5}
          spellCheck={false}
          {...rest}
          {...ties}
          className={`input${isMono ? " mono" : ""}`}
        />
      )}
    </Field>
  );
}

export interface Option {
  value: string;
  label: string;
}

export function Select({
  label,
  hint,
  help,
  error,
  isWide,
  options,
  ...rest
}: FieldProps & ComponentProps<"select"> & { options: readonly Option[] }) {
  return (
    <Field label={label} hint={hint} help={help} error={error} isWide={isWide ?? false}>
      {(ties) => (
        <select {...rest} {...ties} className="input select">
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Checkbox({
  label,
  help,
  ...rest
}: { label: ReactNode; help?: ReactNode } & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className="field">
      <label className="checkbox">
        <input type="checkbox" className="check" {...rest} aria-describedby={help ? id : undefined} />
        <span>{label}</span>
      </label>
      {help && (
        <p id={id} className="field-help checkbox-help">
          {help}
        </p>
      )}
    </div>
  );
}

/** Errors that belong to no field that is shown. */
export function Errors({ of }: { of: readonly string[] }) {
  return of.map((words) => (
    <p key={words} className="field-error" role="alert">
      {words}
    </p>
  ));
}
