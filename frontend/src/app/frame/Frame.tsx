/** What stands around every page: the sidebar, the bar on top, the palette and the sheet of shortcuts. */
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { cameBack } from "@/lib/history";
import { recall, remember } from "@/lib/storage";
import { Dialog } from "@/ui/Dialog";
import { Boundary } from "../Boundary";
import { KeepLive } from "./KeepLive";
import { Sidebar } from "./Sidebar";
import { TopBar } from "./TopBar";
import { useShortcuts } from "./shortcuts";
import { useFocusKept } from "./useFocusKept";
import "./frame.css";

const palette = () => import("./Palette");
const Palette = lazy(palette);
const ShortcutSheet = lazy(() => import("./ShortcutSheet"));

const PALETTE_AFTER_MS = 3_000;

type Above = "palette" | "sheet" | "drawer";

export function Frame({ children }: { children: ReactNode }) {
  const [isNarrow, setNarrow] = useState(recall("sidebar") === "narrow");
  const [path] = useLocation();
  const [opened, setOpened] = useState<{ what: Above; at: string } | null>(null);
  const main = useRef<HTMLElement>(null);
  // What was opened belongs to the page that it was opened on: going back closes it.
  const above = opened?.at === path ? opened.what : null;
  const open = (what: Above) => setOpened({ what, at: path });
  const close = () => setOpened(null);

  // What is typed right after ⌘K must not be lost while its part of the page is fetched; where that fails, opening it says so.
  useEffect(() => {
    const timer = setTimeout(() => void palette().catch(() => undefined), PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useFocusKept(main);
  useShortcuts({ openPalette: () => open("palette"), openSheet: () => open("sheet") });
  useEffect(() => {
    if (!cameBack()) window.scrollTo(0, 0);
  }, [path]);

  const toggle = () => {
    remember("sidebar", isNarrow ? "wide" : "narrow");
    setNarrow(!isNarrow);
  };
  return (
    <div className={isNarrow ? "frame frame-narrow" : "frame"}>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <div className="frame-side">
        <Sidebar isNarrow={isNarrow} onToggle={toggle} />
      </div>
      <div className="frame-content">
        <TopBar
          onDrawer={() => open("drawer")}
          onSearch={() => open("palette")}
          onSheet={() => open("sheet")}
        />
        <main id="main" ref={main} tabIndex={-1} className="main">
          {children}
        </main>
      </div>
      {above === "drawer" && (
        <Dialog title="Navigation" look="drawer" onClose={close}>
          <Sidebar isNarrow={false} onGo={close} />
        </Dialog>
      )}
      <KeepLive />
      <Boundary at={above ?? ""} onClose={close}>
        <Suspense fallback={null}>
          {above === "palette" && <Palette onClose={close} onSheet={() => open("sheet")} />}
          {above === "sheet" && <ShortcutSheet onClose={close} />}
        </Suspense>
      </Boundary>
    </div>
  );
}
