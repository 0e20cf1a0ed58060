"""What a laptop's agent says: kept, its events told, its answer judged, its orders given."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from terminals.models import Attestation, Heartbeat, Outcome, Terminal
from terminals.rules.checklist import SOUND
from terminals.rules.heartbeat import Answer, Event, Heard, heartbeat_read
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.selectors.session_shown import Shown, session_shown
from terminals.services.attestation import attestation_answer
from terminals.services.quarantine import quarantine_place
from terminals.services.silence import silence_over
from terminals.services.terminal import ATTEST, terminal_lock_row, terminal_tell

USB = "terminal_usb"
CHECK = "terminal_check_failed"
# In these states the agent keeps the screen dark and no session open.
STILL = frozenset(
    {
        TerminalState.LOCKED,
        TerminalState.QUARANTINED,
        TerminalState.LOST,
        TerminalState.RETIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Orders:
    """What the agent is told: a nonce to answer, if any; whether it keeps still; its session."""

    seq: int
    nonce: str | None
    still: bool
    session: Shown | None


@transaction.atomic
def terminal_hear(*, terminal_id: UUID, body: bytes, signature: bytes, actor: Actor) -> Orders:
    """Take a heartbeat. One that is unsigned, another laptop's or an old one is refused."""
    seen = Terminal.objects.filter(pk=terminal_id).first()
    if seen is None:
        raise Refused("heartbeat_unfit", "This is no heartbeat of this laptop.")
    # Before any lock: a stranger's bytes keep nobody waiting.
    heard = heartbeat_read(body, signature, bytes(seen.attestation_key))
    require(heard.terminal == str(seen.pk), "heartbeat_unfit", "It names another laptop.")
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ATTEST)
    _keep(terminal, heard)
    silence_over(terminal=terminal, why="heard again", actor=actor)
    for event in heard.events:
        _event(terminal, event, actor)
    if heard.answer is not None:
        _answer(terminal, heard.answer, actor)
    terminal.refresh_from_db(fields=["state"])
    # What the control process asked, it asked the sign-in program: that nonce is answered there.
    asked = terminal.attestations.filter(outcome=Outcome.ASKED).exclude(asked_by=None)
    waiting = asked.order_by("-asked_at").first()
    return Orders(
        seq=heard.seq,
        nonce=waiting.nonce if waiting else None,
        still=TerminalState(terminal.state) in STILL,
        session=session_shown(terminal.pk, now()),
    )


def _keep(terminal: Terminal, heard: Heard) -> None:
    last = Heartbeat.objects.filter(terminal=terminal).first()
    require(
        last is None or (heard.begun, heard.seq) > (last.begun, last.seq),
        "heartbeat_old",
        "This heartbeat was heard already.",
    )
    Heartbeat.objects.update_or_create(
        terminal=terminal,
        defaults={"begun": heard.begun, "seq": heard.seq, "heard_at": now()},
    )


def _event(terminal: Terminal, event: Event, actor: Actor) -> None:
    """A broken seal is quarantine; what is plugged in, or not as built, an alarm; all is told."""
    terminal_tell(
        terminal=terminal,
        kind=f"terminal.{event.kind}_seen",
        actor=actor,
        body={"seen": event.seen},
    )
    state = TerminalState(terminal.state)
    if event.kind == "seal" and TerminalAction.QUARANTINE in TERMINAL.allowed(state):
        quarantine_place(terminal=terminal, reason="its agent saw a seal broken", actor=actor)
    if event.kind == "usb":
        alarm_raise(
            facility=terminal.facility,
            gravity=Gravity.CHECK,
            kind=USB,
            subject=terminal.asset_tag,
            message=f"Something was plugged into laptop {terminal.asset_tag}, or taken out",
            actor=actor,
        )
    if event.kind == "check":
        said = event.seen.partition(": ")[2] or event.seen
        Heartbeat.objects.filter(terminal=terminal).update(check_said=said, check_at=now())
    # Whatever is not the one good answer is a bad one.
    if event.kind == "check" and not event.seen.endswith(f": {SOUND}"):
        alarm_raise(
            facility=terminal.facility,
            gravity=Gravity.CHECK,
            kind=CHECK,
            subject=terminal.asset_tag,
            message=f"Laptop {terminal.asset_tag} finds itself otherwise than its image is built: "
            f"{event.seen}",
            actor=actor,
        )


def _answer(terminal: Terminal, answer: Answer, actor: Actor) -> None:
    """Judge a quote that the centre waits for; one that nobody asked for is passed over."""
    asked = Attestation.objects.filter(
        terminal=terminal, nonce=answer.nonce, outcome=Outcome.ASKED
    ).first()
    if asked is not None:
        attestation_answer(
            attestation_id=asked.pk,
            quote=answer.quote,
            signature=answer.signature,
            actor=actor,
        )
