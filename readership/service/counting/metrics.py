"""The metrics of groups of pageviews, as macros/exports/sort_metrics.sql defines them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from readership.service.counting.posts import Names

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
# Beyond this share of the rows, sums are made for the groups that occur alone.
_SPARSE: Final = 4

Split = tuple[list[str], NDArray[np.int8]]
"""Metrics, and which of them the views of a row count for; the number of metrics for none."""


@dataclass(slots=True)
class Readers:
    """Visitors of groups: one row for each group and visitor.

    Attributes:
        groups: The group.
        visitors: The code of the visitor.
        engaged_seconds: Seconds of this visitor in the group.
        are_returning: Whether any of these views is of a session that is a return.

    """

    groups: _Ints
    visitors: _Ints
    engaged_seconds: _Floats
    are_returning: NDArray[np.bool_]

    def distinct(self) -> Readers:
        """Return one row for each group and visitor, from several."""
        if not len(self.groups):
            return self
        span = int(self.visitors.max()) + 1
        keys = self.groups * span + self.visitors
        order = np.argsort(keys)
        keys = keys[order]
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        rows = order[first]
        return Readers(
            self.groups[rows],
            self.visitors[rows],
            np.add.reduceat(self.engaged_seconds[order], first),
            np.maximum.reduceat(self.are_returning[order], first),
        )


@dataclass(slots=True)
class Groups:
    """Sums by group.

    Attributes:
        codes: The group of each position.
        sums: Sums of views and of engaged seconds by metric.
        readers: The visitors; their groups are positions.

    """

    codes: _Ints
    sums: dict[str, _Floats]
    readers: Readers
    recirculated_views: _Floats = field(default_factory=lambda: np.zeros(0))

    def through(self, names: Names) -> Groups:
        """Return the groups by the names of posts, from groups by post."""
        found = np.flatnonzero(np.bincount(self.readers.groups, minlength=len(self.codes)))
        positions, codes = names.of(self.codes[found])
        size = len(names.codes)
        rows, reader_codes = names.of(self.codes[self.readers.groups])
        readers = self.readers
        return Groups(
            np.arange(size),
            {
                metric: np.bincount(codes, values[found][positions], size)
                for metric, values in self.sums.items()
            },
            Readers(
                reader_codes,
                readers.visitors[rows],
                readers.engaged_seconds[rows],
                readers.are_returning[rows],
            ).distinct(),
        )

    def metrics(self) -> tuple[_Ints, dict[str, _Floats]]:
        """Return the groups with any visitor, and their metrics by name."""
        size, readers = len(self.codes), self.readers
        visitors = np.bincount(readers.groups, minlength=size)
        returning = np.bincount(readers.groups, readers.are_returning, size)
        returning_seconds = np.bincount(
            readers.groups, readers.engaged_seconds * readers.are_returning, size
        )
        found = np.flatnonzero(visitors)
        sums = {metric: values[found] for metric, values in self.sums.items()}
        seconds = sums.pop("engaged_seconds")
        visitors, returning = visitors[found], returning[found]
        returning_seconds = returning_seconds[found]
        return self.codes[found], sums | {
            "visitors": visitors,
            "visitors_new": visitors - returning,
            "visitors_returning": returning,
            "engaged_minutes": np.floor(seconds / 60.0 + 0.5),
            "avg_engaged": _ratio(seconds / 60.0, visitors),
            "avg_engaged_new": _ratio((seconds - returning_seconds) / 60.0, visitors - returning),
            "avg_engaged_returning": _ratio(returning_seconds / 60.0, returning),
            "recirculation_rate": _ratio(self.recirculated_views[found], sums["views"]),
        }


def group(
    codes: NDArray[np.generic],
    values: Mapping[str, NDArray[np.generic]],
    splits: Iterable[Split],
    visitors: NDArray[np.generic],
    engaged_seconds: NDArray[np.generic],
    are_returning: NDArray[np.bool_],
) -> Groups:
    """Add up rows by group.

    Args:
        codes: The group of each row.
        values: What is added up, by metric; `views` is one of them.
        splits: Metrics of views that differ by a column.
        visitors: The visitor of each row; -1 for none, which counts as one.
        engaged_seconds: The engaged seconds of each row.
        are_returning: Whether the session of a row is a return.

    """
    found = codes.astype(np.int64)
    if len(found) and int(found.max()) > _SPARSE * len(found):
        present, found = np.unique(found, return_inverse=True)
    else:
        present = np.arange(int(found.max()) + 1 if len(found) else 0)
    size = len(present)
    seconds = engaged_seconds.astype(np.float64)
    sums = {metric: np.bincount(found, rows, size) for metric, rows in values.items()}
    sums["engaged_seconds"] = np.bincount(found, seconds, size)
    for metrics, kinds in splits:
        width = len(metrics) + 1
        split = np.bincount(found * width + kinds, values["views"], size * width)
        sums |= zip(metrics, split.reshape(size, width).T, strict=False)
    readers = Readers(found, visitors.astype(np.int64) + 1, seconds, are_returning).distinct()
    return Groups(present, sums, readers)


def _ratio(numerators: _Floats, denominators: NDArray[np.generic]) -> _Floats:
    """Return quotients to three decimals, halves away from zero; 0 where the divisor is 0."""
    quotients = np.divide(
        numerators, denominators, out=np.zeros(len(numerators)), where=denominators != 0
    )
    thousandths = quotients * 1000.0
    whole = np.trunc(thousandths)
    whole += np.sign(thousandths) * (np.abs(thousandths - whole) >= 0.5)
    return whole / 1000.0
