"""Areas, labels and the policy as the decision's facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Q

from access.models import Sanitisation
from access.rules.facts import AccreditationFacts, AreaFacts, ClosedSpan, OfflineRule, PolicyFacts
from access.rules.labels import Caveat, Equivalence, Label
from access.rules.snapshot.parts import WEEKDAYS
from access.selectors.lockdown import is_locked_down
from access.selectors.threat import threat_code
from hardware.models import Device
from inspections.models import Accreditation, Sweep
from inspections.rules.states import IN_FORCE, AccreditationState, SweepState
from inspections.services.sweep import OPEN as SWEEP_OPEN
from scif.facilities import models
from scif.facilities.models import (
    Area,
    AreaKind,
    ClosedDay,
    Compartment,
    Facility,
    IdsState,
    Level,
)
from scif.kernel.clock import now

# Kinds in which nothing lies open while nobody works; of any other kind the worst is assumed.
SHUT_AWAY = frozenset(
    {
        AreaKind.CLOSED_STORAGE,
        AreaKind.SWA,
        AreaKind.TSWA,
        AreaKind.READING_ROOM,
        AreaKind.WEIGHT_ENCLAVE,
    }
)


def policy_facts(facility: Facility) -> PolicyFacts:
    """The profile in force at a facility, and every equivalence on record."""
    rows = models.Equivalence.objects.select_related("accepted__scheme", "as_level__scheme")
    return PolicyFacts(
        version=facility.policy.label,
        values=facility.policy.values,
        equivalences=tuple(
            Equivalence(
                accepted_scheme=row.accepted.scheme.code,
                accepted_rank=row.accepted.rank,
                as_scheme=row.as_level.scheme.code,
                as_rank=row.as_level.rank,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
            for row in rows
        ),
    )


def label_of(level: Level, compartments: list[Compartment], caveats: frozenset[Caveat]) -> Label:
    """A level with compartments and caveats as a label.

    A compartment of another scheme stays in, where no read-in reaches it: an error denies.
    """
    return Label(
        scheme=level.scheme.code,
        rank=level.rank,
        compartments=frozenset(each.code for each in compartments),
        caveats=caveats,
        level=level.name,
    )


def caveats_of(area: Area) -> frozenset[Caveat]:
    """The caveats of an area, as predicates over citizenships."""
    return frozenset(
        Caveat(row.code, frozenset(row.countries), row.every) for row in area.caveats.all()
    )


def hours_of(area: Area) -> dict[int, tuple[time, time]]:
    """Opening hours by weekday from 0 (Monday), local time; a day that is not listed is closed."""
    return week_of(area.hours)


def week_of(hours: Mapping[str, Sequence[str]]) -> dict[int, tuple[time, time]]:
    """Hours as the records keep them, ``{"mon": ["08:00", "18:00"], …}``, by weekday."""
    return {
        number: (time.fromisoformat(hours[day][0]), time.fromisoformat(hours[day][1]))
        for number, day in enumerate(WEEKDAYS)
        if hours.get(day)
    }


def closed_spans(area: Area) -> tuple[ClosedSpan, ...]:
    """The days, today's and those to come, on which the area or its facility is closed."""
    today = now().astimezone(ZoneInfo(area.facility.time_zone)).date()
    rows = ClosedDay.objects.filter(
        Q(area=None) | Q(area=area),
        facility=area.facility,
        withdrawn=False,
        last_day__gte=today,
    )
    return tuple(
        ClosedSpan(row.first_day, row.last_day, row.name)
        for row in rows.order_by("first_day", "pk")
    )


def area_facts(area: Area) -> AreaFacts:
    """An area as the records of the centre know it.

    What only a gateway knows stays unknown here.
    """
    label = None
    if area.level is not None:
        label = label_of(area.level, list(area.compartments.all()), caveats_of(area))
    # One that is still open closes the area whatever was reported later.
    sweeps = Sweep.objects.filter(area=area).order_by("-due_since")
    sweep = sweeps.filter(state__in=SWEEP_OPEN).first() or sweeps.first()
    return AreaFacts(
        area_id=str(area.pk),
        label=label,
        unclassified=area.level is None,
        accreditation=_accreditation(area),
        swept_after_use=area.swept_after_use,
        last_sweep=SweepState(sweep.state) if sweep else None,
        capacity=area.capacity,
        hours=hours_of(area),
        time_zone=area.facility.time_zone,
        lockdown=is_locked_down(area),
        sanitised_until=sanitised_until(area),
        open_storage=area.kind not in SHUT_AWAY,
        two_person=area.two_person,
        offline_rule=OfflineRule(area.offline_rule),
        code=area.code,
        threat=threat_code(area.facility, policy_facts(area.facility)),
        closed=closed_spans(area),
        has_panel=_has_panel(area),
    )


def sanitised_until(area: Area) -> datetime | None:
    """Until when nothing classified lies open in an area (R38); None: it is not sanitised."""
    recorded = Sanitisation.objects.filter(area=area, ended_at=None).first()
    return recorded.ends_at if recorded else None


def _has_panel(area: Area) -> bool:
    """Whether the area has an alarm panel, or ever had one: its doors ask for what it says.

    INVARIANT: a board that goes takes no check with it.
    """
    boards = Device.objects.filter(
        bus__gateway__facility=area.facility, options__panel__area=area.code
    )
    return IdsState.objects.filter(area=area).exists() or boards.exists()


def _accreditation(area: Area) -> AccreditationFacts | None:
    """The letter in force, else the newest one, else none."""
    letters = Accreditation.objects.filter(area=area).select_related("level__scheme")
    row = letters.filter(state__in=IN_FORCE).first() or letters.order_by("-issued_on").first()
    if row is None:
        return None
    return AccreditationFacts(
        state=AccreditationState(row.state),
        scheme=row.level.scheme.code,
        rank=row.level.rank,
        expires_on=row.expires_on,
    )
