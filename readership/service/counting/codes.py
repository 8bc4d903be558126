"""Columns as numbers: texts become codes, and times microseconds."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

EPOCH: Final = datetime(1970, 1, 1)


def microseconds(moment: datetime) -> int:
    """Return the microseconds of a naive UTC time since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def integers(column: pa.ChunkedArray, null: int) -> NDArray[np.int64]:
    """Return numbers, or microseconds of times, with a value in the place of null."""
    return column.cast(pa.int64()).combine_chunks().fill_null(null).to_numpy()  # type: ignore[no-any-return]


class Codes:
    """Numbers for texts, in the order in which they are first seen. Null is -1.

    Several threads may use them.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}
        self._lock = threading.Lock()

    def known(self, text: str) -> int:
        """Return the code of a text; -2, which no row has, if it has none."""
        return self._codes.get(text, -2)

    def encode(self, column: pa.ChunkedArray) -> NDArray[np.int32]:
        """Return the codes of a column of texts."""
        encoded = column.combine_chunks().dictionary_encode()
        with self._lock:
            codes = [self._code(text) for text in encoded.dictionary.to_pylist()]
        local = encoded.indices.fill_null(len(codes)).to_numpy()
        return np.array([*codes, -1], dtype=np.int32)[local]

    def _code(self, text: str) -> int:
        code = self._codes.setdefault(text, len(self.texts))
        if code == len(self.texts):
            self.texts.append(text)
        return code

    def __len__(self) -> int:
        return len(self.texts)
