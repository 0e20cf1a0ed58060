"""Answers that come as lines: each is counted before it leaves, and any may be the last."""

import asyncio
from pathlib import Path

import pytest

from terminals.harness import asgi
from terminals.harness.meters import Meter
from tests.harness.lab import STREAM, Harness, Lab

LINES = [b'{"text":"one"}\n{"te', b'xt":"two","x":1}\n\n', b'{"text":"three"}']


async def test_a_stream_is_counted_line_by_line(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness(LINES), {"stream": STREAM}).push()
    status, lines = await lab.ask("stream")
    assert status == 200
    assert [line["answer"]["text"] for line in lines] == ["one", "two", "three"]
    assert lab.spent[Meter.TOKENS_OUT] == sum(
        len(f'{{"text":"{w}"}}') for w in ("one", "two", "three")
    )
    left = [line["left"]["bits"] for line in lines]
    assert left == sorted(left, reverse=True)
    assert left[-1] == 10**9 - lab.spent[Meter.BITS]


@pytest.mark.parametrize("hears", range(6))
async def test_a_stream_that_is_cut_is_counted_whole(tmp_path: Path, hears: int) -> None:
    (tmp_path / "whole").mkdir()
    whole = await Lab(tmp_path / "whole", Harness(LINES), {"stream": STREAM}).push()
    await whole.ask("stream")
    harness = Harness(LINES)
    cut = await Lab(tmp_path, harness, {"stream": STREAM}).push()
    await cut.ask("stream", hears=hears)
    assert harness.sent_whole == 1
    assert cut.spent == whole.spent


async def test_a_stream_ends_at_the_cap(tmp_path: Path) -> None:
    harness = Harness(LINES)
    lab = await Lab(tmp_path, harness, {"stream": STREAM}).push(caps={"tokens_out": 30})
    status, lines = await lab.ask("stream")
    assert status == 200
    assert [line["answer"]["text"] for line in lines[:-1]] == ["one", "two"]
    assert lines[-1]["refused"]["code"] == "cap_tokens_out"
    assert harness.sent_whole == 0


async def test_a_stream_ends_with_a_line_that_does_not_fit(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness([b'{"text":"a"}\n', b"[]\n"]), {"stream": STREAM}).push()
    _, lines = await lab.ask("stream")
    assert [sorted(line) for line in lines] == [["answer", "left"], ["refused"]]


async def test_a_stream_of_nothing_says_so(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness([]), {"stream": STREAM}).push()
    status, (line,) = await lab.ask("stream")
    assert status == 200
    assert set(line) == {"left"}


async def test_a_policy_that_is_replaced_stops_a_stream_that_runs(tmp_path: Path) -> None:
    go = asyncio.Event()
    began = asyncio.Event()

    async def slow(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await asgi.send_start(send, 200, asgi.LINES)
        await send({"type": "http.response.body", "body": b'{"text":"a"}\n', "more_body": True})
        began.set()
        await go.wait()
        await send({"type": "http.response.body", "body": b'{"text":"b"}\n', "more_body": True})
        raise AssertionError("the stream went on")

    lab = await Lab(tmp_path, slow, {"stream": STREAM}).push()
    task = asyncio.create_task(lab.ask("stream"))
    await began.wait()
    await lab.push(operations={})
    go.set()
    _, lines = await task
    assert lines[-1]["refused"]["code"] == "policy_changed"
    assert await lab.code("stream") == "operation_unknown"
