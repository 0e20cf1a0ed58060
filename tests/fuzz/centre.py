"""What reaches the centre and its tools: signatures, screens, simulators' sockets, bundles."""

import base64
import contextlib
import io
import json
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.simulators.control import ControlServer, Refused
from hardware.simulators.loop import Loop
from scif.console.live import MOST_POSITION, resumes_after, since_of
from scif.console.signatures import signature_view
from scif.journal import verifier
from scif.journal.notes import Signer

Target = Callable[[bytes], None]


def signature_target() -> Target:
    """What the pad sends: strokes and boxes of plain numbers, or ValueError."""

    def one(data: bytes) -> None:
        try:
            view = signature_view(data.decode("utf-8", "replace"))
        except ValueError:
            return
        assert set(view.strokes) <= set("ML -.0123456789z")
        assert set(view.view) <= set(" -.0123456789")
        assert view.text.isprintable()

    return one


def screen_target() -> Target:
    """What a screen says over its live link: a position within bounds, or nothing."""

    def one(data: bytes) -> None:
        for asked in (resumes_after(data.decode("utf-8", "replace")), since_of(data)):
            assert asked is None or -1 <= asked <= MOST_POSITION

    return one


def control_target() -> Target:
    """A simulator's socket: every line gets one answer, and the server lives on."""
    path = Path(tempfile.mkdtemp(prefix="fuzz-")) / "control.sock"
    loop = Loop()

    def handle(request: Any) -> dict[str, Any]:
        if request["do"] == "refuse":
            raise Refused("no")
        return {"answer": request["door"][request["number"]]}

    ControlServer(loop, path, handle)

    def one(data: bytes) -> None:
        line = data.replace(b"\n", b" ")[:60_000]
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(path))
            client.sendall(line + b"\n")
            loop.call_later(0, loop.stop)
            loop.run()
            loop.call_later(0, loop.stop)
            loop.run()
            client.settimeout(1)
            answer = json.loads(client.recv(65536))
            assert answer["ok"] in {True, False}
        loop.call_later(0, loop.stop)
        loop.run()

    return one


def bundle_target() -> Target:
    """The standalone verifier on any file: an exit status and one clear line."""
    directory = Path(tempfile.mkdtemp(prefix="fuzz-"))
    path, held = directory / "bundle", directory / "held"
    signer = Signer("scif.test/log", Ed25519PrivateKey.generate())
    empty = base64.b64encode(bytes(32)).decode()
    note = signer.sign(f"scif.test/log\n3\n{empty}\n")
    meta = {
        "format": verifier.FORMAT,
        "vkeys": [str(signer.verifier)],
        "checkpoints": [note],
        "whole": True,
        "positions": [0],
    }

    def one(data: bytes) -> None:
        held.write_bytes(data)
        # As it is; behind a sound head, whole and in part; as a checkpoint; as a key.
        for whole in (None, True, False):
            head = b"" if whole is None else json.dumps({**meta, "whole": whole}).encode() + b"\n"
            path.write_bytes(head + data)
            for more in ([], ["--checkpoint", str(held)], ["--key", str(held)]):
                said = io.StringIO()
                with contextlib.redirect_stdout(said):
                    status = verifier.main([str(path), *more])
                assert status in {*verifier.EXIT.values(), 0}
                assert said.getvalue().startswith(("OK ", "FAULT "))

    return one
