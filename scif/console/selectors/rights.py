"""What is on record of a person, as lines for an officer."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scif.kernel.clock import now
from scif.people.models import Person


def rights_of(person: Person) -> list[tuple[str, str]]:
    """Kind and words of each record that holds now or is to come."""
    at = now()
    lines = [
        (
            _("Clearance"),
            f"{each.level} ({each.level.scheme}), {each.get_status_display()}, {each.source}",
        )
        for each in person.eligibilities.select_related("level__scheme")
    ]
    read_ins = person.indoctrinations.filter(debriefed_on=None)
    lines += [
        (_("Read-in"), f"{each.compartment}, {date_format(each.briefed_on)}")
        for each in read_ins.select_related("compartment__scheme")
    ]
    lines += [
        (_("Agreement"), f"{each.document}, {date_format(each.signed_on)}")
        for each in person.ndas.all()
    ]
    needs = person.needs_to_know.filter(valid_until__gt=at)
    lines += [
        (_("Need to know"), f"{each.engagement.reference}, {_until(each.valid_until)}")
        for each in needs.select_related("engagement")
    ]
    roster = person.roster.filter(ended_at=None, review_due__gt=at)
    lines += [
        (_("Roster"), f"{each.area}, {_until(each.review_due)}")
        for each in roster.select_related("area__facility")
    ]
    duties = person.duties.filter(ends_at__gt=at).order_by("starts_at")
    lines += [
        (_("Shift"), f"{each.facility}, {each.get_role_display()}, {_until(each.ends_at)}")
        for each in duties.select_related("facility")
    ]
    return lines


def _until(moment: datetime) -> str:
    return _("until %(day)s") % {"day": date_format(moment)}
