"""Which workers may work together: those that compute what the client and the others compute. Loads nothing of Dask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def common_facts(
    answers: Iterable[Mapping[str, str]], wanted: Mapping[str, str], open_facts: Sequence[str]
) -> dict[str, str]:
    """Settle what the workers of a run have in common.

    Args:
        answers: Facts of the workers.
        wanted: Facts that are settled.
        open_facts: Those that are not: most workers decide, among equally many the first in the alphabet.

    Returns:
        All facts.
    """
    fitting = [facts for facts in answers if not difference({**facts, **wanted}, facts)]
    votes = Counter(tuple(facts.get(name, "") for name in open_facts) for facts in fitting)
    if not votes:
        return dict(wanted)
    chosen = min(votes, key=lambda vote: (-votes[vote], vote))
    return {**wanted, **dict(zip(open_facts, chosen))}


def difference(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Word what a worker has otherwise than the run.

    Returns:
        Such as "onnxruntime 1.19.2 in place of 1.32.0"; "" where nothing differs.
    """
    parts = [
        f"{name} {found.get(name, 'unknown')} in place of {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    return " and ".join(parts)
