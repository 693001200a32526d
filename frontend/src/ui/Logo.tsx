/** Rota's mark: lines that wait, and one that turns. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden>
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M9 10.5h14M9 16h9.5M9 21.5h5"
        stroke="var(--on-accent)"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
      <circle cx="22" cy="20.5" r="3" stroke="var(--on-accent)" strokeWidth="2.4" />
    </svg>
  );
}
