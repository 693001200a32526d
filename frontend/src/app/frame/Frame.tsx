/** What stands around every page: the sidebar, the bar on top, the palette and the sheet of shortcuts. */
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { recall, remember } from "@/lib/storage";
import { Dialog } from "@/ui/Dialog";
import { Sidebar } from "./Sidebar";
import { TopBar } from "./TopBar";
import { useShortcuts } from "./shortcuts";
import "./frame.css";

const Palette = lazy(() => import("./Palette"));
const ShortcutSheet = lazy(() => import("./ShortcutSheet"));

type Above = "palette" | "sheet" | "drawer" | null;

export function Frame({ children }: { children: ReactNode }) {
  const [isNarrow, setNarrow] = useState(recall("sidebar") === "narrow");
  const [above, setAbove] = useState<Above>(null);
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const close = () => setAbove(null);

  useShortcuts({ openPalette: () => setAbove("palette"), openSheet: () => setAbove("sheet") });
  useEffect(() => {
    setAbove(null);
    window.scrollTo(0, 0);
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
        <TopBar onDrawer={() => setAbove("drawer")} onSearch={() => setAbove("palette")} />
        <main id="main" ref={main} tabIndex={-1} className="main">
          {children}
        </main>
      </div>
      {above === "drawer" && (
        <Dialog title="Navigation" look="drawer" onClose={close}>
          <Sidebar isNarrow={false} onGo={close} />
        </Dialog>
      )}
      <Suspense fallback={null}>
        {above === "palette" && <Palette onClose={close} />}
        {above === "sheet" && <ShortcutSheet onClose={close} />}
      </Suspense>
    </div>
  );
}
