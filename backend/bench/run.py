"""The rounds: each contender once a round, one after the other, so that a noisy minute falls on all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench import environment
from bench.contenders import Contender, FailedError, installed
from bench.measure import Figures, Sizes, measure
from bench.servers import Servers


@dataclass(slots=True)
class Results:
    """What the rounds gave: figures a round by contender, and why a contender has none."""

    rounds: int
    sizes: Sizes
    figures: dict[str, list[Figures]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


async def run(
    contenders: Sequence[Contender], servers: Servers, sizes: Sizes, rounds: int, tell: Callable[[str], None]
) -> Results:
    """Measures all contenders so many times. A contender that fails is left out from then on, with the reason."""
    environment.refresh_drivers()
    results = Results(rounds, sizes)
    for contender in contenders:
        if problem := installed(contender):
            results.problems[contender.name] = problem
            tell(f"{contender.label}: {problem}")
    for number in range(rounds):
        # Each round begins with another one: nobody always follows the same neighbour.
        order = [*contenders[number % len(contenders) :], *contenders[: number % len(contenders)]]
        for contender in order:
            if contender.name in results.problems:
                continue
            tell(f"round {number + 1} of {rounds}: {contender.label}")
            try:
                figures = await measure(contender, servers, sizes)
            except (FailedError, OSError) as error:
                results.problems[contender.name] = str(error) or type(error).__name__
                tell(f"  failed: {error}")
            else:
                results.figures.setdefault(contender.name, []).append(figures)
                tell("  " + ", ".join(f"{name} {value:,.4g}" for name, value in figures.items()))
    return results
