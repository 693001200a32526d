/** A search that is asked for when it is sent, or cleared. */
import { Search } from "lucide-react";
import { useState, type SubmitEvent } from "react";

interface SearchFormProps {
  label: string;
  placeholder: string;
  text: string;
  onAsk: (text: string) => void;
}

/** Give it the text as its key: what is asked elsewhere, e.g. cleared, then comes in. */
export function SearchForm({ label, placeholder, text, onAsk }: SearchFormProps) {
  const [draft, setDraft] = useState(text);
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    onAsk(draft.trim());
  };
  return (
    <form className="search" onSubmit={ask}>
      <Search size={15} aria-hidden />
      <input
        type="search"
        className="input"
        aria-label={label}
        placeholder={placeholder}
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
          if (event.target.value === "") onAsk("");
        }}
      />
    </form>
  );
}
