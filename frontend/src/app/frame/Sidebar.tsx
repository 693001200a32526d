/** The way to every place, as icons and words; narrow, as icons only. */
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { Link, useLocation } from "wouter";
import { useViewer } from "@/graphql/viewer";
import { Logo } from "@/ui/Logo";
import { placeOf, placesFor, type Place } from "./places";

interface SidebarProps {
  isNarrow: boolean;
  onToggle?: () => void;
  /** After a choice, where it stands in a drawer. */
  onGo?: () => void;
}

export function Sidebar({ isNarrow, onToggle, onGo }: SidebarProps) {
  const [path] = useLocation();
  const here = placeOf(path);
  const places = placesFor(useViewer());
  const entry = (place: Place) => (
    <Link
      key={place.path}
      href={place.path}
      className="side-link"
      aria-current={place === here ? "page" : undefined}
      title={isNarrow ? place.name : undefined}
      onClick={onGo}
    >
      <place.icon size={17} strokeWidth={1.8} aria-hidden />
      <span className={isNarrow ? "hidden-text" : undefined}>{place.name}</span>
    </Link>
  );
  const Toggle = isNarrow ? PanelLeftOpen : PanelLeftClose;
  return (
    <nav className="side" aria-label="Main">
      <Link href="/" className="side-logo" aria-label="Rota, overview" onClick={onGo}>
        <Logo />
        {!isNarrow && <span>Rota</span>}
      </Link>
      {places.filter((place) => !place.isBelow).map(entry)}
      <div className="side-below">
        {places.filter((place) => place.isBelow).map(entry)}
        {onToggle && (
          <button
            type="button"
            className="side-link"
            onClick={onToggle}
            aria-label={isNarrow ? "Expand the sidebar" : "Collapse the sidebar"}
          >
            <Toggle size={17} strokeWidth={1.8} aria-hidden />
            {!isNarrow && <span>Collapse</span>}
          </button>
        )}
      </div>
    </nav>
  );
}
