"""The adapter as a proxy: before a harness that is another process, or none at all."""

import http.server
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from terminals.harness.forward import Forward
from terminals.harness.listeners import Config
from tests.bench.table import ROOT
from tests.harness.rig import ENGAGEMENT, Rig, codes, running, stand_in_policy

ANSWER = b'{"text":"from another process","weights":[1,2,3]}'


class _Lab(http.server.BaseHTTPRequestHandler):
    """A lab's harness of the standard library; the path says how it misbehaves."""

    protocol_version = "HTTP/1.1"
    heard: list[dict[str, str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append(dict(self.headers))
        words = body.decode()
        if "redirect" in words:
            self.send_response(302)
            self.send_header("location", "/v1/weights")
            self.send_header("content-length", "0")
            self.end_headers()
        elif "hang up" in words:
            self.send_response(200)
            self.send_header("content-length", "1000")
            self.end_headers()
            self.wfile.write(ANSWER)
            self.close_connection = True
        elif "without end" in words:
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            try:
                while True:
                    self.wfile.write(b" " * 4096)
            except OSError:
                self.heard.append({"ended": "yes"})
        else:
            self.send_response(200)
            self.send_header("set-cookie", "a=b")
            self.send_header("content-length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing."""


@contextmanager
def _lab() -> Generator[tuple[str, int]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Lab)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "127.0.0.1", server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    """The adapter before a lab's server."""
    with _lab() as (host, port):
        extra = {"harness": {"host": host, "port": port}}
        folder = tmp_path_factory.mktemp("proxy")
        with running(folder, module="terminals.harness", extra=extra) as rig:
            rig.push(stand_in_policy(["black_box"]))
            yield rig


def test_an_answer_comes_through_reduced(rig: Rig) -> None:
    _Lab.heard.clear()
    status, said = rig.ask("complete", {"prompt": "hello"}, headers={"Cookie": "c=d", "X-A": "1"})
    assert (status, said["answer"]) == (200, {"text": "from another process"})
    rig.ask("complete", {"prompt": "hello again"})
    for headers in _Lab.heard:
        assert headers["x-scif-engagement"] == ENGAGEMENT
        assert {"cookie", "x-a"}.isdisjoint(name.lower() for name in headers)


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("redirect", "harness_refused"),
        ("hang up", "harness_failed"),
        ("without end", "answer_too_long"),
    ],
)
def test_a_lab_s_server_that_misbehaves(rig: Rig, prompt: str, code: str) -> None:
    _Lab.heard.clear()
    queries = rig.spent()["queries"]
    assert next(codes([rig.ask("complete", {"prompt": prompt})])) == code
    assert rig.spent()["queries"] == queries + 1
    assert next(codes([rig.ask("complete", {"prompt": "hello"})])) == "answered"


def test_the_configuration_and_the_unit_that_are_shipped_fit_each_other() -> None:
    config = Config.read(ROOT / "deploy" / "harness" / "adapter.json")
    Forward(**config.rest["harness"])
    assert config.listeners == {ENGAGEMENT: ("127.0.0.1", 9101)}
    unit = (ROOT / "deploy" / "harness" / "scif-harness-adapter.service").read_text()
    assert "python -m terminals.harness --config /etc/scif-harness/adapter.json" in unit
    for setting, path in (
        ("StateDirectory", config.ledger.parent),
        ("RuntimeDirectory", config.control_socket.parent),
    ):
        assert f"{setting}={path.name}\n" in unit


def test_no_server_is_no_answer(tmp_path: Path) -> None:
    extra = {"harness": {"socket": str(tmp_path / "nobody.sock")}}
    with running(tmp_path, module="terminals.harness", extra=extra) as rig:
        rig.push(stand_in_policy())
        assert next(codes([rig.ask("complete", {"prompt": "hello"})])) == "harness_failed"
        assert rig.spent()["queries"] == 1
