"""What an officer does about the state of the place: lockdown and who enters all the same."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from access.models import (
    ConflictWall,
    Duty,
    Lockdown,
    LockdownPass,
    Responder,
    RosterEntry,
    WallKind,
)
from access.services import emergency, lockdown, roster, threat, wall
from access.services.grant import grant_ask
from scif.console.views.officer_act import Act
from scif.console.views.posture_forms import (
    HoursForm,
    PassForm,
    ResponderForm,
    ThreatForm,
    WallForm,
)
from scif.facilities.models import Area, Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now

CONSEQUENCE = _(
    "Every door of it refuses entry at once. Whoever is inside may leave. Lifting it takes a "
    "second person."
)


def _pass(record: RosterEntry | Duty, data: Mapping[str, Any], actor: Actor) -> object:
    area = record.area if isinstance(record, RosterEntry) else None
    facility = record.area.facility if isinstance(record, RosterEntry) else record.facility
    return lockdown.lockdown_pass_grant(
        person_id=record.person_id,
        facility_id=facility.pk,
        area_id=area.pk if area else None,
        sponsor_id=data["sponsor"].pk,
        valid_from=data["valid_from"],
        valid_until=data["valid_until"],
        reason=data["reason"],
        actor=actor,
    )


POSTURE_ACTS = (
    Act(
        "lockdown-facility",
        Facility,
        lockdown.DECLARE,
        _("Lock down the facility…"),
        CONSEQUENCE,
        lambda record, data, actor: lockdown.lockdown_declare(
            facility_id=record.pk, area_id=None, reason=data["reason"], actor=actor
        ),
    ),
    Act(
        "lockdown-area",
        Area,
        lockdown.DECLARE,
        _("Lock down the area…"),
        CONSEQUENCE,
        lambda record, data, actor: lockdown.lockdown_declare(
            facility_id=record.facility_id, area_id=record.pk, reason=data["reason"], actor=actor
        ),
    ),
    Act(
        "lockdown-lift",
        Lockdown,
        lockdown.LIFT,
        _("Lift the lockdown…"),
        _("Doors decide again by their other rules. Where two people lift, the first one asks."),
        lambda record, data, actor: lockdown.lockdown_lift(
            lockdown_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: record.lifted_at is None,
        danger=False,
    ),
    Act(
        "lockdown-pass-roster",
        RosterEntry,
        lockdown.CHANGE_ROSTER,
        _("Let enter during lockdown…"),
        _("In a lockdown the doors let this person in, as far as every other rule does."),
        _pass,
        lambda record: record.ended_at is None,
        PassForm,
    ),
    Act(
        "lockdown-pass-duty",
        Duty,
        lockdown.CHANGE_ROSTER,
        _("Let enter during lockdown…"),
        _("In a lockdown the doors let this person in, as far as every other rule does."),
        _pass,
        lambda record: now() < record.ends_at,
        PassForm,
    ),
    Act(
        "threat-level",
        Facility,
        threat.SET,
        _("Set the threat level…"),
        _("Doors ask at once for what the policy demands at that level. Who is inside stays."),
        lambda record, data, actor: threat.threat_level_set(
            facility_id=record.pk, level=data["level"], reason=data["reason"], actor=actor
        ),
        form=ThreatForm,
    ),
    Act(
        "responder-appoint",
        Facility,
        emergency.CHANGE_ROSTER,
        _("Appoint a responder…"),
        _(
            "In a declared emergency every door of the facility opens to his badge. Another "
            "officer confirms it."
        ),
        lambda record, data, actor: grant_ask(
            service=emergency.responder_appoint,
            given={
                "facility_id": record.pk,
                "person_id": data["person"].pk,
                "valid_until": data["valid_until"],
            },
            reason=data["reason"],
            actor=actor,
        ),
        form=ResponderForm,
        danger=False,
    ),
    Act(
        "responder-end",
        Responder,
        emergency.CHANGE_ROSTER,
        _("End the appointment…"),
        _("No emergency that is declared from now on lets this person in."),
        lambda record, data, actor: emergency.responder_end(
            responder_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: now() < record.valid_until,
    ),
    Act(
        "wall-raise",
        Facility,
        wall.CHANGE,
        _("Keep two parties apart…"),
        _(
            "They are not booked into one room or on one day, and whoever comes second is kept "
            "out. Neither learns why."
        ),
        lambda record, data, actor: wall.wall_raise(
            facility_id=record.pk,
            party_ids=(data["party"].pk, data["other"].pk),
            kind=WallKind(data["kind"]),
            reason=data["reason"],
            approver_id=data["approver"].pk,
            valid_from=data["first_day"],
            valid_until=data["last_day"],
            actor=actor,
        ),
        form=WallForm,
        prepare=lambda form, facility: form.offer(facility),
    ),
    Act(
        "wall-end",
        ConflictWall,
        wall.CHANGE,
        _("End the conflict wall…"),
        _("The two parties may meet again from now on."),
        lambda record, data, actor: wall.wall_end(
            wall_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: record.ended_at is None,
    ),
    Act(
        "roster-hours",
        RosterEntry,
        roster.PERMISSION,
        _("Set hours of their own…"),
        _(
            "They hold instead of the area's opening hours. Another officer confirms it; then "
            "doors learn of it at once."
        ),
        lambda record, data, actor: grant_ask(
            service=roster.roster_hours_set,
            given={"entry_id": record.pk, "hours": data["hours"], "reason": data["reason"]},
            reason=data["reason"],
            actor=actor,
        ),
        lambda record: record.ended_at is None,
        HoursForm,
        danger=False,
    ),
    Act(
        "lockdown-pass-end",
        LockdownPass,
        lockdown.CHANGE_ROSTER,
        _("End the right…"),
        _("In a lockdown the doors keep this person out like everybody else."),
        lambda record, data, actor: lockdown.lockdown_pass_end(
            pass_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: now() < record.valid_until,
    ),
)
