"""The record of a basis of entry: ``entry:UUID``."""

from collections.abc import Callable
from typing import Any

from access.rules.facts import (
    Basis,
    BasisKind,
    Belongings,
    BookingFacts,
    DutyBasis,
    DutyPost,
    EmergencyBasis,
    EngagementFacts,
    EscortBasis,
    InspectionBasis,
    RosterBasis,
    VisitBasis,
    Window,
)
from access.rules.snapshot.parts import (
    Payload,
    hours_from,
    hours_payload,
    label_from,
    label_payload,
    window_from,
    window_payload,
)
from access.rules.states import BookingState, EngagementState, VisitState


def entry_payload(basis: Basis) -> dict[str, Any]:
    """A basis of entry. Of a booking's attendees and an engagement's members only its own person.

    INVARIANT: a door learns nothing about teammates.
    """
    payload: dict[str, Any] = {
        "kind": basis.kind.value,
        "person": basis.person_id,
        "areas": sorted(basis.areas),
        "path": sorted(basis.path),
        "window": window_payload(basis.window),
        "escort": basis.escort,
    }
    match basis:
        case VisitBasis():
            payload |= _visit_payload(basis)
        case RosterBasis():
            payload["sponsor"] = basis.sponsor
            payload["hours"] = hours_payload(basis.hours)
        case DutyBasis():
            payload["post"] = basis.post and basis.post.value
        case EscortBasis():
            payload["escorts"] = basis.escorts
        case InspectionBasis():
            payload["authority"] = basis.authority
        case EmergencyBasis():
            payload["incident"] = basis.incident
            payload["declared_by"] = sorted(basis.declared_by)
        case _:
            raise TypeError(f"a basis without a record: {type(basis).__name__}")
    return payload


def entry_from(key: str, payload: Payload) -> Basis:
    """The basis of a record."""
    return _READERS[payload["kind"]](key, payload)


def _visit_payload(visit: VisitBasis) -> dict[str, Any]:
    booking, engagement, belongings = visit.booking, visit.engagement, visit.belongings
    own = visit.person_id
    return {
        "state": visit.state and visit.state.value,
        "session_label": label_payload(visit.session_label),
        "identity_checked": visit.identity_checked,
        "badge_issued": visit.badge_issued,
        "booking": booking
        and {
            "state": booking.state.value,
            "requester": booking.requester,
            "approver": booking.approver,
            "attends": own in booking.attendees,
        },
        "engagement": engagement
        and {
            "id": engagement.engagement_id,
            "state": engagement.state.value,
            "window": window_payload(engagement.window),
            "sponsor": engagement.sponsor,
            "asset": engagement.asset,
            "areas": sorted(engagement.areas),
            "member": own in engagement.members,
            "lab_approver": engagement.lab_approver,
            "facility_approver": engagement.facility_approver,
        },
        "belongings": belongings
        and {
            "shut": belongings.shut,
            "none_declared": belongings.none_declared,
            "signed_by_visitor": belongings.signed_by_visitor,
            "signed_by_guard": belongings.signed_by_guard,
            "staying": list(belongings.staying),
        },
    }


Common = tuple[str, str, frozenset[str], Window, frozenset[str], str | None]


def _common(key: str, payload: Payload) -> Common:
    return (
        key,
        payload["person"],
        frozenset(payload["areas"]),
        window_from(payload["window"]),
        frozenset(payload["path"]),
        payload["escort"],
    )


def _visit(key: str, payload: Payload) -> Basis:
    own: str = payload["person"]
    state = payload["state"]
    return VisitBasis(
        *_common(key, payload),
        None if state is None else VisitState(state),
        _booking(own, payload["booking"]),
        _engagement(own, payload["engagement"]),
        label_from(payload["session_label"]),
        payload["identity_checked"] is True,
        _belongings(payload["belongings"]),
        payload["badge_issued"] is True,
    )


def _booking(own: str, payload: Payload | None) -> BookingFacts | None:
    if payload is None:
        return None
    attendees = frozenset({own}) if payload["attends"] is True else frozenset[str]()
    return BookingFacts(
        BookingState(payload["state"]),
        payload["requester"],
        payload["approver"],
        attendees,
        len(attendees),
    )


def _engagement(own: str, payload: Payload | None) -> EngagementFacts | None:
    if payload is None:
        return None
    return EngagementFacts(
        payload["id"],
        EngagementState(payload["state"]),
        window_from(payload["window"]),
        payload["sponsor"],
        payload["asset"],
        frozenset(payload["areas"]),
        frozenset({own}) if payload["member"] is True else frozenset(),
        payload["lab_approver"],
        payload["facility_approver"],
    )


def _belongings(payload: Payload | None) -> Belongings | None:
    if payload is None:
        return None
    return Belongings(
        payload["shut"] is True,
        payload["none_declared"] is True,
        payload["signed_by_visitor"] is True,
        payload["signed_by_guard"] is True,
        tuple(payload["staying"]),
    )


def _roster(key: str, payload: Payload) -> Basis:
    return RosterBasis(*_common(key, payload), payload["sponsor"], hours_from(payload["hours"]))


def _duty(key: str, payload: Payload) -> Basis:
    post = payload["post"]
    return DutyBasis(*_common(key, payload), None if post is None else DutyPost(post))


def _escort(key: str, payload: Payload) -> Basis:
    return EscortBasis(*_common(key, payload), payload["escorts"])


def _inspection(key: str, payload: Payload) -> Basis:
    return InspectionBasis(*_common(key, payload), payload["authority"])


def _emergency(key: str, payload: Payload) -> Basis:
    return EmergencyBasis(
        *_common(key, payload), payload["incident"], frozenset(payload["declared_by"])
    )


_READERS: dict[str, Callable[[str, Payload], Basis]] = {
    BasisKind.VISIT: _visit,
    BasisKind.ROSTER: _roster,
    BasisKind.DUTY: _duty,
    BasisKind.ESCORT: _escort,
    BasisKind.INSPECTION: _inspection,
    BasisKind.EMERGENCY: _emergency,
}
