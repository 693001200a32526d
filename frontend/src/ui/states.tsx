/** What a place shows while it has nothing to show: it loads, it is empty, it broke. */
import { Loader, RotateCw, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./Button";
import "./states.css";

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  /** It is all that the page has to say. */
  isPage?: boolean;
}

/** Says what will be here and how to fill it. */
export function Empty({ icon: Icon, title, children, isPage = false }: EmptyProps) {
  const Title = isPage ? "h1" : "p";
  return (
    <div className="empty">
      <Icon size={22} strokeWidth={1.6} aria-hidden />
      <Title className="empty-title">{title}</Title>
      {children && <div className="empty-words">{children}</div>}
    </div>
  );
}

export function Broken({ words, onRetry }: { words: string; onRetry: () => void }) {
  return (
    <div className="empty" role="alert">
      <TriangleAlert size={22} strokeWidth={1.6} aria-hidden className="empty-bad" />
      <p className="empty-title">This could not be loaded</p>
      <div className="empty-words">{words}</div>
      <Button icon={RotateCw} onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

/** A quiet place-holder of the size of what comes. */
export function Skeleton({ height = 16, width = "100%" }: { height?: number; width?: number | string }) {
  return <span className="skeleton" style={{ height, width }} />;
}

export function SkeletonRows({ rows = 6, height = 36 }: { rows?: number; height?: number }) {
  return (
    <div className="skeleton-rows" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ height }}>
          <Skeleton height={12} width={`${82 - ((index * 17) % 34)}%`} />
        </div>
      ))}
    </div>
  );
}

export function Loading() {
  return (
    <div className="loading" role="status" aria-label="Loading">
      <Loader size={18} aria-hidden />
    </div>
  );
}
