/** Who is signed in, the colours, and the way out. */
import { Keyboard, LogOut, Monitor, Moon, Sun, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { useViewer } from "@/graphql/viewer";
import { THEMES, themeNow, wear, type Theme } from "@/lib/theme";
import { Menu, MenuItem } from "@/ui/Menu";
import { useSignOut } from "./signout";

const LOOKS: Record<Theme, { icon: LucideIcon; word: string }> = {
  system: { icon: Monitor, word: "As the system" },
  dark: { icon: Moon, word: "Dark" },
  light: { icon: Sun, word: "Light" },
};

export function UserMenu({ onSheet }: { onSheet: () => void }) {
  const { user, isAdmin } = useViewer();
  const [theme, setTheme] = useState(themeNow());
  const signOut = useSignOut();
  const choose = (next: Theme) => {
    wear(next);
    setTheme(next);
  };
  return (
    <Menu
      label={`Account of ${user.username}`}
      buttonClass="avatar"
      button={<span aria-hidden>{user.username.slice(0, 1).toUpperCase()}</span>}
    >
      <div className="menu-head">
        Signed in as <strong>{user.username}</strong>
        {isAdmin && ", administrator"}
      </div>
      <div className="menu-line" role="separator" />
      {THEMES.map((each) => {
        const { icon: Icon, word } = LOOKS[each];
        return (
          <MenuItem key={each} isChosen={each === theme} onChoose={() => choose(each)}>
            <Icon size={15} aria-hidden />
            {word}
          </MenuItem>
        );
      })}
      <div className="menu-line" role="separator" />
      <MenuItem onChoose={onSheet}>
        <Keyboard size={15} aria-hidden />
        Keyboard shortcuts
      </MenuItem>
      <MenuItem onChoose={() => void signOut()}>
        <LogOut size={15} aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  );
}
