/** Where you are, the way to anything, whether it is live, and who you are. */
import { Menu as MenuIcon, Search } from "lucide-react";
import { Link, useLocation } from "wouter";
import { decoded } from "@/lib/address";
import { shortId } from "@/lib/format";
import { Button } from "@/ui/Button";
import { LiveMark } from "./LiveMark";
import { placeOf } from "./places";
import { UserMenu } from "./UserMenu";

interface TopBarProps {
  onDrawer: () => void;
  onSearch: () => void;
  onSheet: () => void;
}

export const IS_MAC = /Mac|iP(hone|ad)/.test(navigator.userAgent);

export function TopBar({ onDrawer, onSearch, onSheet }: TopBarProps) {
  return (
    <header className="top">
      <div className="top-drawer">
        <Button look="quiet" icon={MenuIcon} aria-label="Open the navigation" onClick={onDrawer} />
      </div>
      <Where />
      <button type="button" className="top-search" onClick={onSearch}>
        <Search size={15} aria-hidden />
        <span>Search or go to…</span>
        <kbd aria-hidden>{IS_MAC ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <LiveMark />
      <UserMenu onSheet={onSheet} />
    </header>
  );
}

function Where() {
  const [path] = useLocation();
  const place = placeOf(path);
  const below = place === undefined ? "" : path.slice(place.path.length + 1);
  if (place === undefined) return <div className="top-where" />;
  return (
    <nav className="top-where" aria-label="Where you are">
      {below === "" || place.path === "/" ? (
        <span aria-current="page">{place.name}</span>
      ) : (
        <>
          <Link href={place.path} className="soft">
            {place.name}
          </Link>
          <span className="faint" aria-hidden>
            /
          </span>
          <span className="mono clip" aria-current="page">
            {shortId(decoded(below))}
          </span>
        </>
      )}
    </nav>
  );
}
