"""The same arguments give the same bytes on any machine and at any time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(out: Path, *more: str, hash_seed: str = "0") -> str:
    command = [sys.executable, "-m", "simulator", "--out", str(out), "--events", "3000"]
    subprocess.run(
        [*command, "--days", "3", *more],
        check=True,
        cwd=ROOT,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": f"UTC-{hash_seed}"},
    )
    digest = hashlib.sha256()
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(out)).encode() + path.read_bytes())
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "--mess", hash_seed="1")
    second = run(tmp_path / "b", "--mess", hash_seed="2")
    assert first == second


def test_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    assert run(tmp_path / "a", "--seed", "1") != run(tmp_path / "b", "--seed", "2")
