"""The live picture: a small server on this machine only, which runs the person's own model on images dropped into it.

Uploads are data: PNG, JPEG or DICOM by their first bytes, under a size limit, decoded in memory, never written,
never run. Requests that come from another site's page (wrong Host or Origin) are refused.
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tilewise.errors import TilewiseError
from tilewise.pictures.images import Image, read
from tilewise.pictures.page import page
from tilewise.pictures.playground import playground_scene
from tilewise.pictures.session import Session
from tilewise.pictures.settings import Settings

HOST = "127.0.0.1"
MOST_BYTES = 32 * 1024 * 1024
Scene = dict[str, Any]


class Refused(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Live:
    """A served picture: `start` in a thread or `forever` in this one; `address` is what a browser opens."""

    def __init__(
        self,
        first: Callable[[], Scene],
        look_at: Callable[[Image], Scene],
        cell: Callable[[int, int, tuple[int, ...]], Scene] | None = None,
        *,
        port: int = 0,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.first, self.look_at, self.cell, self.most_bytes = first, look_at, cell, most_bytes
        live = self

        class Handler(_Handler):
            served = live

        self.server = ThreadingHTTPServer((HOST, port), Handler)
        self.server.daemon_threads = True
        self.port: int = self.server.server_address[1]

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/"

    def start(self) -> Live:
        """Serve in a background thread."""
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def forever(self) -> None:
        """Serve until interrupted."""
        try:
            self.server.serve_forever()
        finally:
            self.server.server_close()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Live
    timeout = 30  # seconds for a client to send what it announced
    server_version, sys_version = "tilewise", ""

    def do_GET(self) -> None:
        try:
            self._own()
            if self.path != "/":
                raise Refused(404, "There is only one page here, at /.")
            self._answer(200, "text/html", page(self._live(self.served.first()), serving=True))
        except Refused as refused:
            self._answer(refused.status, "text/plain", str(refused))

    def do_POST(self) -> None:
        try:
            self._own()
            body = self._body()
            if self.path == "/image":
                name = urllib.parse.unquote(self.headers.get("X-Name", ""))[:120]
                scene = self.served.look_at(read(body, name or "dropped image"))
            elif self.path == "/cell" and self.served.cell is not None:
                scene = self.served.cell(*_cell(body))
            else:
                raise Refused(404, "Images are posted to /image.")
            self._answer(200, "application/json", json.dumps(self._live(scene)))
        except Refused as refused:
            self._complain(refused.status, str(refused))
        except TilewiseError as error:
            self._complain(422, str(error))
        except Exception as error:  # the person's own model may raise anything on this image
            self._complain(422, f"{type(error).__name__}: {error}")

    def _live(self, scene: Scene) -> Scene:
        return scene | {"live": {"most_bytes": self.served.most_bytes}}

    def _own(self) -> None:
        """Refuse what a page of another site could make a browser send."""
        hosts = {f"{name}:{self.served.port}" for name in (HOST, "localhost")}
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in hosts or (origin and origin not in {f"http://{h}" for h in hosts}):
            raise Refused(403, "This page answers only to itself.")

    def _body(self) -> bytes:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            raise Refused(411, "A length is needed.") from None
        most = self.served.most_bytes
        if not 0 <= length <= most:
            raise Refused(413, f"The file has {length / 1e6:.1f} MB; at most {most / 1e6:.1f} MB are taken.")
        return self.rfile.read(length)

    def _complain(self, status: int, message: str) -> None:
        self._answer(status, "application/json", json.dumps({"error": message}))

    def _answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal belongs to the person."""


def _cell(body: bytes) -> tuple[int, int, tuple[int, ...]]:
    try:
        asked = json.loads(body)
        numbers = (asked["convolution"], asked["filter"], *asked["cell"])
        if not all(type(n) is int for n in numbers):
            raise TypeError
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(400, "A cell is asked for by convolution, filter and cell, in whole numbers.") from error
    return numbers[0], numbers[1], tuple(numbers[2:])


def serve_session(session: Session, *, port: int = 0, most_bytes: int = MOST_BYTES) -> Live:
    """A model or layer, live."""
    return Live(session.scene, session.look_at, session.cell, port=port, most_bytes=most_bytes)


def serve_playground(
    settings: Settings | None, input: Any = None, *, port: int = 0, most_bytes: int = MOST_BYTES
) -> Live:
    """The playground, live: dropped images become samples."""
    return Live(
        lambda: playground_scene(settings, input),
        lambda image: playground_scene(settings, image),
        port=port,
        most_bytes=most_bytes,
    )
