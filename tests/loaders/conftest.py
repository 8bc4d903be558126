"""What the loader's tests share: a warehouse of their own, event files written by hand."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import s3fs

from loaders import pipeline
from loaders.discovering import LoadRequest
from loaders.pipeline import Progress
from loaders.settings import DEFAULT_LIMITS, Limits
from loaders.writing import DuckDbFile
from tests.support.kinesis_server import KinesisServer
from tests.support.loading import Load, Query, Write
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Give the path of a warehouse that does not exist yet."""
    return tmp_path / "warehouse" / "test.duckdb"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes an event file: dicts as JSON lines, text or bytes as is."""

    def write_file(name: str, *lines: dict[str, Any] | str | bytes) -> Path:
        path = tmp_path / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = b"".join(_bytes_of(line) for line in lines)
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write_file


def _bytes_of(line: dict[str, Any] | str | bytes) -> bytes:
    if isinstance(line, bytes):
        return line
    return (json.dumps(line) if isinstance(line, dict) else line).encode() + b"\n"


@pytest.fixture
def load(warehouse: Path) -> Load:
    """Give a function that loads paths into the warehouse."""

    def load_paths(
        *paths: Path | str,
        workers: int | None = None,
        limits: Limits = DEFAULT_LIMITS,
        **requested: Any,  # noqa: ANN401
    ) -> pipeline.LoadSummary:
        return pipeline.load(
            LoadRequest(tuple(map(str, paths)), **requested),
            DuckDbFile(warehouse),
            Progress(),
            workers=workers,
            limits=limits,
        )

    return load_paths


@pytest.fixture
def query(warehouse: Path) -> Query:
    """Give a function that asks the warehouse."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return ask


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """Give an S3 store over HTTP that lasts for all tests."""
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kinesis_server() -> Iterator[KinesisServer]:
    """Give a stand-in for Kinesis over HTTP that lasts for all tests."""
    server = KinesisServer()
    yield server
    server.stop()


@pytest.fixture
def kinesis(
    kinesis_server: KinesisServer, s3_environment: None, monkeypatch: pytest.MonkeyPatch
) -> KinesisServer:
    """Give the stand-in with one empty stream, and the environment that leads to it."""
    kinesis_server.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", kinesis_server.endpoint)
    return kinesis_server


@pytest.fixture
def s3(s3_server: S3Server, s3_environment: None) -> S3Server:
    """Give the S3 store in a good state, with the environment that leads to it."""
    s3_server.reset()
    return s3_server


@pytest.fixture
def s3_environment(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Set the usual AWS environment, and none of what this machine has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    # s3fs keeps a connection for good once it is made.
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """Give the name of an empty bucket of one's own."""
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3.make_bucket(name)
    return name
