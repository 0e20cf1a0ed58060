"""What an officer grants to a person, on the person's page.

Need to know is not among it: only the discloser grants that (R31), on the engagement's page of the
portal (``access/views/portal/need_to_know.py``).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from access.services import citizenship, clearance, roster
from access.services.grant import grant_ask
from scif.console.views.grant_forms import (
    AgreementForm,
    CitizenshipForm,
    ClearanceForm,
    DutyForm,
    ReadInForm,
    RosterForm,
)
from scif.console.views.officer_act import Act, Run
from scif.console.views.officer_forms import AskForm
from scif.facilities.models import Record
from scif.kernel.actor import Actor
from scif.people.models import Citizenship, Person
from scif.people.services.person import CHANGE

CLEARANCE = "access.change_clearance"


def ask(service: Callable[..., Record]) -> Run:
    """As :func:`grant`, for what another officer has to confirm; the form's reason is for him."""

    def run(record: Person, data: Mapping[str, Any], actor: Actor) -> object:
        given = {name: getattr(value, "pk", value) for name, value in data.items()}
        reason = given.pop("reason")
        given["person_id"] = record.pk
        given.pop("at", None)
        return grant_ask(
            service=service, given=given, reason=reason, at=data.get("at"), actor=actor
        )

    return run


def grant(service: Callable[..., object]) -> Run:
    """Call a service with the form's fields; a chosen record goes by its identifier."""

    def run(record: Person, data: Mapping[str, Any], actor: Actor) -> object:
        given = {name: getattr(value, "pk", value) for name, value in data.items()}
        return service(person_id=record.pk, actor=actor, **given)

    return run


def _without(record: Citizenship, data: Mapping[str, Any], actor: Actor) -> object:
    return grant_ask(
        service=citizenship.citizenship_remove,
        given={"person_id": record.person_id, "country": record.country},
        reason=data["reason"],
        at=data.get("at"),
        actor=actor,
    )


GRANT_ACTS: Sequence[Act] = (
    Act(
        "citizenship-add",
        Person,
        CHANGE,
        _("Add a citizenship…"),
        _("Caveats look at all of them. Another officer confirms it; then doors learn of it."),
        ask(citizenship.citizenship_add),
        form=CitizenshipForm,
        danger=False,
    ),
    Act(
        "citizenship-remove",
        Citizenship,
        CHANGE,
        _("Remove…"),
        _(
            "It was given up, or entered by mistake. What a caveat bars because of it is open "
            "from then on: another officer confirms it, and doors learn of it at once."
        ),
        _without,
        form=AskForm,
    ),
    Act(
        "clearance-grant",
        Person,
        CLEARANCE,
        _("Record a clearance…"),
        _(
            "It opens what its level reaches, from an authority's register and never "
            "self-asserted. Another officer confirms it."
        ),
        ask(clearance.eligibility_grant),
        form=ClearanceForm,
        danger=False,
    ),
    Act(
        "read-in-record",
        Person,
        CLEARANCE,
        _("Record a read-in…"),
        _("The compartment is open to the person until the debrief. Another officer confirms it."),
        ask(clearance.indoctrination_record),
        form=ReadInForm,
        danger=False,
    ),
    Act(
        "agreement-record",
        Person,
        CLEARANCE,
        _("Record an agreement…"),
        _("The signed agreement is on record; bookings and doors ask for it."),
        grant(clearance.nda_record),
        form=AgreementForm,
        danger=False,
    ),
    Act(
        "roster-add",
        Person,
        roster.PERMISSION,
        _("Add to the roster…"),
        _(
            "Permanent right of entry to the area until the review. Another officer confirms it; "
            "then doors learn of it at once."
        ),
        ask(roster.roster_add),
        form=RosterForm,
        danger=False,
    ),
    Act(
        "duty-assign",
        Person,
        roster.PERMISSION,
        _("Plan a shift…"),
        _(
            "The shift carries a right of entry while it lasts. Doors learn of it at once. For "
            "somebody without a role at the facility, and for any inspector, another officer "
            "confirms it first."
        ),
        ask(roster.duty_assign),
        form=DutyForm,
        danger=False,
    ),
)
