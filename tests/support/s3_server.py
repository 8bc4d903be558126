"""An S3 store over HTTP in this process, whose answers a test can count, spoil and delay."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, quote

from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client

Kind = Literal["list", "look", "read", "write"]

ACCESS_KEY = "AKIATESTTESTTESTTEST"
SECRET_KEY = "not/a+real=secret0123456789abcdefghijklm"

_SIGNED = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20240501/us-east-1/s3/"
    "aws4_request, SignedHeaders=host, Signature=0"
}

_ERRORS = {
    403: ("Forbidden", "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist"),
    500: ("Internal Server Error", "InternalError", "We encountered an internal error."),
    503: ("Service Unavailable", "SlowDown", "Please reduce your request rate."),
}


class Request(NamedTuple):
    """One request that was answered.

    Attributes:
        kind: A page of a listing, a look at what is known of an object or bucket (HEAD), a
            reading of an object or of a part, or anything that changes the store.
        path: `/bucket/key`.
        prefix: What a listing was requested for; empty for the others.

    """

    kind: Kind
    path: str
    prefix: str


class S3Server:
    """The store and what spoils its answers; `reset` makes it a good one again.

    Attributes:
        endpoint: Its address, for AWS_ENDPOINT_URL.
        requests: The requests since the last reset.
        access_key: The only one it takes.

    """

    def __init__(self) -> None:
        self._app = create_backend_app("s3")
        self._client = Client(self._app)
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet
        )
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._stalled = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.reset()

    def reset(self) -> None:
        """Forget the requests and everything that a test has set up; keep the objects."""
        self._stalled.set()
        self._stalled = threading.Event()
        self.requests: list[Request] = []
        self.access_key = ACCESS_KEY
        self._failing: dict[Kind, tuple[int, int]] = {}
        self._cutting = 0
        self._stalling: set[Kind] = set()
        self._callbacks: dict[Kind, Callable[[], object]] = {}

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def counts(self) -> Counter[Kind]:
        """Count the requests by their kind."""
        return Counter(request.kind for request in self.requests)

    def fail(self, kind: Kind, times: int, status: int = 503) -> None:
        """Answer the next requests of a kind with an error."""
        self._failing[kind] = (times, status)

    def cut(self, times: int) -> None:
        """Break off in the middle of the next objects that are read."""
        self._cutting = times

    def stall(self, kind: Kind) -> None:
        """Send the first half of answers of a kind, and then nothing more until the reset."""
        self._stalling.add(kind)

    def before(self, kind: Kind, callback: Callable[[], object]) -> None:
        """Call this once, before the next request of a kind is answered."""
        self._callbacks[kind] = callback

    def make_bucket(self, bucket: str) -> None:
        """Make a bucket, without a request that counts."""
        assert self._client.put(f"/{bucket}", headers=_SIGNED).status_code == 200

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object, without a request that counts."""
        answer = self._client.put(f"/{bucket}/{quote(key)}", data=content, headers=_SIGNED)
        assert answer.status_code == 200

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object, without a request that counts."""
        answer = self._client.delete(f"/{bucket}/{quote(key)}", headers=_SIGNED)
        assert answer.status_code == 204

    def _half(self, content: bytes) -> Iterator[bytes]:
        yield content[: len(content) // 2]
        self._stalled.wait()

    def _answer(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = _request(environ)
        self.requests.append(request)
        if f"Credential={self.access_key}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return _error(403, request, start_response)
        times, status = self._failing.get(request.kind, (0, 0))
        if times:
            self._failing[request.kind] = (times - 1, status)
            return _error(status, request, start_response)
        if callback := self._callbacks.pop(request.kind, None):
            callback()
        body = self._app(environ, start_response)
        if request.kind in self._stalling:
            return self._half(b"".join(body))
        if request.kind == "read" and self._cutting:
            self._cutting -= 1
            content = b"".join(body)
            return [content[: len(content) // 2]]
        return body


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        pass


def _request(environ: dict[str, Any]) -> Request:
    path, query = environ["PATH_INFO"], parse_qs(environ.get("QUERY_STRING", ""))
    prefix = query.get("prefix", [""])[0]
    match environ["REQUEST_METHOD"]:
        case "GET":
            return Request("list" if "list-type" in query else "read", path, prefix)
        case "HEAD":
            return Request("look", path, prefix)
        case _:
            return Request("write", path, prefix)


def _error(status: int, request: Request, start_response: Callable[..., Any]) -> list[bytes]:
    reason, code, message = _ERRORS[status]
    body = b""
    if request.kind != "look":
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
    start_response(f"{status} {reason}", headers)
    return [body]
