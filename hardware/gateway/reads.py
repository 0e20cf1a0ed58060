"""One read, decided: asks the decider, survives its errors, and words the journal's entry."""

import logging
from dataclasses import replace
from typing import Any

from hardware.decider import Direction, DoorRead, DoorVerdict, Occupant, Outcome, ZoneView
from hardware.gateway.edge_journal import Draft
from hardware.gateway.pins import SHARED, WRONG_PIN
from hardware.gateway.site import Site
from scif.kernel.canonical import canonical_json

logger = logging.getLogger(__name__)


OFFICER, ADMINISTRATOR, GUARD = "facility officer", "system administrator", "guard"


def objection(code: str, message: str, remedy: str, who: str, guard: str) -> dict[str, str]:
    """An objection of the gateway itself, in the decider's form: ``guard`` says what to do."""
    return {"code": code, "message": message, "remedy": remedy, "who": who, "guard": guard}


NO_DECISION = objection(
    "decision_error",
    "The decision failed with an error.",
    "Look into the gateway's log.",
    ADMINISTRATOR,
    "The door cannot decide. Let nobody in by it; call the officer.",
)
NO_PERSON = objection(
    "no_person",
    "The grant names nobody.",
    "Look into the gateway's log.",
    ADMINISTRATOR,
    "The door cannot tell whom it would let in. Do not admit; call the officer.",
)
NO_STRIKE = objection(
    "no_strike",
    "No output is set up for this door.",
    "Set up the output that opens this reader's door.",
    OFFICER,
    "The door cannot open: no output is set up. Call the officer.",
)
NO_JOURNAL = objection(
    "journal_unavailable",
    "The gateway cannot record, so it grants nothing.",
    "Free the gateway's disk.",
    ADMINISTRATOR,
    "The door cannot record, so it lets nobody in. Call the officer.",
)
UID_ONLY = objection(
    "uid_only",
    "The card told its serial number only, which anybody can copy.",
    "Issue a card that proves what it is.",
    OFFICER,
    "Take the card, it may be a copy, and check the person's identity.",
)
CLOCK_OFF = objection(
    "clock_off",
    "The gateway's clock is off, or nobody can tell, and it would decide what has ended.",
    "Mend the link to the centre, or set the clock right.",
    ADMINISTRATOR,
    "The door's clock is wrong. Nobody enters; call the officer.",
)
PROVEN_BYTES = 16  # what a reader reads under a card's own key; serial numbers are shorter
PIN_TIMEOUT = objection(
    "pin_timeout",
    "No PIN was typed in time.",
    "Read the badge anew.",
    GUARD,
    "No PIN was typed in time. Have the badge read anew.",
)
NO_SECOND = objection(
    "no_second_person",
    "No second person came in time.",
    "Have both show their badges anew.",
    GUARD,
    "No second person came in time. Have both show their badges anew.",
)


def pin_locked(until: str) -> dict[str, str]:
    """Why no PIN of a badge is taken, and until when."""
    return objection(
        "pin_locked",
        f"Too many wrong PINs: this badge is locked out until {until}.",
        "Wait until then: a new PIN does not end it.",
        GUARD,
        f"Locked out until {until}. Wait: a new PIN does not end it.",
    )


def decide(site: Site, read: DoorRead, zone: ZoneView) -> DoorVerdict:
    """Ask the decider. INVARIANT: an error is a refusal, and so is an answer out of shape."""
    try:
        with site.snapshot.held() as snapshot:
            view = site.panels.over(snapshot)
            verdict = site.decider.door(read, view, zone, site.clock())
        if not isinstance(verdict, DoorVerdict):
            raise TypeError(f"the decider gave {type(verdict).__name__}")  # noqa: TRY301  judged like its own errors
        canonical_json(read_body(site, read, verdict, None))
    except Exception:
        logger.exception("decision on read %s failed", read.read_id)
        return refusal(site, NO_DECISION)
    # Whoever leaves may be unknown; nobody is let in without a name.
    inwards = read.direction is Direction.IN
    if inwards and verdict.outcome is Outcome.GRANTED and not verdict.person_id:
        return against(site, verdict, NO_PERSON)
    if inwards and site.clock_off(stale=site.stale()):
        return against(site, verdict, CLOCK_OFF)
    return verdict


def decide_with_pin(site: Site, read: DoorRead, zone: ZoneView) -> DoorVerdict:
    """Decide a read with its PIN.

    INVARIANT: what is said and kept of a read during a lock-out does not depend on its PIN, but for
    the mark that only the centre can tell: else whoever reads it could go on guessing.
    """
    credential, now, policy = read.credential or "", site.centre_time(), site.policy
    verdict = decide(site, read, zone)
    shared = site.snapshot.get(SHARED, credential)
    alone = site.silent_for() > policy.pin_alone_seconds
    until = site.lockout.locked_until(credential, now, policy, shared, alone=alone)
    if until is not None:
        why = pin_locked(site.local_from(read.portal, until))
        unseen = decide(site, replace(read, pin=None), zone)
        return against(site, replace(unseen, facts=verdict.facts), why)
    if any(o.get("code") == WRONG_PIN for o in verdict.objections):
        draft, put = site.lockout.failed(read, now, policy, shared, alone=alone)
        site.recorder.fact([draft], [put])
    elif verdict.outcome is Outcome.GRANTED:
        pin_was_right(site, credential)
    return verdict


def pin_was_right(site: Site, credential: str) -> None:
    """End the count of wrong PINs of a badge whose holder was taken in."""
    drafts, puts = site.lockout.passed(credential, site.centre_time())
    if drafts:
        site.recorder.fact(drafts, puts)


def decide_card(site: Site, read: DoorRead, zone: ZoneView, number: bytes) -> DoorVerdict:
    """Decide a card's read; one that proved nothing is refused where the policy does not let it."""
    verdict = decide(site, read, zone)
    proven = len(number) >= PROVEN_BYTES or site.policy.uid_only_cards
    return verdict if proven else against(site, verdict, UID_ONLY)


def refusal(site: Site, why: dict[str, str]) -> DoorVerdict:
    """A refusal by the gateway itself."""
    return DoorVerdict(
        outcome=Outcome.REFUSED,
        policy_version="",
        person_id=None,
        basis=None,
        basis_id=None,
        reader_text=site.policy.refused_text,
        objections=(why,),
    )


def against(site: Site, verdict: DoorVerdict, why: dict[str, str]) -> DoorVerdict:
    """The same verdict, refused for a reason of the gateway's."""
    return replace(
        verdict,
        outcome=Outcome.REFUSED,
        objections=(*verdict.objections, why),
        reader_text=site.policy.refused_text,
        awaits=None,
    )


def occupant(site: Site, read: DoorRead, verdict: DoorVerdict) -> Occupant:
    """The person of a read as the zone counts him from now on."""
    return Occupant(
        site.clock(), verdict.basis or "", verdict.basis_id or "", verdict.escort, read.portal
    )


def leave_granted(site: Site, verdict: DoorVerdict) -> DoorVerdict:
    """Leaving is never refused, in no word either: what was objected is kept as open items."""
    text = site.policy.granted_text
    return replace(verdict, outcome=Outcome.GRANTED, awaits=None, reader_text=text)


def read_body(
    site: Site, read: DoorRead, verdict: DoorVerdict, reader: str | None, **more: Any
) -> dict[str, Any]:
    """The body of ``door.read``. INVARIANT: neither PIN nor card number is in it."""
    return {
        "read_id": read.read_id,
        "portal": read.portal,
        "reader": reader,
        "direction": read.direction.value,
        "credential": read.credential,
        "badge": verdict.badge,
        "person_id": verdict.person_id,
        "basis": verdict.basis,
        "basis_id": verdict.basis_id,
        "outcome": verdict.outcome.value,
        "objections": [dict(item) for item in verdict.objections],
        "obligations": list(verdict.obligations),
        "awaits": verdict.awaits,
        "policy_version": verdict.policy_version,
        "snapshot_version": site.snapshot.version,
        "stale": site.stale(),
        "reader_text": verdict.reader_text,
        # The decider's own, for the centre alone to read.
        **({"mark": verdict.facts["mark"]} if "mark" in verdict.facts else {}),
        **({"commanded_by": read.commanded_by} if read.commanded_by else {}),
        **more,
    }


def read_draft(
    site: Site, read: DoorRead, verdict: DoorVerdict, reader: str | None, **more: Any
) -> Draft:
    """The entry ``door.read``."""
    return Draft("door.read", read_body(site, read, verdict, reader, **more))


def card_read(site: Site, portal: str, direction: Direction, credential: str) -> DoorRead:
    """A badge presented."""
    return DoorRead(site.identify(), portal, direction, credential=credential)
