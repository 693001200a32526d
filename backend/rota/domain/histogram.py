"""Durations in buckets of equal ratio: small enough to keep for every second, exact to 5 % either way."""

import math
from collections.abc import Iterable, Mapping

_PER_DOUBLING = 8


def bucket_of(ms: int) -> int:
    """The bucket of a duration in ms."""
    return int(math.log2(ms + 1) * _PER_DOUBLING)


def middle_of(bucket: int) -> float:
    """The geometric middle of a bucket, in ms."""
    return float(2 ** ((bucket + 0.5) / _PER_DOUBLING) - 1)


def merged(histograms: Iterable[Mapping[str, int]]) -> dict[int, int]:
    """The sum of histograms as they are kept, with their buckets' numbers as text."""
    total: dict[int, int] = {}
    for histogram in histograms:
        for bucket, count in histogram.items():
            total[int(bucket)] = total.get(int(bucket), 0) + count
    return total


def percentile_ms(histogram: Mapping[int, int], share: float) -> float | None:
    """The duration in ms below which `share` (0 to 1) of the counted ones lie; None where none was counted."""
    total = sum(histogram.values())
    if not total:
        return None
    wanted = share * total
    seen = 0
    for bucket in sorted(histogram):
        seen += histogram[bucket]
        if seen >= wanted:
            return middle_of(bucket)
    return middle_of(max(histogram))
