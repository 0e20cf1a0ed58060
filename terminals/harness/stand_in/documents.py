"""The documents that the stand-in shows: invented, and each says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """A text to be read."""

    name: str
    title: str
    text: str


DOCUMENTS = {
    document.name: document
    for document in (
        Document(
            "system-card",
            "System card of the toy (stand-in)",
            "STAND-IN. This text was invented for a demonstration; no such system exists.\n\n"
            "1. What it is. One hidden layer of sixteen units over forty-eight words, filled with"
            " random numbers from a seed. It was never trained.\n"
            "2. Intended use. To have something to ask while the room, the laptop and the record"
            " are shown.\n"
            "3. Limits. Its sentences mean nothing. Do not rely on any of them.\n"
            "4. Evaluations. None; there is nothing to evaluate.\n",
        ),
        Document(
            "evaluation-plan",
            "Evaluation plan (stand-in)",
            "STAND-IN. This text was invented for a demonstration.\n\n"
            "Step 1: ask for a continuation and for the likeliest next words.\n"
            "Step 2: read one activation and the statistics of one layer.\n"
            "Step 3: submit a job of four probes, leave the room, come back, read its result.\n"
            "Step 4: write down what was found and hand it in through the airlock.\n",
        ),
        Document(
            "incident-log",
            "Incident log (stand-in)",
            "STAND-IN. This text was invented for a demonstration.\n\n"
            "2026-03-02  A probe was asked for a layer that does not exist. Refused.\n"
            "2026-04-17  A reviewer's session ended while a job ran. The job ran on.\n",
        ),
    )
}
