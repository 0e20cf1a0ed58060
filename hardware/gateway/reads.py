"""One read, decided: asks the decider, survives its errors, and words the journal's entry."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hardware.decider import Direction, DoorRead, DoorVerdict, Outcome
from hardware.gateway.edge_journal import Draft, StatePut
from hardware.gateway.pins import WRONG_PIN
from hardware.gateway.site import Site
from hardware.gateway.zones import Zone
from scif.kernel.canonical import canonical_json

logger = logging.getLogger(__name__)


def objection(code: str, message: str, remedy: str, who: str = "officer") -> dict[str, str]:
    """An objection of the gateway itself, in the decider's form."""
    return {"code": code, "message": message, "remedy": remedy, "who": who, "guard": message}


NO_DECISION = objection(
    "decision_error", "The decision failed with an error.", "Look into the gateway's log."
)
NO_PERSON = objection("no_person", "The grant names nobody.", "Look into the gateway's log.")
NO_STRIKE = objection("no_strike", "No output is set up for this door.", "Set up the reader.")
NO_JOURNAL = objection(
    "journal_unavailable", "The gateway cannot record, so it grants nothing.", "Free its disk."
)
PIN_TIMEOUT = objection("pin_timeout", "No PIN was typed in time.", "Read the badge anew.", "guard")
PIN_LOCKED = objection(
    "pin_locked", "Too many wrong PINs; this badge is locked out for a while.", "Wait.", "guard"
)


def decide(site: Site, read: DoorRead, zone: Zone) -> DoorVerdict:
    """Ask the decider. INVARIANT: an error is a refusal, and so is an answer out of shape."""
    try:
        with site.snapshot.held() as snapshot:
            view = site.panels.over(snapshot)
            verdict = site.decider.door(read, view, zone.view(), site.clock())
        if not isinstance(verdict, DoorVerdict):
            raise TypeError(f"the decider gave {type(verdict).__name__}")  # noqa: TRY301  judged like its own errors
        canonical_json(read_body(site, read, verdict, None))
    except Exception:
        logger.exception("decision on read %s failed", read.read_id)
        return refusal(site, NO_DECISION)
    if verdict.outcome is Outcome.GRANTED and not verdict.person_id:
        return against(site, verdict, NO_PERSON)
    return verdict


def decide_with_pin(
    site: Site, read: DoorRead, zone: Zone
) -> tuple[DoorVerdict, tuple[StatePut, ...]]:
    """Decide a read with its PIN; the lock-out makes right and wrong ones look the same."""
    credential, now = read.credential or "", site.clock()
    verdict = decide(site, read, zone)
    if site.lockout.locked(credential, now):
        return against(site, verdict, PIN_LOCKED), ()
    if any(o.get("code") == WRONG_PIN for o in verdict.objections):
        return verdict, (site.lockout.failed(credential, now, site.policy),)
    if verdict.outcome is Outcome.GRANTED:
        return verdict, site.lockout.passed(credential)
    return verdict, ()


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


def leave_granted(verdict: DoorVerdict) -> DoorVerdict:
    """Leaving is never refused: what was objected is kept as open items of a granted read."""
    return replace(verdict, outcome=Outcome.GRANTED, awaits=None)


def read_body(
    site: Site, read: DoorRead, verdict: DoorVerdict, reader: str | None, **more: Any
) -> dict[str, Any]:
    """The body of ``door.read``. INVARIANT: neither PIN nor card number is in it."""
    heard = site.snapshot.heard_at
    oldest = timedelta(seconds=site.policy.snapshot_age)
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
        "stale": heard is None or site.clock() - heard > oldest,
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
