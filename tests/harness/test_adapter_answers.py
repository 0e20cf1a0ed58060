"""Harnesses that answer what they should not, or the same thing in other words; caps."""

import asyncio
import json
import logging
from pathlib import Path

import pytest

from terminals.harness import asgi
from terminals.harness.adapter import OUTCOME_BITS
from terminals.harness.meters import Meter
from tests.harness.lab import HELLO, LOGPROBS, Harness, Lab, operation

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
