"""Attestation: a laptop's TPM is asked, and its answer is judged."""

from datetime import timedelta
from secrets import token_bytes
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.services.orders import policy_number
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.access import visible
from terminals.models import Attestation, Outcome, Terminal
from terminals.rules.attestation_wording import proof_words
from terminals.rules.quote import NONCE_BYTES, Verdict, Why, quote_check
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.selectors.image import boot_image_valid
from terminals.services.quarantine import quarantine_place
from terminals.services.terminal import ATTEST, terminal_lock_row, terminal_tell

REFUSED = "terminal_not_attested"
# A quote and its signature have less than 200 bytes each; more is kept of none.
MOST_KEPT = 1024


@transaction.atomic
def attestation_ask(*, terminal_id: UUID, actor: Actor) -> Attestation:
    """Ask a laptop's TPM: a fresh nonce, answered once and soon."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ATTEST)
    require(
        terminal.state not in {TerminalState.LOST, TerminalState.RETIRED},
        "wrong_state",
        "This laptop is out of service.",
    )
    require(
        boot_image_valid(terminal.image),
        "image_not_approved",
        "The boot image of this laptop is not approved.",
        "Two people approve it, or an officer gives the laptop another one.",
    )
    asked = Attestation.objects.create(
        terminal=terminal,
        image=terminal.image,
        nonce=token_bytes(NONCE_BYTES).hex(),
        asked_by_id=actor.person_id,
        asked_at=now(),
    )
    terminal_tell(
        terminal=terminal,
        kind="attestation.asked",
        actor=actor,
        body={"attestation": str(asked.pk), "nonce": asked.nonce},
    )
    return asked


@transaction.atomic
def attestation_answer(
    *,
    attestation_id: UUID,
    quote: bytes,
    signature: bytes,
    session_key: bytes = b"",
    source: str = "",
    actor: Actor,
) -> Attestation:
    """Judge an answer. A refused one is an alarm.

    ``session_key`` is the digest of the public key for which a session is asked with it, ``source``
    the address that it was asked from; empty where the laptop's agent has signed the answer too.
    Where the laptop's own TPM says that it runs another image, the laptop goes into quarantine;
    what may come from somebody in between does not put it there.
    """
    seen = visible(Attestation.objects.all(), actor, ATTEST).get(pk=attestation_id)
    terminal = terminal_lock_row(terminal_id=seen.terminal_id, actor=actor, permission=ATTEST)
    asked = (
        Attestation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("image")
        .get(pk=attestation_id)
    )
    require(asked.outcome == Outcome.ASKED, "answered_already", "This nonce has been answered.")
    asked.session_key = session_key.hex()
    verdict = _judge(terminal, asked, quote, signature)
    asked.outcome = Outcome.ACCEPTED if verdict.accepted else Outcome.REFUSED
    asked.reason, asked.decided_at = verdict.why or "", now()
    asked.quote, asked.signature = quote[:MOST_KEPT], signature[:MOST_KEPT]
    asked.save(
        update_fields=["session_key", "outcome", "reason", "decided_at", "quote", "signature"]
    )
    terminal_tell(
        terminal=terminal,
        kind="attestation.accepted" if verdict.accepted else "attestation.refused",
        actor=actor,
        body={
            "attestation": str(asked.pk),
            "image": str(asked.image),
            "reason": asked.reason,
            "quote": asked.quote.hex(),
            "signature": asked.signature.hex(),
            "session_key": asked.session_key,
            "source": source,
        },
    )
    if not verdict.accepted:
        _refused(terminal, verdict, source, actor)
    return asked


def _judge(terminal: Terminal, asked: Attestation, quote: bytes, signature: bytes) -> Verdict:
    try:
        waits = timedelta(seconds=policy_number(terminal.facility, "terminal_nonce_seconds"))
    except Refused:
        waits = timedelta()  # a policy that says nothing gives no time
    if now() > asked.asked_at + waits:
        return Verdict(Why.LATE)
    if asked.image_id != terminal.image_id or not boot_image_valid(asked.image):
        return Verdict(Why.WITHDRAWN)
    return quote_check(
        quote,
        signature,
        key=bytes(terminal.attestation_key),
        endorsement=bytes.fromhex(terminal.endorsement_sha256),
        nonce=bytes.fromhex(asked.nonce),
        session_key=bytes.fromhex(asked.session_key),
        golden={number: bytes.fromhex(value) for number, value in asked.image.pcrs.items()},
    )


def _refused(terminal: Terminal, verdict: Verdict, source: str, actor: Actor) -> None:
    state = TerminalState(terminal.state)
    if verdict.damning and TerminalAction.QUARANTINE in TERMINAL.allowed(state):
        quarantine_place(
            terminal=terminal, reason="its TPM says that it runs another image", actor=actor
        )
        return
    alarm_raise(
        facility=terminal.facility,
        gravity=Gravity.ACT,
        kind=REFUSED,
        subject=terminal.asset_tag,
        message=_message(verdict, source)
        % {
            "laptop": terminal.asset_tag,
            "why": _(proof_words(verdict.why or "")),
            "source": source,
        },
        actor=actor,
    )


def _message(verdict: Verdict, source: str) -> str:
    """Who it was is known only where its own key has signed the answer."""
    if not source:
        return _("Laptop %(laptop)s has not proved what it runs: %(why)s")
    if verdict.own:
        return _("Laptop %(laptop)s, at %(source)s, has not proved what it runs: %(why)s")
    return _(
        "At %(source)s somebody asked as laptop %(laptop)s and did not prove to be it: %(why)s. "
        "It may be another machine: look where the laptop is"
    )
