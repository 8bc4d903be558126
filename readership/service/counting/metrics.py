"""The metrics of groups of pageviews, as macros/exports/sort_metrics.sql defines them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
# Flags that cost as much as putting one view into order.
_FLAGS: Final = 16


@dataclass(frozen=True, slots=True)
class Readers:
    """The visitors of groups. A visitor of several views in a group counts once.

    Attributes:
        visitors: Their number, by group.
        returning: The number of those with a view of a session that is a return.
        returning_seconds: The engaged seconds of these.

    """

    visitors: _Ints
    returning: _Ints
    returning_seconds: _Floats


def readers(
    groups: _Ints,
    visitors: NDArray[np.generic],
    engaged_seconds: NDArray[np.generic],
    are_returning: NDArray[np.bool_],
    size: int,
) -> Readers:
    """Count the visitors of each group.

    Args:
        groups: The group of each view, below `size`.
        visitors: Its visitor; -1 for none, which counts as one.
        engaged_seconds: Its engaged seconds.
        are_returning: Whether its session is a return.
        size: The number of groups.

    """
    numbers = visitors.astype(np.int64) + 1
    span = int(numbers.max(initial=0)) + 1
    # A flag for each group and visitor, if that is no more than sorting would move.
    find = _by_flags if size * span <= _FLAGS * len(groups) else _by_order
    return find(groups, numbers, span, engaged_seconds, are_returning, size)


def _by_flags(
    groups: _Ints, numbers: _Ints, span: int, seconds: NDArray[np.generic],
    are_returning: NDArray[np.bool_], size: int,
) -> Readers:  # fmt: skip
    """Count visitors with a flag for each group and visitor."""
    cells = groups * span + numbers
    present, returning = np.zeros((2, size * span), dtype=bool)
    present[cells] = True
    returning[cells[are_returning]] = True
    rows = np.flatnonzero(returning[cells])
    return Readers(
        np.count_nonzero(present.reshape(size, span), axis=1),
        np.count_nonzero(returning.reshape(size, span), axis=1),
        np.bincount(groups[rows], seconds[rows], size),
    )


def _by_order(
    groups: _Ints, numbers: _Ints, span: int, seconds: NDArray[np.generic],
    are_returning: NDArray[np.bool_], size: int,
) -> Readers:  # fmt: skip
    """Count visitors of views in the order of group and visitor."""
    shift = span.bit_length() + 1
    # The last bit says whether the view is no return, so the first view of a group and visitor
    # says whether any of them is.
    keys = (groups << shift) | (numbers << 1) | ~are_returning
    order = np.argsort(keys)
    keys = keys[order]
    pairs = keys >> 1
    is_first = np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(keys)]
    first = keys[is_first]
    are_pairs_returning = (first & 1) == 0
    rows = order[are_pairs_returning[np.cumsum(is_first) - 1]]
    return Readers(
        np.bincount(first >> shift, minlength=size),
        np.bincount(first[are_pairs_returning] >> shift, minlength=size),
        np.bincount(groups[rows], seconds[rows], size),
    )


def minutes(seconds: _Floats) -> _Floats:
    """Return whole minutes, halves up."""
    return np.floor(seconds / 60.0 + 0.5)


def derived(sums: Mapping[str, _Floats], read: Readers) -> dict[str, _Floats]:
    """Return the metrics of groups that are no sums of views.

    Args:
        sums: By group: `views`, `engaged_seconds` and `recirculated_views`.
        read: The visitors of the groups.

    """
    seconds, returning_seconds = sums["engaged_seconds"], read.returning_seconds
    new = read.visitors - read.returning
    return {
        "visitors": read.visitors.astype(np.float64),
        "visitors_new": new.astype(np.float64),
        "visitors_returning": read.returning.astype(np.float64),
        "engaged_minutes": minutes(seconds),
        "avg_engaged": _ratio(seconds / 60.0, read.visitors),
        "avg_engaged_new": _ratio((seconds - returning_seconds) / 60.0, new),
        "avg_engaged_returning": _ratio(returning_seconds / 60.0, read.returning),
        "recirculation_rate": _ratio(sums["recirculated_views"], sums["views"]),
    }


def _ratio(numerators: _Floats, denominators: NDArray[np.generic]) -> _Floats:
    """Return quotients to three decimals, halves away from zero; 0 where the divisor is 0."""
    quotients = np.divide(
        numerators, denominators, out=np.zeros(len(numerators)), where=denominators != 0
    )
    thousandths = quotients * 1000.0
    whole = np.trunc(thousandths)
    whole += np.sign(thousandths) * (np.abs(thousandths - whole) >= 0.5)
    return whole / 1000.0
