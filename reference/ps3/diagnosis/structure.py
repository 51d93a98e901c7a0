"""What can be said of wrong gradients that no known mistake explains: how they differ, and where."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from grader.checks.words import Words, constant, tell

from ..kinds.cases import Case


@dataclass(frozen=True)
class Pair:
    """One parameter's gradient on one network, as it came and as it should be; equal shapes."""

    case: Case
    observed: np.ndarray
    right: np.ndarray
    bound: float
    """Largest accepted absolute difference."""
    off: np.ndarray
    """Which hidden units were off for each example, (N, H): their pre-activation was negative."""

    @property
    def wrong(self) -> np.ndarray:
        """Which entries differ."""
        result: np.ndarray = ~(np.abs(self.observed - self.right) <= self.bound)
        return result


UNKNOWN = "No known mistake gives this."


def describe(param: str, pairs: list[Pair]) -> str:
    """How the gradients differ from the right ones, in one or two sentences; says so where no relation fits."""
    if not all(np.isfinite(pair.observed).all() for pair in pairs):
        return f"grads[{param!r}] holds NaN or infinity."
    return _relation(param, pairs) or tell("{} {}", UNKNOWN, _place(param, pairs))


def _relation(param: str, pairs: list[Pair]) -> str:
    """The gradients as a multiple of the right one's part from the data, plus one of the part from the penalty."""
    penalties = [pair.case.net.reg * pair.case.params[param] * param.startswith("W") for pair in pairs]
    parts = [(pair.right - penalty, penalty) for pair, penalty in zip(pairs, penalties, strict=True)]
    columns = [np.concatenate([part[i].ravel() for part in parts]) for i in (0, 1)]
    target = np.concatenate([pair.observed.ravel() for pair in pairs])
    (of_data, of_penalty), *_ = np.linalg.lstsq(np.stack(columns, axis=1), target, rcond=None)
    for pair, (data, penalty) in zip(pairs, parts, strict=True):
        if not np.abs(pair.observed - of_data * data - of_penalty * penalty).max() <= pair.bound:
            return ""
    name = repr(param)
    data_times, penalty_times = (constant(times, f"{times:.6g}") for times in (of_data, of_penalty))
    if not columns[1].any() or np.isclose(of_data, of_penalty, rtol=1e-6):
        return tell("grads[{}] is {} times the right gradient.", name, data_times)
    if np.isclose(of_penalty, 1.0, rtol=1e-6):
        return tell(
            "The part of grads[{}] that comes from the data is {} times what it should be; the regularisation "
            "term is right.",
            name,
            data_times,
        )
    if np.isclose(of_data, 1.0, rtol=1e-6):
        return tell(
            "The regularisation term of grads[{}] is {} times what it should be.", name, penalty_times
        )
    return tell(
        "The part of grads[{}] that comes from the data is {} times what it should be, its regularisation term "
        "{} times.",
        name,
        data_times,
        penalty_times,
    )


def _place(param: str, pairs: list[Pair]) -> str:
    """Where the wrong entries are, how many, how large the error is."""
    wrong = [pair for pair in pairs if pair.wrong.any()]
    where = [words for words, holds in _CONDITIONS.items() if len(wrong) < len(pairs) and holds(wrong, pairs)]
    where += [words for words, places in _parts(param) if _only_there(wrong, places)]
    share = np.mean(np.concatenate([pair.wrong.ravel() for pair in wrong]))
    size = max(
        float(np.abs(p.observed - p.right).max() / max(float(np.abs(p.right).max()), p.bound)) for p in wrong
    )
    some = Words("Most" if share > 0.5 else "Some", f"{100 * share:.2g} %")
    entries = "All entries" if share == 1 else tell("{} of the entries", some)
    found = tell(
        "{} of grads[{}] are off, by {}",
        entries,
        repr(param),
        Words(_about(size), f"up to {size:.2g} {_LARGEST}"),
    )
    return tell("{}, {}.", found, " and ".join(where)) if where else tell("{}.", found)


_LARGEST = "times the largest right one"


def _about(size: float) -> str:
    """How large an error is, to a power of ten: more, the code could choose."""
    power = round(math.log10(max(size, 1e-9)))
    if power == 0:
        return "about as much as the largest right one"
    return f"about {10.0 ** min(max(power, -6), 6):g} {_LARGEST}"


def _all_and_only(test: Callable[[Case], bool]) -> Callable[[list[Pair], list[Pair]], bool]:
    """Whether the networks with wrong entries are those that pass a test."""
    return lambda wrong, pairs: all(test(pair.case) == (pair in wrong) for pair in pairs)


_CONDITIONS: dict[str, Callable[[list[Pair], list[Pair]], bool]] = {
    "only on networks with regularisation": _all_and_only(lambda case: case.net.reg > 0),
    "only on batches of more than one example": _all_and_only(lambda case: case.net.batch > 1),
    "only on a batch with a single example": _all_and_only(lambda case: case.net.batch == 1),
    "only where the batch lacks a class": _all_and_only(
        lambda case: len(set(case.y.tolist())) < case.net.classes
    ),
}


def _parts(param: str) -> Iterator[tuple[str, Callable[[Pair], np.ndarray]]]:
    """Names of parts of the gradient, and which entries (last axis, or first of W2) belong to each."""
    if param in ("W1", "b1"):
        yield "only at hidden units that are off for some example", lambda pair: np.any(pair.off, axis=0)
        yield "only at hidden units that are off for all examples", lambda pair: np.all(pair.off, axis=0)
    else:
        yield "only for classes that the batch lacks", lambda pair: ~_present(pair.case)
        yield "only for classes that the batch has", lambda pair: _present(pair.case)


def _present(case: Case) -> np.ndarray:
    return np.isin(np.arange(case.net.classes), case.y)


def _only_there(wrong: list[Pair], places: Callable[[Pair], np.ndarray]) -> bool:
    """Whether wrong entries are at these columns alone, and not all columns are such."""
    masks = [np.broadcast_to(places(pair), pair.right.shape) for pair in wrong]
    return not any((pair.wrong & ~mask).any() for pair, mask in zip(wrong, masks, strict=True)) and not all(
        mask.all() for mask in masks
    )
