"""How long what has ended is kept, and which lengths are allowed."""

from rota.domain.errors import Invalid

DAY_MS = 24 * 3600 * 1000
DEFAULT_DAYS = 7.0
FEWEST_DAYS = 0.01  # a quarter of an hour; clients must find their results
MOST_DAYS = 3650.0


def retention_ms(days: float | None) -> int | None:
    """Days as ms; None, which stands for what the settings say, stays None. Raises Invalid."""
    if days is None:
        return None
    if not FEWEST_DAYS <= days <= MOST_DAYS:  # not so for NaN either
        raise Invalid(f"days must be {FEWEST_DAYS} to {MOST_DAYS:.0f} (ten years).", ("days",))
    return round(days * DAY_MS)
