"""The jars that Spark needs for Iceberg tables, from what PyPI alone has.

The package `snowpark-connect-deps-iceberg` has the runtime of Iceberg, but not the copy of Jackson
that Iceberg calls by a name of its own (`org.apache.iceberg.shaded`). PySpark has Jackson, by its
usual name. So its classes are copied under the other name: in a class file, every name is a text of
the constant pool, and the texts alone are changed.
"""

from __future__ import annotations

import shutil
import struct
import zipfile
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from readership.errors import UserError

RUNTIME = "iceberg-spark-runtime.jar"
JACKSON = "iceberg-jackson.jar"

_RUNTIME_OF_PACKAGE = "iceberg-spark-runtime-3.5_2.12-*.jar"
_PARTS_OF_JACKSON = ("jackson-core-2", "jackson-databind-2", "jackson-annotations-2")
_NAME = b"com/fasterxml/jackson"
_SHADED = b"org/apache/iceberg/shaded/" + _NAME
# Bytes after the tag of each kind of constant (JVM specification, 4.4), but for texts.
_TEXT = 1
_BYTES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4,
          18: 4, 19: 2, 20: 2}  # fmt: skip
# These take two places in the pool: long and double.
_WIDE = {5, 6}


def make_jars(folder: Path) -> list[Path]:
    """Put the two jars into a folder, and return them.

    Raises:
        UserError: A package that has them is not installed.

    """
    folder.mkdir(parents=True, exist_ok=True)
    runtime, jackson = folder / RUNTIME, folder / JACKSON
    with as_file(_jars_of("snowpark_connect_deps_iceberg")) as jars:
        shutil.copyfile(_only(jars, _RUNTIME_OF_PACKAGE), runtime)
    with as_file(_jars_of("pyspark")) as jars, zipfile.ZipFile(jackson, "w") as made:
        for part in _PARTS_OF_JACKSON:
            for name, contents in _shaded_classes(_only(jars, f"{part}*.jar")):
                made.writestr(name, contents, zipfile.ZIP_DEFLATED)
    return [runtime, jackson]


def _jars_of(package: str):  # noqa: ANN202
    try:
        return files(package) / "jars"
    except ModuleNotFoundError as error:
        raise UserError(
            f"the Python package {package} is not installed: run `make setup-spark`"
        ) from error


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise UserError(f"{folder} has {len(found)} jars {pattern}, where one is needed")
    return found[0]


def _shaded_classes(jar: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the classes of a jar under their other name."""
    with zipfile.ZipFile(jar) as opened:
        for name in opened.namelist():
            if name.startswith(_NAME.decode()) and name.endswith(".class"):
                yield name.replace(_NAME.decode(), _SHADED.decode(), 1), shaded(opened.read(name))


def shaded(class_file: bytes) -> bytes:
    """Return a class file whose texts name Jackson by its other name."""
    (count,) = struct.unpack_from(">H", class_file, 8)
    written = [class_file[:10]]
    place, constant = 10, 1
    while constant < count:
        tag = class_file[place]
        if tag == _TEXT:
            (length,) = struct.unpack_from(">H", class_file, place + 1)
            end = place + 3 + length
            text = _renamed(class_file[place + 3 : end])
            written.append(struct.pack(">BH", _TEXT, len(text)) + text)
        else:
            end = place + 1 + _BYTES[tag]
            written.append(class_file[place:end])
        constant += 2 if tag in _WIDE else 1
        place = end
    return b"".join([*written, class_file[place:]])


def _renamed(text: bytes) -> bytes:
    """Return a text of the pool with both spellings of the name replaced."""
    dotted, shaded_dotted = _NAME.replace(b"/", b"."), _SHADED.replace(b"/", b".")
    return text.replace(_NAME, _SHADED).replace(dotted, shaded_dotted)
