"""What to say of a name that is not known: what it may have been meant to be, and what there is."""

import difflib
from collections.abc import Iterable

MOST_NAMED = 10


def there_is_no(what: str, wanted: str, known: Iterable[str]) -> str:
    """`There is no queue 'maths'; there are: default.`, or what it may have been meant to be."""
    return f"There is no {what} {wanted!r}; {there_are(wanted, known)}"


def there_are(wanted: str, known: Iterable[str]) -> str:
    """`did you mean 'nap'? There are: a, b, c and 8 more.`, or `there are: a, b.` where nothing is like it.

    What is like it in other letters' case counts as most like it.
    """
    names = sorted(known)
    by_folded = {name.casefold(): name for name in names}
    named = ", ".join(names[:MOST_NAMED]) or "none yet"
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    # A long text is no slip of the finger, and takes its time to compare.
    near = difflib.get_close_matches(wanted.casefold(), by_folded, 1) if len(wanted) <= 100 else []
    guess = f"did you mean {by_folded[near[0]]!r}? There are: " if near else "there are: "
    return f"{guess}{named}{more}."
