/** A button, or a link that looks like one. */
import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { Link } from "wouter";
import "./button.css";

type Look = "primary" | "plain" | "quiet" | "danger";

interface Parts {
  look?: Look;
  isSmall?: boolean;
  icon?: LucideIcon;
  children?: ReactNode;
}

function inside(Icon: LucideIcon | undefined, children: ReactNode) {
  return (
    <>
      {Icon && <Icon size={15} strokeWidth={1.9} aria-hidden />}
      {children}
    </>
  );
}

function classes(look: Look, isSmall: boolean, isBare: boolean): string {
  return `button button-${look}${isSmall ? " button-small" : ""}${isBare ? " button-bare" : ""}`;
}

interface ButtonProps extends Parts, Omit<ComponentProps<"button">, "children"> {
  isBusy?: boolean;
}

export function Button({
  look = "plain",
  isSmall = false,
  isBusy = false,
  icon,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(look, isSmall, children === undefined)}
      aria-busy={isBusy || undefined}
      disabled={(rest.disabled ?? false) || isBusy}
    >
      {inside(icon, children)}
    </button>
  );
}

export function ButtonLink({
  look = "plain",
  isSmall = false,
  icon,
  children,
  href,
}: Parts & { href: string }) {
  return (
    <Link href={href} className={classes(look, isSmall, children === undefined)}>
      {inside(icon, children)}
    </Link>
  );
}
