"""A disk that is full or read-only while a snapshot is published: the old one stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from readership.command_line import main
from readership.service.snapshots import current_snapshot, open_snapshot, publish, snapshot_folder
from tests.support.disks import Disk, mounted
from tests.support.newsrooms import hear
from tests.support.warehouses import Warehouse

pytestmark = pytest.mark.slow


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def own(disk: Disk, newsrooms: Warehouse) -> Warehouse:
    """A copy of the newsrooms' warehouse on the disk, published, and changed after that."""
    folder = disk.folder / "own"
    shutil.copytree(newsrooms.folder, folder)
    own = Warehouse(folder, newsrooms.dbt, loads=newsrooms.loads)
    publish(own.path)
    hear(own)
    return own


def failed_publish(own: Warehouse, capsys: pytest.CaptureFixture[str]) -> str:
    """Publish, which must fail and leave the snapshot that is current, and return what it says."""
    before = current_snapshot(snapshot_folder(own.path))
    assert before is not None
    capsys.readouterr()
    assert main(["publish", "--warehouse", str(own.path)]) == 1
    error = capsys.readouterr().err
    assert current_snapshot(snapshot_folder(own.path)) == before
    open_snapshot(before).retire()
    assert len(error.splitlines()) == 1, error
    return error


def published(own: Warehouse) -> None:
    """Publish again, which must succeed."""
    before = current_snapshot(snapshot_folder(own.path))
    info = publish(own.path)
    assert info != before
    open_snapshot(info).retire()


def test_a_full_disk_stops_publishing_in_one_line_and_with_room_the_next_one_succeeds(
    disk: Disk, own: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.leave(4_096)
    error = failed_publish(own, capsys)
    assert error.startswith("readership publish: ")
    assert "No space left on device" in error
    disk.resize(1 << 30)
    published(own)


def test_a_read_only_disk_stops_publishing_in_one_line_and_the_next_one_succeeds(
    disk: Disk, own: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.set_read_only(is_read_only=True)
    error = failed_publish(own, capsys)
    assert error.startswith("readership publish: ")
    assert os.strerror(30) in error
    disk.set_read_only(is_read_only=False)
    published(own)
