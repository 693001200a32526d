/** A number of everybody's tasks as a way to them: to the own ones for who is no administrator; for an account that may read none, the same words and no way. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useViewer } from "@/graphql/viewer";

interface TasksLinkProps {
  href: string;
  className?: string;
  title?: string;
  children: ReactNode;
}

export function TasksLink({ href, children, title, ...rest }: TasksLinkProps) {
  const { isAdmin, isClient } = useViewer();
  if (!isClient)
    return (
      <span title={title} {...rest}>
        {children}
      </span>
    );
  const told = isAdmin ? title : [title, "leads to your own of them"].filter(Boolean).join("; ");
  return (
    <Link href={href} title={told} {...rest}>
      {children}
    </Link>
  );
}
