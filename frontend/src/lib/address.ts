/** What a page reads in its address, in whatever case; what cannot be meant is told, never left out in silence: it would show, and act on, more than was asked for. */

export interface Misread {
  /** As it stands in the address, `status=faild`. */
  asked: string;
  /** What could stand there. */
  allowed: string;
}

export class Address {
  readonly misread: Misread[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly params: URLSearchParams) {}

  /** Free words; "" where there are none. */
  text(name: string): string {
    const [first = "", ...more] = this.given(name);
    if (more.length > 0) this.misread.push({ asked: pair(name, more.join(", ")), allowed: `${name} once` });
    return first;
  }

  /** Words of a certain kind; "" for others. */
  shaped(name: string, isRight: (text: string) => boolean, allowed: string): string {
    const text = this.text(name);
    if (text === "" || isRight(text)) return text;
    this.misread.push({ asked: pair(name, text), allowed });
    return "";
  }

  /** One of these. */
  choice<T extends string>(name: string, choices: readonly T[]): T | "" {
    const text = this.text(name);
    return text === "" ? "" : (this.found(name, text, choices) ?? "");
  }

  /** Any of these, with commas between or one after the other. */
  choices<T extends string>(name: string, choices: readonly T[]): T[] {
    const words = this.given(name)
      .flatMap((text) => text.split(","))
      .map((word) => word.trim())
      .filter(Boolean);
    const found = new Set(words.map((word) => this.found(name, word, choices)));
    return choices.filter((choice) => found.has(choice));
  }

  /** To be called last: what nobody has read is told too, for `state=failed` narrows nothing. */
  end(...others: string[]): readonly Misread[] {
    for (const name of others) this.known.add(name);
    const names = [...this.known].join(", ");
    for (const [name, value] of this.params)
      if (!this.known.has(name))
        this.misread.push({ asked: pair(name, value), allowed: `this page reads ${names}` });
    return this.misread;
  }

  private given(name: string): string[] {
    this.known.add(name);
    return this.params.getAll(name).filter((text) => text.trim() !== "");
  }

  private found<T extends string>(name: string, word: string, choices: readonly T[]): T | null {
    const choice =
      choices.find((each) => each === word) ??
      choices.find((each) => each.toLowerCase() === word.toLowerCase());
    if (choice === undefined)
      this.misread.push({ asked: pair(name, word), allowed: `one of ${choices.map(shown).join(", ")}` });
    return choice ?? null;
  }
}

/** The API's words are written small in addresses. */
function shown(choice: string): string {
  return choice === choice.toUpperCase() ? choice.toLowerCase() : choice;
}

function pair(name: string, value: string): string {
  return value === "" ? name : `${name}=${value}`;
}

/** A part of a path as people read it; what is not written as the rules for addresses say stays as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
