"""A place for webhooks to arrive at, which checks their signatures by itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

__all__ = ["Hook"]


class Hook:
    """Takes in events until it is closed."""

    def __init__(self) -> None:
        self.status = 200
        self.events: list[dict[str, Any]] = []
        self.signed: list[bool] = []
        self.key = b"a webhook key of 32 bytes, exact"
        self.secret = "whsec_" + base64.b64encode(self.key).decode()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.signed.append(hook._is_signed(dict(self.headers.items()), body))
                hook.events.append(json.loads(body))
                self.send_response(hook.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        given = {name.lower(): value for name, value in headers.items()}
        signed = f"{given.get('webhook-id')}.{given.get('webhook-timestamp')}.".encode() + body
        expected = base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(f"v1,{expected}", given.get("webhook-signature", ""))

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
