"""What of a harness's policy officers and labs read in words: operations, meters, classes, faults.

A lab names its operations and their fields itself. Names that the example harness uses have words
here; another name is its own words, with blanks.
"""

from collections.abc import Mapping

from access.rules.wording.base import gettext_noop
from terminals.harness.kinds import DOCUMENTS, INTERNALS, LOGPROBS, TEXT
from terminals.harness.meters import Meter

OPERATIONS: Mapping[str, str] = {
    "complete": gettext_noop("Have the model answer a prompt"),
    "stream": gettext_noop("Have the model answer word by word"),
    "logprobs": gettext_noop("Probabilities of the next words"),
    "activations": gettext_noop("Activations inside a layer"),
    "gradients": gettext_noop("Sizes of gradients by layer"),
    "weights": gettext_noop("Figures about a layer's weights"),
    "documents": gettext_noop("List the documents"),
    "document": gettext_noop("Read a document"),
    "job_submit": gettext_noop("Begin a job of many prompts"),
    "jobs": gettext_noop("List the jobs"),
    "job_status": gettext_noop("Look how far a job is"),
    "job_put_out": gettext_noop("Put a job's result out for the airlock"),
    "job_result": gettext_noop("Read a job's result"),
    "intakes": gettext_noop("List what came in by the airlock"),
    "intake": gettext_noop("Read what came in"),
    "intake_run": gettext_noop("Run a job that came in"),
}
# What is asked with, and what an answer says.
FIELDS: Mapping[str, str] = {
    "prompt": gettext_noop("prompt"),
    "max_tokens": gettext_noop("longest answer, in tokens"),
    "text": gettext_noop("text"),
    "notice": gettext_noop("notice"),
    "top": gettext_noop("most probable words"),
    "token": gettext_noop("word"),
    "logprob": gettext_noop("logarithm of its probability"),
    "layer": gettext_noop("layer"),
    "values": gettext_noop("values"),
    "norm": gettext_noop("size"),
    "norms": gettext_noop("sizes"),
    "numbers": gettext_noop("how many numbers"),
    "mean": gettext_noop("mean"),
    "deviation": gettext_noop("standard deviation"),
    "least": gettext_noop("least"),
    "most": gettext_noop("greatest"),
    "documents": gettext_noop("documents"),
    "name": gettext_noop("name"),
    "title": gettext_noop("title"),
    "characters": gettext_noop("length in characters"),
    "bytes": gettext_noop("length in bytes"),
    "job": gettext_noop("number of the job"),
    "jobs": gettext_noop("jobs"),
    "state": gettext_noop("state"),
    "done": gettext_noop("prompts done"),
    "steps": gettext_noop("prompts"),
    "probe": gettext_noop("what is measured"),
    "results": gettext_noop("results"),
    "value": gettext_noop("value"),
}
# The word and the unit.
METERS: Mapping[Meter, tuple[str, str]] = {
    Meter.QUERIES: (gettext_noop("Questions"), gettext_noop("requests")),
    Meter.TOKENS_IN: (gettext_noop("Asked, in all"), gettext_noop("tokens")),
    Meter.TOKENS_OUT: (gettext_noop("Answered, in all"), gettext_noop("tokens")),
    Meter.BITS: (gettext_noop("Information given away"), gettext_noop("bits")),
}
GIVES: Mapping[str, str] = {
    TEXT: gettext_noop("text"),
    LOGPROBS: gettext_noop("probabilities"),
    INTERNALS: gettext_noop("the model's inside"),
    DOCUMENTS: gettext_noop("documents"),
}
# What is wrong in a document, by the word that ``PolicyError`` has for it.
FAULTS: Mapping[str, str] = {
    "minimum": gettext_noop("At least %(bound)s."),
    "maximum": gettext_noop("At most %(bound)s."),
    "required": gettext_noop("Something is missing: %(said)s."),
    "additionalProperties": gettext_noop("The format knows no such name: %(said)s."),
    "pattern": gettext_noop("A name begins with a small letter and has small letters, digits, _."),
    "parts": gettext_noop("The document says exactly this: %(said)s."),
    "not_given": gettext_noop("The mandate's kind of access does not give this."),
    "no_limit": gettext_noop(
        "It answers with numbers, and this kind of answer has no limit of items and digits."
    ),
    "streamed": gettext_noop("It answers with numbers, and those cannot come line by line."),
    "digits": gettext_noop(
        "“%(what)s” answers with %(bound)s digits after the point: allow as many, or take it away."
    ),
    "items": gettext_noop(
        "“%(what)s” answers with up to %(bound)s items: allow as many, or take it away."
    ),
    "low_above_high": gettext_noop("The lowest value is above the highest."),
    "deep": gettext_noop("More than %(bound)s shapes lie inside each other."),
}
# Names of the format that have words; a lab's own names are its words.
PARTS: Mapping[str | int, str] = {
    "caps": gettext_noop("How much may be asked"),
    "limits": gettext_noop("Longest lists and digits"),
    "operations": gettext_noop("What may be asked"),
    "bytes_per_token": gettext_noop("A token is counted for"),
    "parallel": gettext_noop("At the same time"),
    "gives": gettext_noop("what it gives"),
    "takes": gettext_noop("asked with"),
    "answers": gettext_noop("answered with"),
    "most_request": gettext_noop("request in bytes"),
    "most_answer": gettext_noop("answer in bytes"),
    "seconds": gettext_noop("seconds"),
}
