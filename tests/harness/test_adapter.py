"""The adapter: what is asked, what is allowed, what leaves and what it costs."""

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
from tests.harness.lab import HELLO, LOGPROBS, STREAM, Harness, Lab
from tests.harness.rig import ENGAGEMENT


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
