"""Why a laptop's proof or key is refused, in words for officers and guards.

The codes are kept with the record (``Why``, ``Fault``); a test asks for words of each.
"""

from collections.abc import Mapping
from typing import Final

from access.rules.wording.base import gettext_noop
from terminals.rules.quote import Why
from terminals.rules.tpm import Fault

PROOF: Final[Mapping[Why, str]] = {
    Why.KEY: gettext_noop("the key on record cannot be read"),
    Why.MALFORMED: gettext_noop("the answer is none that a TPM gives"),
    Why.NOT_A_QUOTE: gettext_noop("the answer is no proof of what was booted"),
    Why.SIGNATURE: gettext_noop("it is not signed by this laptop's TPM"),
    Why.SIGNER: gettext_noop("another TPM has answered"),
    Why.NONCE: gettext_noop("it answers another question than was asked"),
    Why.LATE: gettext_noop("the answer came too late"),
    Why.WITHDRAWN: gettext_noop("its boot image is not approved any more, or it has another one"),
    Why.PCRS: gettext_noop("it does not say all that was asked for"),
    Why.IMAGE: gettext_noop("its TPM says that it runs something else than its boot image"),
}
KEY: Final[Mapping[Fault, str]] = {
    Fault.TOO_LONG: gettext_noop("there are more bytes than such a key has"),
    Fault.TOO_SHORT: gettext_noop("bytes are missing; copy all of it"),
    Fault.FIELD_TOO_LONG: gettext_noop("a part of it is longer than it can be; copy it anew"),
    Fault.LEFT_OVER: gettext_noop("something stands behind the key; copy the key alone"),
    Fault.NOT_ECC: gettext_noop("it is no key on an elliptic curve"),
    Fault.NOT_SHA256: gettext_noop("it does not use SHA-256"),
    Fault.NOT_RESTRICTED: gettext_noop("it would sign more than what the TPM itself has measured"),
    Fault.NOT_SIGNING: gettext_noop("it is a key for another purpose"),
    Fault.NOT_ECDSA: gettext_noop("it does not sign with ECDSA"),
    Fault.NOT_P256: gettext_noop("it is not on the curve P-256"),
    Fault.NOT_ON_CURVE: gettext_noop("its numbers are not on its curve"),
    Fault.NOT_CANONICAL: gettext_noop("a number is written otherwise than a TPM does"),
    Fault.BANKS: gettext_noop("it speaks of several banks of measurements"),
    Fault.HEARTBEAT: gettext_noop("it is no heartbeat"),
}


def proof_words(reason: str) -> str:
    """Why a proof was refused, not translated yet; empty where it was not."""
    return PROOF[Why(reason)] if reason else ""
