"""Inputs that are right, for a fuzzer to begin with: it does not guess JSON."""

import json
from typing import Any

SEEDS: dict[str, list[Any]] = {
    "desk-reader": [
        {"said": "present", "uid": "04A1B2C3D4E5F6", "number": "0f" * 16},
        {"said": "failed", "id": "c-1", "reason": "card_lost"},
    ],
    "envelope": [
        {
            "id": "c-1",
            "gateway": "g1",
            "target": "D1",
            "verb": "unlock",
            "args": {"person_id": "nobody"},
            "actor": "guard-1",
            "nonce": "n",
            "issued_at": "2026-03-02T09:00:00+00:00",
            "deadline": "2026-03-02T09:00:10+00:00",
        }
    ],
    "signature": [
        {"kind": "drawn", "width": 300, "height": 140, "strokes": [[[1, 2], [30.5, 40]]]},
        {"kind": "typed", "text": "A. Nwosu"},
    ],
    "bastion-grant": [
        {
            "do": "grant",
            "request": "1",
            "grant": {
                "id": "0123456789abcdef01234567",
                "session": "s",
                "person": "p",
                "terminal": "t",
                "engagement": "e",
                "host": "harness",
                "port": 443,
                "source": "10.0.0.7",
                "seconds": 600,
                "budgets": [{"key": "engagement:e", "limit": 10, "charged": 0}],
                "rate": 1,
                "burst": 1,
                "channels": 1,
                "warn_percent": [50],
                "warn_seconds": [120],
                "needs": "",
            },
        }
    ],
    "screen": [{"type": "resume", "after": 12}],
    "control": [{"do": "open", "door": {"7": 1}, "number": "7"}, {"do": "refuse"}],
    "bundle": [
        {
            "position": 0,
            "header": "{}",
            "body_hash": "00" * 32,
            "leaf_hash": "11" * 32,
            "body": None,
            "salt": "",
            "proof": ["22" * 32],
        }
    ],
    "harness-policy": [
        {
            "format": "scif-harness-policy/1",
            "engagement": "E-1",
            "version": 1,
            "until": "2026-03-02T00:00:00Z",
            "kinds": ["grey_box"],
            "caps": {"queries": 9, "tokens_in": 9, "tokens_out": 9, "bits": 9},
            "already": {"queries": 0, "tokens_in": 0, "tokens_out": 0, "bits": 0},
            "bytes_per_token": 4,
            "parallel": 2,
            "limits": {"logprobs": {"items": 5, "digits": 2}},
            "operations": {
                "logprobs": {
                    "gives": "logprobs",
                    "takes": {"prompt": {"kind": "text", "most": 99}},
                    "answers": {
                        "top": {
                            "kind": "many",
                            "most": 5,
                            "of": {"kind": "measure", "low": -9, "high": 0, "digits": 2},
                        }
                    },
                    "most_request": 99,
                    "most_answer": 99,
                    "seconds": 9,
                }
            },
        }
    ],
    "harness-words": [
        {"prompt": "the", "max_tokens": 3},
        {"layer": "hidden", "prompt": "a"},
        {"text": "a b", "top": [{"token": "the", "logprob": -1.25}], "values": [0.5, -7]},
        {"job": "J-1", "state": "running", "done": 1, "steps": [{"probe": "entropy"}]},
    ],
}
# Those of targets that take no JSON.
RAW_SEEDS: dict[str, list[bytes]] = {
    # Inputs, a pulse obeyed (relay 0 for five seconds), and a refusal.
    "modbus": [
        bytes.fromhex("01 02 01 05 61 8b"),
        bytes.fromhex("01 05 02 00 00 32 4d a7"),
        bytes.fromhex("01 85 02 c3 51"),
    ],
    # The older dialect, then the newer one.
    "cu48": [
        bytes.fromhex("02 00 00 65 01 00 00 00 00 00 03 6b"),
        bytes.fromhex("02 00 00 75 01 00 00 00 00 00 01 00 00 00 00 00 03 7c"),
    ],
    # Station and lock that are asked about; then both orders of lock and state.
    "winnsen": [
        bytes.fromhex("01 04 90 07 92 01 05 00 03"),
        bytes.fromhex("01 04 90 07 92 01 01 05 03"),
    ],
    # Answers that are cut to two bytes, to none with two added, or have a bit flipped.
    "desk-card": [
        bytes.fromhex("00 00 80 02 00"),
        bytes.fromhex("00 c0 00 02 91 af"),
        bytes.fromhex("00 00 00 80 40 04 01 00 00 00"),
    ],
}


def seeds_of(name: str) -> list[bytes]:
    """The beginnings for one target; a byte of zero where nothing is known."""
    told = [json.dumps(each).encode() for each in SEEDS.get(name, [])]
    return told or RAW_SEEDS.get(name) or [b"\0" * 16]
