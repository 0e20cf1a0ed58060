"""Somebody signs in at a laptop with badge and PIN: every request is kept, granted or not."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from access.models import Pin, Visit
from access.rules.pin import pin_matches
from access.rules.states import CredentialState
from access.services.duress import duress_raise
from access.services.orders import policy_number
from hardware.models import PinFailures
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.kernel.keys import KeyStore
from scif.people.naming import person_named
from terminals.models import (
    PinSeen,
    RegisteredPlace,
    Session,
    SessionModerator,
    SessionRequest,
    Terminal,
    TerminalCustody,
)
from terminals.rules.session import (
    Moment,
    Objection,
    SessionFacts,
    objections_told,
    session_decide,
)
from terminals.rules.session_states import OPEN_STATES
from terminals.selectors.offsite_facts import OffsiteSeat
from terminals.selectors.session_facts import AnySeat, Seat, session_facts
from terminals.selectors.terms import terms_in_force
from terminals.services.session import terminal_session_open
from terminals.services.session_record import session_tell
from terminals.services.terminal import ISSUE, terminal_lock_row

KEY = "pin.hmac"
GRANT_BYTES = 12  # 96 bits
LOCKED_OUT = "badge_locked_out_at_laptop"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What came of a request: a session, or every reason against one."""

    session: Session | None
    objections: tuple[Objection, ...]


@transaction.atomic
def session_ask(
    *, terminal_id: UUID, credential: str, pin: str, source: str, proved: bool, actor: Actor,
    again: bool = False,
) -> SignIn:  # fmt: skip
    """Sign somebody in at a laptop and begin his session, unless anything speaks against it.

    ``credential`` is the digest of the badge that was shown, ``source`` the laptop's address,
    ``proved`` whether the quote that came with this question was accepted: an older proof of the
    laptop says nothing of who asks now. ``again``: what was typed once is asked a second time, now
    that the session before it has ended; a call for help is one call. The session is REQUESTED
    until the bastion has its grant. INVARIANT: under duress everything that can be seen is the
    same.
    """
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    custody = terminal.custodies.filter(ended_at=None).first()
    seat = _seat(custody, source) if custody else None
    visit = seat.visit if seat else None
    found = list(_against_the_person(terminal, seat, credential, pin, actor, again=again))
    running = Session.objects.filter(terminal=terminal, state__in=OPEN_STATES)
    facts = None
    if not found and seat is not None:
        facts = session_facts(seat, now())
        found += session_decide(facts, Moment.BEGIN).objections
        if not proved and not found:
            found.append(Objection("not_attested"))
        if not found and running.exists():
            found.append(Objection("session_running"))
    granted = not found and seat is not None
    SessionRequest.objects.create(
        terminal=terminal,
        credential=credential,
        person=seat.person if seat else None,
        visit=visit,
        place=seat.place if seat else None,
        at=now(),
        granted=granted,
        pin=_pin_seen(found),
        objections=objections_told(found),
    )
    if seat is None or facts is None or found:
        append(
            kind="session.refused",
            actor=actor,
            subject=terminal,
            facility=terminal.facility_id,
            body={
                "terminal": terminal.asset_tag,
                "visit": visit.reference if visit else None,
                "place": seat.place.name if seat and seat.place else None,
                "source": source,
                "objections": [each.code for each in found],
            },
        )
        return SignIn(None, tuple(found))
    return SignIn(_begin(terminal, seat, source, facts, actor), ())


def _begin(
    terminal: Terminal, seat: AnySeat, source: str, facts: SessionFacts, actor: Actor
) -> Session:
    moment = now()
    terms = terms_in_force(seat.engagement.pk)
    if terms is None:  # the rules have asked already
        raise Refused("terms_missing", "No terms of the engagement are in force.")
    session = Session.objects.create(
        grant_id=secrets.token_hex(GRANT_BYTES),
        person=seat.person,
        visit=seat.visit,
        engagement=seat.engagement,
        area=seat.area,
        place=seat.place,
        terminal=terminal,
        terms=terms,
        source=source,
        granted_at=moment,
        ends_at=seat.until(moment),
        policy_version=terminal.facility.policy.label,
    )
    terminal_session_open(terminal_id=terminal.pk, person_id=seat.person.pk, actor=actor)
    # The sponsor's own people have none, whatever the terms say.
    moderator = facts.moderator if facts.moderated else None
    if moderator:
        SessionModerator.objects.create(session=session, moderator_id=UUID(moderator), since=moment)
    session_tell(
        session=session,
        kind="session.requested",
        actor=actor,
        body={
            "grant": session.grant_id,
            "person": person_named(session.person),
            "source": source,
            "harness": f"{terms.harness_host}:{terms.harness_port}",
            "ends_at": session.ends_at,
            "where": session.where,
            "policy": session.policy_version,
            "moderator": moderator,
        },
    )
    return session


def _seat(custody: TerminalCustody, source: str) -> AnySeat:
    """Where its holder would sit: in the room of his visit, or at the place it went out for."""
    if custody.place_id is not None:
        places = RegisteredPlace.objects.select_related(
            "facility__policy", "engagement__sponsor", "engagement__asset",
            "engagement__level__scheme",
        )  # fmt: skip
        place = places.get(pk=custody.place_id)
        return OffsiteSeat(place, custody.person, custody.terminal_id, source)
    return Seat(_visit(custody), custody.terminal_id)


def _visit(custody: TerminalCustody) -> Visit:
    visits = Visit.objects.select_related(
        "person", "booking__area__facility__policy", "booking__engagement__sponsor",
        "booking__engagement__asset", "booking__engagement__level__scheme",
    )  # fmt: skip
    return visits.get(terminals=custody)


def _against_the_person(
    terminal: Terminal,
    seat: AnySeat | None,
    credential: str,
    pin: str,
    actor: Actor,
    *,
    again: bool,
) -> Sequence[Objection]:
    """What speaks against whoever shows this badge and types this PIN here."""
    if seat is None:
        return [Objection("not_issued")]
    held = seat.badges().filter(
        badge__number_sha256=credential, badge__state=CredentialState.ISSUED
    )
    if not credential or not held.exists():
        return [Objection("badge_unknown")]
    facility = terminal.facility
    right, duress = _pin_is(seat.person.pk, facility, pin)
    if duress and not again:  # heard during a lock-out too, as at a door
        duress_raise(
            facility=facility,
            place=terminal.asset_tag,
            message=_("Duress code at laptop %(laptop)s") % {"laptop": terminal.asset_tag},
            elsewhere=_("Duress at %(facility)s, laptop %(laptop)s: do not call its desk")
            % {"facility": facility.name, "laptop": terminal.asset_tag},
            actor=actor,
        )
    if _locked_out(facility, credential):
        # A right PIN leaves the same record as a wrong one, and learns nothing.
        return [Objection("locked_out")]
    if not right:
        _count(terminal, credential, actor)
        return [Objection("pin_wrong")]
    return []


def _pin_seen(found: Sequence[Objection]) -> PinSeen:
    """A request that came past the badge and the PIN has shown the right one."""
    codes = {each.code for each in found}
    if "pin_wrong" in codes:
        return PinSeen.WRONG
    at_once = codes & {"locked_out", "badge_unknown"} or codes == {"not_issued"}
    return PinSeen.UNSEEN if at_once else PinSeen.RIGHT


def _pin_is(person_id: UUID, facility: Facility, typed: str) -> tuple[bool, bool]:
    """Whether it is one of his, and whether it is the one that calls for help. Both are tried."""
    pin = Pin.objects.filter(person=person_id, facility=facility).first()
    key = KeyStore(settings.KEY_DIR).secret(KEY)
    person = str(person_id)
    plain = pin_matches(key, person, typed, pin.verifier if pin else None)
    duress = pin_matches(key, person, typed, pin.duress_verifier if pin else None)
    return plain or duress, duress


def _wrong_in_a_row(facility: Facility, credential: str) -> list[SessionRequest]:
    """The wrong PINs of a badge since its last right one, the newest first."""
    rows = SessionRequest.objects.filter(terminal__facility=facility, credential=credential)
    last = rows.filter(pin=PinSeen.RIGHT).order_by("-at").first()
    wrong = rows.filter(pin=PinSeen.WRONG)
    return list((wrong.filter(at__gt=last.at) if last else wrong).order_by("-at"))


def _locked_out(facility: Facility, credential: str) -> bool:
    """Whether a door has locked the badge out, or wrong PINs at laptops have."""
    if PinFailures.objects.filter(
        facility=facility, credential=credential, until__gt=now()
    ).exists():
        return True
    most = policy_number(facility, "pin_max_failures")
    lasts = timedelta(seconds=policy_number(facility, "pin_lockout_seconds"))
    wrong = _wrong_in_a_row(facility, credential)
    # Each further block of so many locks it out anew.
    return bool(wrong) and len(wrong) % most == 0 and now() < wrong[0].at + lasts


def _count(terminal: Terminal, credential: str, actor: Actor) -> None:
    """Raise an alarm with the wrong PIN that locks the badge out."""
    facility = terminal.facility
    before = len(_wrong_in_a_row(facility, credential))
    if (before + 1) % policy_number(facility, "pin_max_failures"):
        return
    alarm_raise(
        facility=facility,
        gravity=Gravity.CHECK,
        kind=LOCKED_OUT,
        subject=terminal.asset_tag,
        message=_("A badge is locked out after wrong PINs at laptop %(laptop)s")
        % {"laptop": terminal.asset_tag},
        actor=actor,
    )
