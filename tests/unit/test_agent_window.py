"""The agent's window: what is no question is not answered, and keeps nobody else waiting."""

import socket
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from terminals.agent.asking import Question, Word, ask_word
from terminals.agent.window import Window

K = b"00" * 32
WORD = {"still": False, "serial": "SN-1", "session": {"grant": "g"}}


def quote(nonce: str) -> tuple[bytes, bytes]:
    return b"quote of " + bytes.fromhex(nonce), b"signature"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    window, over = Window(tmp_path / "window", lambda: WORD, quote), threading.Event()

    def answer() -> None:
        while not over.is_set():
            window.wait(0.05)

    thread = threading.Thread(target=answer)
    thread.start()
    yield tmp_path / "window"
    over.set()
    thread.join()
    window.close()


def test_the_word_and_a_quote(place: Path) -> None:
    assert ask_word(place) == Word(still=False, serial="SN-1", session={"grant": "g"})
    nonce, key = b"n" * 32, b"k" * 32
    told = Question(place, {"ask": "quote", "nonce": nonce.hex(), "key": key.hex()}).answer()
    assert bytes.fromhex(told["quote"]) == b"quote of " + sha256(nonce + key).digest()
    assert bytes.fromhex(told["signature"]) == b"signature"


@pytest.mark.parametrize(
    "asked",
    [b"", b"\xff", b"[]\n", b"7\n", b"{}\n", b'{"ask": "reboot"}\n', b'{"ask": "quote"}\n',
     b'{"ask": "quote", "nonce": "; reboot", "key": "%s"}\n' % K,
     b'{"ask": "quote", "nonce": 7, "key": "%s"}\n' % K,
     b'{"ask": "quote", "nonce": "%s"}\n' % K, b'{"ask": "quote", "nonce": "%s", "key": ""}\n' % K],
)  # fmt: skip
def test_what_is_no_question_is_not_answered(place: Path, asked: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as talk:
        talk.connect(str(place))
        talk.sendall(asked)
        talk.shutdown(socket.SHUT_WR)
        assert talk.recv(100) == b""
    assert not ask_word(place).still


def test_only_the_kiosk_s_group_may_ask(place: Path) -> None:
    assert place.stat().st_mode & 0o777 == 0o660


def gone(place: Path) -> None:
    place.unlink()


def silent(place: Path) -> None:
    place.unlink()
    with socket.socket(socket.AF_UNIX) as nobody:
        nobody.bind(str(place))


@pytest.mark.parametrize("becomes", [gone, silent])
def test_an_agent_that_is_not_there_is_a_laptop_that_is_locked(
    place: Path, becomes: Callable[[Path], None]
) -> None:
    becomes(place)
    assert ask_word(place).still
