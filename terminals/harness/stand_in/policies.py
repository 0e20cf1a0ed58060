"""Policies for the stand-in's operations, by access kind: an example for a lab's own."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from terminals.harness.kinds import DOCUMENTS as FROM_DOCUMENTS
from terminals.harness.kinds import INTERNALS, LOGPROBS, TEXT, classes_of
from terminals.harness.stand_in.app import NOTICE
from terminals.harness.stand_in.documents import DOCUMENTS
from terminals.harness.stand_in.intakes import MOST_FILES
from terminals.harness.stand_in.jobs import MOST_NAME, MOST_PROMPT, MOST_STEPS, PROBES
from terminals.harness.stand_in.model import LAYERS, WORDS

Document = dict[str, Any]

TOP_K, LOGPROB_DIGITS, INTERNAL_DIGITS = 5, 2, 3


def policy_document(
    engagement: str,
    kinds: Iterable[str],
    *,
    version: int,
    until: datetime,
    caps: Mapping[str, int],
    already: Mapping[str, int],
) -> Document:
    """A policy that allows every operation of the stand-in that these access kinds give."""
    kinds = sorted(kinds)
    return {
        "format": "scif-harness-policy/1",
        "engagement": engagement,
        "version": version,
        "until": until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kinds": kinds,
        "caps": dict(caps),
        "already": dict(already),
        "bytes_per_token": 4,
        "parallel": 8,
        "limits": {
            LOGPROBS: {"items": TOP_K, "digits": LOGPROB_DIGITS},
            INTERNALS: {"items": len(WORDS), "digits": INTERNAL_DIGITS},
        },
        "operations": {
            name: row for name, row in _operations().items() if row["gives"] in classes_of(kinds)
        },
    }


def _text(most: int) -> Document:
    return {"kind": "text", "most": most}


def _whole(low: int, high: int) -> Document:
    return {"kind": "whole", "low": low, "high": high}


def _measure(low: int, high: int, digits: int = INTERNAL_DIGITS) -> Document:
    return {"kind": "measure", "low": low, "high": high, "digits": digits}


def _choice(*words: str) -> Document:
    return {"kind": "choice", "of": list(words)}


def _many(most: int, **fields: Document) -> Document:
    return {"kind": "many", "most": most, "of": {"kind": "fields", "fields": fields}}


def _operation(gives: str, takes: Document, answers: Document, *, stream: bool = False) -> Document:
    return {
        "gives": gives,
        "takes": takes,
        "answers": {"notice": _choice(NOTICE), **answers},
        "stream": stream,
        "most_request": 16_384,
        "most_answer": 65_536,
        "seconds": 30,
    }


def _operations() -> Document:
    prompt = {"prompt": _text(MOST_PROMPT)}
    continuing = {**prompt, "max_tokens": _whole(1, 256)}
    layer = {"layer": _choice(*LAYERS)}
    job = {"job": _text(16)}
    intake = {"name": _text(40)}
    progress = {
        "job": _text(16),
        "name": _text(MOST_NAME),
        "state": _choice("running", "finished"),
        "done": _whole(0, MOST_STEPS),
        "steps": _whole(0, MOST_STEPS),
    }
    probe = _choice(*PROBES)
    return {
        "complete": _operation(TEXT, continuing, {"text": _text(4000)}),
        "stream": _operation(TEXT, continuing, {"text": _text(80)}, stream=True),
        "logprobs": _operation(
            LOGPROBS,
            prompt,
            {"top": _many(TOP_K, token=_choice(*WORDS), logprob=_measure(-30, 0, LOGPROB_DIGITS))},
        ),
        "activations": _operation(
            INTERNALS,
            {**prompt, **layer},
            {"values": {"kind": "many", "most": len(WORDS), "of": _measure(-50, 50)}},
        ),
        "gradients": _operation(
            INTERNALS, prompt, {"norms": _many(len(LAYERS), **layer, norm=_measure(0, 1000))}
        ),
        "weights": _operation(
            INTERNALS,
            layer,
            {
                "numbers": _whole(0, 10_000),
                "mean": _measure(-10, 10),
                "deviation": _measure(0, 10),
                "least": _measure(-10, 10),
                "most": _measure(-10, 10),
                "norm": _measure(0, 1000),
            },
        ),
        "documents": _operation(
            FROM_DOCUMENTS,
            {},
            {
                "documents": _many(
                    20, name=_text(40), title=_text(120), characters=_whole(0, 99_999)
                )
            },
        ),
        "document": _operation(
            FROM_DOCUMENTS,
            {"name": _choice(*DOCUMENTS)},
            {"title": _text(120), "text": _text(8000)},
        ),
        "job_submit": _operation(
            TEXT,
            {"name": _text(MOST_NAME), "steps": _many(MOST_STEPS, probe=probe, **prompt)},
            progress,
        ),
        "intakes": _operation(
            TEXT, {}, {"intakes": _many(MOST_FILES, **intake, bytes=_whole(0, 999_999_999))}
        ),
        "intake": _operation(TEXT, intake, {"text": _text(8000)}),
        "intake_run": _operation(TEXT, intake, progress),
        "jobs": _operation(TEXT, {}, {"jobs": _many(50, **progress)}),
        "job_status": _operation(TEXT, job, progress),
        "job_put_out": _operation(TEXT, job, {"name": _text(40), "bytes": _whole(0, 999_999)}),
        "job_result": _operation(
            INTERNALS, job, {"results": _many(MOST_STEPS, probe=probe, value=_measure(0, 1000))}
        ),
    }
