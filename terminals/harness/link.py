"""The control plane's end of an adapter's control socket."""

import http.client
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from terminals.harness.meters import Amounts, Meter


class LinkError(Exception):
    """The adapter could not be reached, or said nothing that makes sense."""


class LinkRefused(LinkError):
    """The adapter refuses; ``code`` is its word for why, ``str`` its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    """What an engagement has spent at this adapter, under the policy in force there."""

    version: int
    spent: Amounts
    caps: Amounts


@dataclass(frozen=True, slots=True)
class ControlLink:
    """One adapter, by the path of its control socket."""

    path: Path
    timeout_seconds: float

    def push(self, sealed: bytes) -> int:
        """Put a sealed policy in force; gives its version, once it is durable there.

        Pushing the one in force once more is no change. Raises LinkRefused, LinkError.
        """
        return int(self._asked("PUT", "/v1/policy", sealed)["version"])

    def account(self, engagement: str) -> Account:
        """What is spent. Raises LinkRefused, LinkError."""
        said = self._asked("GET", f"/v1/spent/{engagement}")
        try:
            spent, caps = (
                {meter: int(said[part][meter.value]) for meter in Meter}
                for part in ("spent", "caps")
            )
            return Account(int(said["version"]), spent, caps)
        except (KeyError, TypeError, ValueError) as error:
            raise LinkError("the adapter's account makes no sense") from error

    def _asked(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        connection = _UnixConnection(self.path, self.timeout_seconds)
        try:
            connection.request(method, path, body)
            with connection.getresponse() as response:
                said = json.loads(response.read())
            refused = said.get("refused")
            if refused is None and response.status == 200:
                return dict(said)
            raise LinkRefused(str(refused["code"]), str(refused["message"]))
        except (OSError, http.client.HTTPException) as error:
            raise LinkError(f"the adapter cannot be reached: {error}") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise LinkError("the adapter's answer makes no sense") from error
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("adapter", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
