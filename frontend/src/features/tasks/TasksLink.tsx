/** A way to some tasks; for an account that may read none, the same words and no way. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useViewer } from "@/graphql/viewer";

interface TasksLinkProps {
  href: string;
  className?: string;
  title?: string;
  children: ReactNode;
}

export function TasksLink({ href, children, ...rest }: TasksLinkProps) {
  const { isClient } = useViewer();
  if (!isClient) return <span {...rest}>{children}</span>;
  return (
    <Link href={href} {...rest}>
      {children}
    </Link>
  );
}
