"""Laptops, sessions and what passes the airlock: the records of a place that the factories make."""

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from access.models import Visit
from scif.kernel.clock import now
from scif.people.models import Organisation, Person
from terminals.models import (
    AirlockCheck,
    AirlockItem,
    AirlockReviewer,
    AirlockVersion,
    Anomaly,
    Appeal,
    Attestation,
    BootImage,
    EgressKind,
    EgressLedger,
    EngagementTerms,
    HarnessPolicy,
    LossReport,
    Quarantine,
    RegisteredPlace,
    Seal,
    Session,
    SessionRequest,
    Terminal,
    TerminalCustody,
    TerminalInspection,
    TerminalLock,
    TerminalSignature,
)
from terminals.rules.harness_policy import STOP
from tests.roles import as_control

ROLES = ("officer", "compliance", "guard", "sweeper")


if TYPE_CHECKING:
    from tests.factories import Place


def make_laptops(place: "Place", code: str) -> None:
    world, at = place.world, now()
    by = world.officer
    image = BootImage(
        facility=world.facility,
        name="Kiosk",
        version="1",
        image_sha256="ab" * 32,
        pcr0="00" * 32,
        pcr7="07" * 32,
        pcr11="0b" * 32,
        proposed_by=by,
        proposed_at=at,
    )
    place.keep(image)
    terminal = Terminal(
        facility=world.facility,
        asset_tag=f"LT-{code}",
        serial=f"SN-{code}",
        state_since=at,
        image=image,
        attestation_key=code.encode(),
        endorsement_sha256=sha256(code.encode()).hexdigest(),
        enrolled_by=by,
        enrolled_at=at,
    )
    place.keep(terminal)
    place.keep(
        Seal(terminal=terminal, number=f"S-{code}", place="lid", applied_by=by, applied_at=at)
    )
    place.keep(Attestation(terminal=terminal, image=image, nonce=f"{code:0>64}", asked_at=at))
    visit = Visit.objects.get(booking__area__facility=world.facility)
    custody = TerminalCustody(
        terminal=terminal, person=visit.person, visit=visit, issued_by=by, issued_at=at
    )
    place.keep(custody)
    place.keep(
        TerminalSignature(
            custody=custody, hand_over="issue", signer=world.lead, strokes={}, signed_at=at
        )
    )
    place.keep(TerminalInspection(terminal=terminal, inspector=by, at=at, answers={}, passed=False))
    place.keep(TerminalLock(terminal=terminal, reason="Talks", requested_at=at))
    place.keep(Quarantine(terminal=terminal, reason="Odd", placed_at=at))
    place.keep(LossReport(terminal=terminal, reported_by=by, reported_at=at, circumstances="Gone"))
    _session(place, terminal, visit)


def _session(place: "Place", terminal: Terminal, visit: Visit) -> None:
    booking, at, by = visit.booking, now(), place.world.officer
    terms = EngagementTerms(
        engagement=booking.engagement,
        harness_host="192.0.2.7",
        harness_port=443,
        rate_bytes=1_000,
        burst_bytes=1_000,
        channels=1,
        proposed_by=by,
        proposed_at=at,
    )
    place.keep(terms)
    session = Session(
        grant_id=terminal.pk.hex[:24],
        person=visit.person,
        visit=visit,
        engagement=booking.engagement,
        area=booking.area,
        terminal=terminal,
        terms=terms,
        source="192.0.2.8",
        granted_at=at,
        ends_at=booking.ends_at,
        policy_version="test/1",
    )
    with as_control():  # who alone writes them
        place.keep(session)
        place.keep(SessionRequest(terminal=terminal, credential="ab" * 32, at=at, granted=False))
        place.keep(
            HarnessPolicy(
                engagement=booking.engagement,
                terms=terms,
                host=terms.harness_host,
                version=1,
                document=dict(STOP),
                made_at=at,
            )
        )
    place.keep(
        Anomaly(
            session=session,
            person=visit.person,
            kind="hours",
            raised_at=at,
            params=dict.fromkeys(("hour", "entry", "minutes"), "2"),
            plot={"figure": "share", "points": [[2, 0.1]], "usual": 0.005},
            policy_version="test/1",
            consequence="flag",
        )
    )
    place.keep(
        RegisteredPlace(
            facility=place.world.facility,
            engagement=booking.engagement,
            name="Branch office",
            address="1 Quay",
            network="192.0.2.0/28",
            ceiling=1,
            hours={"mon": ["08:00", "18:00"]},
            valid_from=at,
            valid_until=at + timedelta(days=1),
            registered_by=by,
            registered_at=at,
        )
    )
    place.keep(
        EgressLedger(
            facility=place.world.facility,
            engagement=booking.engagement,
            asset=booking.engagement.asset,
            kind=EgressKind.OVERRUN,
            reference="test",
            bytes=1,
            at=at,
        )
    )


def make_airlock(place: "Place") -> None:
    """A rejected export before its appeal is decided; its bytes are kept nowhere."""
    world, at = place.world, now()
    item = AirlockItem(
        reference=f"X-{world.facility.code.upper()}",
        direction="export",
        facility=world.facility,
        engagement=world.engagement,
        author=world.lead,
        title="Findings",
        state_since=at,
    )
    place.keep(item)
    version = AirlockVersion(
        item=item, number=1, name="f.txt", sha256="ab" * 32, bytes=9, kind="text", made_at=at
    )
    place.keep(version)
    item.version = version
    item.save()
    version.context, version.sealed_at = "Table 1", at
    version.save()
    item.state, item.due_at = "sealed", at + timedelta(hours=72)
    item.save()
    place.keep(
        AirlockCheck(
            version=version,
            person=world.discloser,
            side="lab",
            verdict="reject",
            ground="weights",
            reason="Line 1",
            at=at,
        )
    )
    item.state = "rejected"
    item.save()
    place.keep(
        Appeal(item=item, version=version, lodged_by=world.lead, lodged_at=at, statement="Not so")
    )
    judge = Organisation.objects.create(
        name=f"Board {world.facility.code}", kind="government", country="GB"
    )
    place.keep(
        AirlockReviewer(
            engagement=world.engagement,
            person=Person.objects.create(name="A judge", organisation=judge),
            part="appeal",
            named_by=world.officer,
            named_at=at,
        )
    )
