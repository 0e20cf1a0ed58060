"""What of a harness's policy officers and labs read in words: operations, meters, classes.

A lab names its operations itself. Names that the example harness uses have words here; another
name is its own words, with blanks.
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
