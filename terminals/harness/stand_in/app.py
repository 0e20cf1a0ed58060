"""The stand-in's operations, as an ASGI application that stands behind the adapter.

It has no limits of its own: those are the adapter's. Every answer says that it is a stand-in.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from terminals.harness import asgi, strict_json
from terminals.harness.exchange import ENGAGEMENT
from terminals.harness.refusals import Refusal
from terminals.harness.stand_in.documents import DOCUMENTS
from terminals.harness.stand_in.intakes import IntakeMissing, Intakes
from terminals.harness.stand_in.jobs import Job, JobRefused, Jobs, described
from terminals.harness.stand_in.model import ToyModel

NOTICE = "STAND-IN: random numbers from a seed, never trained. What it says means nothing."
MOST_REQUEST = 1_000_000

Asked = Mapping[str, Any]
Answer = dict[str, Any]


class _Refused(Exception):
    """The stand-in does not do this."""


class StandIn:
    """Answers ``POST /v1/OPERATION``."""

    def __init__(
        self,
        *,
        seed: int,
        step_seconds: float,
        outbox: Path | None = None,
        inbox: Path | None = None,
    ) -> None:
        """The toy of a seed; a job takes so many seconds for each step.

        ``outbox`` and ``inbox`` are the airlock's, with a folder for each engagement
        (docs/airlock.md).
        """
        self._outbox = outbox
        self._intakes = Intakes(inbox)
        self._model = ToyModel(seed)
        self._jobs = Jobs(self._model, step_seconds)
        self._operations: dict[str, Callable[[str, Asked], Answer]] = {
            "complete": self._complete,
            "logprobs": self._logprobs,
            "activations": self._activations,
            "gradients": self._gradients,
            "weights": self._weights,
            "documents": self._documents,
            "document": self._document,
            "job_submit": self._job_submit,
            "jobs": self._job_list,
            "job_status": self._job_status,
            "job_result": self._job_result,
            "job_put_out": self._job_put_out,
            "intakes": self._intake_list,
            "intake": self._intake,
            "intake_run": self._intake_run,
        }

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one request of the adapter."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        name = scope["path"].removeprefix("/v1/")
        try:
            asked = strict_json.loads(await asgi.read_body(receive, MOST_REQUEST))
            if name == "stream":
                await self._stream(asked, send)
                return
            engagement = dict(scope["headers"])[ENGAGEMENT].decode()
            answer = self._operations[name](engagement, asked)
        except (KeyError, ValueError, Refusal, JobRefused, IntakeMissing, _Refused):
            await asgi.send_json(send, 409, {"notice": NOTICE, "refused": name})
            return
        await asgi.send_json(send, 200, {"notice": NOTICE, **answer})

    async def _stream(self, asked: Asked, send: asgi.Send) -> None:
        words = self._model.continued(asked["prompt"], asked.get("max_tokens", 16))
        await asgi.send_start(send, 200, asgi.LINES)
        for word in words:
            line = strict_json.dumps({"notice": NOTICE, "text": f"{word} "}) + b"\n"
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _complete(self, engagement: str, asked: Asked) -> Answer:
        words = self._model.continued(asked["prompt"], asked.get("max_tokens", 16))
        return {"text": " ".join(words)}

    def _logprobs(self, engagement: str, asked: Asked) -> Answer:
        ranked = self._model.ranked(asked["prompt"])
        return {"top": [{"token": word, "logprob": value} for word, value in ranked]}

    def _activations(self, engagement: str, asked: Asked) -> Answer:
        return {"values": self._model.activations(asked["prompt"], asked["layer"])}

    def _gradients(self, engagement: str, asked: Asked) -> Answer:
        norms = self._model.gradients(asked["prompt"])
        return {"norms": [{"layer": layer, "norm": norm} for layer, norm in norms.items()]}

    def _weights(self, engagement: str, asked: Asked) -> Answer:
        return {"numbers": self._model.size, **self._model.statistics(asked["layer"])}

    def _documents(self, engagement: str, asked: Asked) -> Answer:
        return {
            "documents": [
                {"name": each.name, "title": each.title, "characters": len(each.text)}
                for each in DOCUMENTS.values()
            ]
        }

    def _document(self, engagement: str, asked: Asked) -> Answer:
        found = DOCUMENTS[asked["name"]]
        return {"title": found.title, "text": found.text}

    def _job_submit(self, engagement: str, asked: Asked) -> Answer:
        steps = [(step["probe"], step["prompt"]) for step in asked["steps"]]
        return self._jobs.submit(engagement, asked["name"], steps).told()

    def _job_list(self, engagement: str, asked: Asked) -> Answer:
        return {"jobs": [job.told() for job in self._jobs.of(engagement)]}

    def _job_status(self, engagement: str, asked: Asked) -> Answer:
        return self._jobs.one(engagement, asked["job"]).told()

    def _job_result(self, engagement: str, asked: Asked) -> Answer:
        job = self._finished(engagement, asked)
        pairs = zip(job.steps, job.found, strict=True)
        return {"results": [{"probe": probe, "value": value} for (probe, _), value in pairs]}

    def _job_put_out(self, engagement: str, asked: Asked) -> Answer:
        """Write what a job found where the auditor can ask for its release."""
        job = self._finished(engagement, asked)
        if self._outbox is None:
            raise _Refused
        folder, name, found = self._outbox / engagement, job.file, job.report()
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{name}"  # no name that the airlock sees
        partial.write_bytes(found)
        partial.replace(folder / name)
        return {"name": name, "bytes": len(found)}

    def _intake_list(self, engagement: str, asked: Asked) -> Answer:
        """What two people have let in for this engagement, and for no other."""
        found = self._intakes.of(engagement)
        return {"intakes": [{"name": each.name, "bytes": each.bytes} for each in found]}

    def _intake(self, engagement: str, asked: Asked) -> Answer:
        return {"text": self._intakes.read(engagement, asked["name"]).decode(errors="replace")}

    def _intake_run(self, engagement: str, asked: Asked) -> Answer:
        """Begin the job that such a file describes; what is no job is not run."""
        document = strict_json.loads(self._intakes.read(engagement, asked["name"]))
        return self._jobs.submit(engagement, *described(document)).told()

    def _finished(self, engagement: str, asked: Asked) -> Job:
        job = self._jobs.one(engagement, asked["job"])
        if not job.finished:
            raise _Refused
        return job


async def _lifespan(receive: asgi.Receive, send: asgi.Send) -> None:
    word = ""
    while word != "shutdown":
        word = (await receive())["type"].removeprefix("lifespan.")
        await send({"type": f"lifespan.{word}.complete"})
