"""The adapter before harnesses and clients that do what they should not."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from terminals.harness import asgi
from terminals.harness.adapter import ANOTHER_BITS, OUTCOME_BITS
from terminals.harness.meters import Meter
from tests.harness.lab import TEXT, Harness, Lab, operation
from tests.harness.rig import ENGAGEMENT

HELLO = b'{"text":"hello"}'
MEASURE = {"kind": "measure", "low": -30, "high": 0, "digits": 2}
STREAM = operation(stream=True, answers={"text": TEXT})
LOGPROBS = operation(
    "logprobs",
    answers={
        "top": {
            "kind": "many",
            "most": 2,
            "of": {"kind": "fields", "fields": {"token": TEXT, "logprob": MEASURE}},
        }
    },
)


async def test_an_answer_leaves_without_what_the_policy_does_not_name(tmp_path: Path) -> None:
    said = json.dumps(
        {
            "top": [
                {"token": "a", "logprob": -0.123456789, "logit": 7.5},
                {"token": "b", "logprob": -1e300, "id": 3},
                {"token": "c", "logprob": -3},
            ],
            "weights": [1, 2, 3],
            "usage": {"flops": 1},
        }
    ).encode()
    lab = await Lab(tmp_path, Harness(said), {"logprobs": LOGPROBS}).push()
    status, (answer,) = await lab.ask("logprobs")
    assert status == 200
    assert answer["answer"] == {
        "top": [{"token": "a", "logprob": -0.12}, {"token": "b", "logprob": -30.0}]
    }


async def test_what_an_answer_costs(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness(HELLO)).push()
    _, (said,) = await lab.ask(body=b'{"prompt": "hey"}')
    # Field there or not: 1. Length 5: 5. Five letters, one twice: (1·1·1·3·1) of 256·258·…·264.
    bits = 1 + 5 + 38.6
    assert lab.spent == {
        Meter.QUERIES: 1,
        Meter.TOKENS_IN: len('{"prompt":"hey"}'),
        Meter.TOKENS_OUT: len(HELLO),
        Meter.BITS: OUTCOME_BITS + int(bits) + 1,
    }
    assert said["left"] == {meter.value: 10**9 - amount for meter, amount in lab.spent.items()}


async def test_what_leaves_is_counted_and_durable_before(tmp_path: Path) -> None:
    """Looked at with another connection to the file, at the moment of each step."""
    looks: list[tuple[str, dict[str, int]]] = []

    def look(what: str) -> None:
        connection = sqlite3.connect(tmp_path / "ledger.sqlite")
        looks.append((what, dict(connection.execute("SELECT meter, amount FROM spent"))))
        connection.close()

    async def harness(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        look("asked")
        await asgi.send_start(send, 200, asgi.LINES)
        for line in (b'{"text":"a"}\n', b'{"text":"bc"}\n'):
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    lab = await Lab(tmp_path, harness, {"stream": STREAM}).push()
    await lab.ask("stream", on_send=lambda message: look(str(message.get("body", b"start"))[:20]))
    whole = {meter.value: amount for meter, amount in lab.spent.items()}
    outs = [spent["tokens_out"] for _, spent in looks]
    assert [what for what, _ in looks][:2] == ["asked", "b'start'"]
    assert looks[0][1]["queries"] == 1
    assert looks[0][1]["tokens_in"] == whole["tokens_in"]
    assert looks[0][1]["bits"] == OUTCOME_BITS + ANOTHER_BITS
    assert outs == [0, 12, 12, 25, 25]  # asked, start, first line, second line, end
    assert looks[3][1] == whole


async def test_the_harness_sees_the_engagement_and_nothing_of_the_client(tmp_path: Path) -> None:
    harness = Harness(HELLO)
    lab = await Lab(tmp_path, harness).push()
    claims = [(b"x-scif-engagement", b"E-OTHER"), (b"authorization", b"x"), (b"cookie", b"y")]
    await lab.ask(headers=claims, body=b' {"prompt" : "\\u0068i"} ')
    ((scope, body),) = harness.heard
    assert body == b'{"prompt":"hi"}'
    assert dict(scope["headers"]) == {
        b"content-type": b"application/json",
        b"content-length": b"15",
        b"x-scif-engagement": ENGAGEMENT.encode(),
    }


BAD_REQUESTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "request_not_json"),
    "no JSON": (b"prompt=hello", "request_not_json"),
    "invalid UTF-8": (b'{"prompt":"\xff"}', "request_not_json"),
    "UTF-16": ('{"prompt":"a"}'.encode("utf-16"), "request_not_json"),
    "half a surrogate": (b'{"prompt":"\\ud800"}', "request_not_json"),
    "a name twice": (b'{"prompt":"a","prompt":"b"}', "request_not_json"),
    "NaN": (b'{"prompt":NaN}', "request_not_json"),
    "infinity": (b'{"prompt":-Infinity}', "request_not_json"),
    "a number beyond reason": (b'{"prompt":1e99999}', "request_not_json"),
    "a number beyond writing": (b'{"prompt":1e9999999999999999999999}', "request_not_json"),
    "nested": (b"[" * 1000, "request_not_json"),
    "nested and closed": (b'{"prompt":' + b"[" * 900 + b"]" * 900 + b"}", "request_unfit"),
    "two values": (b'{"prompt":"a"}{"prompt":"b"}', "request_not_json"),
    "a list": (b'["prompt"]', "request_unfit"),
    "a field too many": (b'{"prompt":"a","temperature":9}', "request_unfit"),
    "a field of another kind": (b'{"prompt":["a"]}', "request_unfit"),
    "a text too long": (b'{"prompt":"' + b"a" * 1001 + b'"}', "request_unfit"),
    "a body too long": (b'{"prompt":"' + b" " * 2000 + b'"}', "request_too_long"),
}


@pytest.mark.parametrize(("body", "code"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
async def test_a_bad_request_reaches_no_harness_and_costs_nothing(
    tmp_path: Path, body: bytes, code: str
) -> None:
    harness = Harness(HELLO)
    lab = await Lab(tmp_path, harness).push()
    assert await lab.code(body=body) == code
    assert harness.heard == []
    assert set(lab.spent.values()) == {0}


async def test_a_body_without_end_is_not_kept(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness(HELLO)).push()
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b" " * 500

    assert await lab.code(chunks=chunks()) == "request_too_long"
    assert taken == 5
    assert await lab.code(chunks=[b'{"prompt"', b":", b'"a"}', b""]) == "answered"


async def test_a_request_that_is_cut_costs_nothing(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness(HELLO)).push()
    assert await lab.code(chunks=[]) == "request_broken"
    assert await lab.code(chunks=[b'{"prompt":"a"}']) == "request_broken"
    assert set(lab.spent.values()) == {0}


DENIED: dict[str, tuple[dict[str, Any], str]] = {
    "an address of nobody": ({"server": ("127.0.0.1", 9102)}, "listener_unknown"),
    "a socket without an address": ({"server": None}, "listener_unknown"),
    "an operation that is not named": ({"path": "/v1/weights"}, "operation_unknown"),
    "a path below an operation": ({"path": "/v1/complete/x"}, "operation_unknown"),
    "an operation without its prefix": ({"path": "complete"}, "operation_unknown"),
    "a path around it": ({"path": "/v1/../v1/complete"}, "operation_unknown"),
    "the prefix twice": ({"path": "/v1//v1/complete"}, "operation_unknown"),
    "another method": ({"method": "GET"}, "method_not_allowed"),
    "a query string": ({"query_string": b"n=1"}, "method_not_allowed"),
}


@pytest.mark.parametrize(("scope", "code"), DENIED.values(), ids=DENIED)
async def test_what_no_policy_names_is_denied(
    tmp_path: Path, scope: dict[str, Any], code: str
) -> None:
    harness = Harness(HELLO)
    lab = await Lab(tmp_path, harness).push()
    assert await lab.code() == "answered"
    assert await lab.code(**scope) == code
    assert len(harness.heard) == 1


async def test_no_policy_and_an_ended_one_deny(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Harness(HELLO))
    assert await lab.code() == "policy_missing"
    await lab.push()
    assert await lab.code() == "answered"
    lab.now += timedelta(days=1)
    assert await lab.code() == "policy_expired"


async def test_a_websocket_is_closed(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness(HELLO)).push()
    sent: list[asgi.Message] = []

    async def receive() -> asgi.Message:
        return {"type": "websocket.connect"}

    async def send(message: asgi.Message) -> None:
        sent.append(message)

    await lab.adapter({"type": "websocket", "path": "/v1/complete"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


BAD_ANSWERS: dict[str, tuple[Harness, str]] = {
    "no JSON": (Harness(b"weights!"), "answer_unfit"),
    "NaN": (Harness(b'{"text":NaN}'), "answer_unfit"),
    "another kind": (Harness(b'{"text":[1,2,3]}'), "answer_unfit"),
    "a name twice": (Harness(b'{"text":"a","text":"b"}'), "answer_unfit"),
    "nested": (Harness(b"[" * 4000), "answer_unfit"),
    "too long": (Harness([b" " * 1000] * 6), "answer_too_long"),
    "without end": (Harness([b" " * 5001] * 10_000), "answer_too_long"),
    "a refusal with its reasons": (Harness(b'{"secret":1}', status=403), "harness_refused"),
    "a redirect": (Harness(HELLO, status=302), "harness_refused"),
    "a failure with its trace": (Harness(b"Traceback", status=500), "harness_failed"),
}


@pytest.mark.parametrize(("harness", "code"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_a_bad_answer_does_not_leave_and_its_query_is_counted(
    tmp_path: Path, harness: Harness, code: str
) -> None:
    lab = await Lab(tmp_path, harness).push()
    status, (said,) = await lab.ask()
    assert (status, said["refused"]["code"]) in {(502, code), (409, code)}
    assert set(said) == {"refused"}
    assert lab.spent[Meter.QUERIES] == 1
    assert lab.spent[Meter.BITS] == OUTCOME_BITS
    assert harness.sent_whole == 0 or code == "answer_unfit"


async def test_a_harness_that_raises_says_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        raise RuntimeError("layer 7 holds 0.123")

    async def silent(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await receive()

    async def half(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await asgi.send_start(send, 200, asgi.JSON)
        await send({"type": "http.response.body", "body": HELLO, "more_body": True})

    caplog.set_level(logging.CRITICAL)
    for place, app in enumerate((broken, silent, half)):
        (tmp_path / str(place)).mkdir()
        lab = await Lab(tmp_path / str(place), app).push()
        status, (said,) = await lab.ask()
        assert (status, said["refused"]["code"]) == (502, "harness_failed")
        assert "0.123" not in json.dumps(said)


async def test_a_harness_that_hangs_is_given_up(tmp_path: Path) -> None:
    async def hangs(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await asyncio.Event().wait()

    lab = await Lab(tmp_path, hangs, {"complete": operation(seconds=1)}).push()
    assert await lab.code() == "harness_slow"
    assert lab.spent[Meter.QUERIES] == 1


async def test_repeating_a_question_does_not_average_its_noise_away(tmp_path: Path) -> None:
    """A harness that dithers: each raw answer differs, and rounding them would tell the truth."""
    answers = [
        json.dumps({"top": [{"token": "a", "logprob": -1.0 - place * 0.004}]}).encode()
        for place in range(10)
    ]
    harness = Harness(*answers)
    lab = await Lab(tmp_path, harness, {"logprobs": LOGPROBS}).push()
    found, costs = [], []
    for _ in range(5):
        before = lab.spent[Meter.BITS]
        found.append((await lab.ask("logprobs", b'{"prompt":"a"}'))[1][0]["answer"])
        found.append((await lab.ask("logprobs", b'{ "prompt": "\\u0061" }'))[1][0]["answer"])
        costs.append(lab.spent[Meter.BITS] - before)
    assert all(each == found[0] for each in found)
    assert len(harness.heard) == 1
    assert len(set(costs)) == 1  # who asks again pays again
    assert lab.spent[Meter.QUERIES] == 10
    other = await lab.ask("logprobs", b'{"prompt":"b"}')
    assert other[0] == 200
    assert len(harness.heard) == 2


async def test_the_same_question_at_the_same_time_has_one_answer(tmp_path: Path) -> None:
    harness = Harness(
        *(json.dumps({"top": [{"token": str(n), "logprob": -n}]}).encode() for n in range(9))
    )
    lab = await Lab(tmp_path, harness, {"logprobs": LOGPROBS}).push()
    answers = await asyncio.gather(*(lab.ask("logprobs") for _ in range(4)))
    assert len({json.dumps(said["answer"]) for _, (said,) in answers}) == 1


async def test_a_coarser_policy_does_not_repeat_finer_answers(tmp_path: Path) -> None:
    lab = await Lab(
        tmp_path, Harness(b'{"top":[{"token":"a","logprob":-0.126}]}'), {"logprobs": LOGPROBS}
    ).push()
    (fine,) = (await lab.ask("logprobs"))[1]
    coarse = json.loads(json.dumps(LOGPROBS).replace('"digits": 2', '"digits": 1'))
    await lab.push(operations={"logprobs": coarse})
    (rounded,) = (await lab.ask("logprobs"))[1]
    assert fine["answer"]["top"][0]["logprob"] == -0.13
    assert rounded["answer"]["top"][0]["logprob"] == -0.1


@pytest.mark.parametrize(
    ("caps", "code", "asked"),
    [
        ({"queries": 0}, "cap_queries", 0),
        ({"tokens_in": 3}, "cap_tokens_in", 0),
        ({"bits": OUTCOME_BITS - 1}, "cap_bits", 0),
        ({"bits": OUTCOME_BITS + 40}, "cap_bits", 1),
        ({"tokens_out": 3}, "cap_tokens_out", 1),
    ],
)
async def test_a_cap_refuses_before_the_harness_where_it_can_and_else_before_the_client(
    tmp_path: Path, caps: dict[str, int], code: str, asked: int
) -> None:
    harness = Harness(HELLO)
    lab = await Lab(tmp_path, harness).push(caps=caps)
    status, (said,) = await lab.ask()
    assert (status, said["refused"]["code"]) == (429, code)
    assert len(harness.heard) == asked
    assert all(lab.spent[Meter(name)] <= cap for name, cap in caps.items())


async def test_too_many_at_once_are_turned_away(tmp_path: Path) -> None:
    inside, go = asyncio.Event(), asyncio.Event()
    count = 0

    async def waits(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        nonlocal count
        count += 1
        if count == 4:
            inside.set()
        await go.wait()
        await asgi.send_json(send, 200, {"text": "done"})

    lab = await Lab(tmp_path, waits).push()
    four = [asyncio.create_task(lab.code()) for _ in range(4)]
    await inside.wait()
    assert await lab.code() == "too_many_at_once"
    go.set()
    assert await asyncio.gather(*four) == ["answered"] * 4
    assert await lab.code() == "answered"


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


async def test_a_ledger_that_cannot_write_answers_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    harness = Harness(HELLO)
    lab = await Lab(tmp_path, harness).push()
    caplog.set_level(logging.CRITICAL)
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    connection.execute("UPDATE spent SET amount = 'many' WHERE meter = 'bits'")
    connection.commit()
    connection.close()
    assert await lab.code() == "ledger_unavailable"
    assert harness.heard == []


async def test_another_process_replaces_the_policy(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Harness(HELLO)).push()
    other = Lab(tmp_path, Harness(HELLO), key=lab.key)
    other.document = lab.document
    await other.push(caps={"queries": 1})
    assert await lab.code() == "policy_changed"
    assert await lab.code() == "answered"
    assert await lab.code() == "cap_queries"
