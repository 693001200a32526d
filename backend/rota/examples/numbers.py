"""Arithmetic: a quick function, and one that needs the CPU and so a process of its own."""

import math
from typing import Annotated, Any, TypedDict

from pydantic import Field

import rota

LARGEST = 2**53 - 1  # beyond it a browser keeps no whole number exactly
LOOK_EVERY = 2**18  # divisors between two words of progress


class Factors(TypedDict):
    """A number and its prime factors, smallest first, each as often as it divides."""

    number: int
    factors: list[int]
    is_prime: bool


@rota.function(example={"a": 6, "b": 7})
async def multiply(
    a: Annotated[int, Field(description="The one factor; a whole number of any size.")],
    b: Annotated[int, Field(description="The other factor.")],
) -> int:
    """Multiply two whole numbers, exactly."""
    return a * b


@rota.function(executor="process", timeout=600, example={"n": 100_000_980_001_501})
def prime_factors(
    ctx: dict[str, Any],
    n: Annotated[int, Field(description="The number to take apart.", ge=2, le=LARGEST)],
) -> Factors:
    """Find the prime factors of a number by trial division.

    It keeps one core busy, so it runs in a process of its own: other tasks go on, and it can be killed at any time.
    """
    task = ctx["task"]
    factors: list[int] = []
    left = n
    for small in (2, 3):
        left = _divide(left, small, factors)
    # All further primes are one less or one more than a multiple of six.
    candidate, step, rounds = 5, 2, 0
    bound = math.isqrt(left)
    while candidate <= bound:
        if left % candidate == 0:
            left = _divide(left, candidate, factors)
            bound = math.isqrt(left)
        candidate, step, rounds = candidate + step, 6 - step, rounds + 1
        if rounds % LOOK_EVERY == 0:
            task.progress(min(candidate / bound, 1.0) if bound else 1.0, f"tried divisors up to {candidate:,}")
    if left > 1:
        factors.append(left)
    return Factors(number=n, factors=factors, is_prime=len(factors) == 1)


def _divide(left: int, divisor: int, factors: list[int]) -> int:
    while left % divisor == 0:
        factors.append(divisor)
        left //= divisor
    return left
