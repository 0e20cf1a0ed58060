"""Reference data, such as places, schemes, people: changed in the admin, journaled here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, Model, TextField
from django.utils.translation import gettext as _

from scif.facilities.models import Record
from scif.facilities.rules.weakening import NEW_ONES, WEAKENS, weakened
from scif.facilities.selectors.reference import facilities_at, record_said
from scif.journal.services import append
from scif.kernel.actor import Actor, ActorKind
from scif.kernel.errors import require
from scif.kernel.text import fault_of

LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two people agreed that a record says instead: its changed fields before and after."""

    requested_by: UUID
    confirmed_by: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@transaction.atomic
def reference_save(
    *,
    record: Record,
    actor: Actor,
    changed: Sequence[str] = (),
    related: Mapping[str, Sequence[Record]] | None = None,
    facility: UUID | None = None,
    agreed: Agreement | None = None,
) -> None:
    """Save a record of reference data and journal which fields were set.

    Records with a life of their own (a booking, a visit) are not reference data: each of their
    changes is a service with a name. ``facility`` is the one whose journal tells of a record that
    lies in none. Raises ``ValidationError`` before anything is written.
    INVARIANT: a place is weakened and a role is given (``scif/facilities/rules/weakening.py``)
    only as two ``agreed``.
    """
    created = record._state.adding
    reference_check(record)
    if created and record._meta.model_name in NEW_ONES and actor.kind is ActorKind.USER:
        _two_check(record, {}, record_said(record, related), agreed)
    elif not created and record._meta.model_name in WEAKENS:
        _agreed_check(record, related or {}, agreed)
    record.save()
    for name, others in (related or {}).items():
        getattr(record, name).set(others)
    # A relation is journaled by its column: the identifier, not the record.
    columns = {f.name: f.attname for f in record._meta.concrete_fields if f.attname != "id"}
    fields = [*([columns[name] for name in changed] or columns.values()), *(related or {})]
    append(
        kind=f"{record._meta.model_name}.{'created' if created else 'changed'}",
        actor=actor,
        subject=record,
        facility=facility or facility_at(record),
        body={name: _shown(getattr(record, name)) for name in fields} | _by_whom(agreed),
    )


def reference_check(record: Record) -> None:
    """Raise ``ValidationError`` for what could not be saved, by field."""
    _texts_check(record)
    record.full_clean()


def reference_changes(
    record: Record, related: Mapping[str, Sequence[Record]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a record says in the database, locked now, and what it would; the changed fields only.

    Nothing for a record that is new.
    """
    rows = type(record)._default_manager.select_for_update(of=("self",), no_key=True)
    stored = rows.filter(pk=record.pk).first()
    if stored is None:
        return {}, {}
    before, after = record_said(stored), record_said(record, related)
    changed = [name for name in before if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def _agreed_check(
    record: Record, related: Mapping[str, Sequence[Record]], agreed: Agreement | None
) -> None:
    before, after = reference_changes(record, related)
    if weakened(str(record._meta.model_name), before, after):
        _two_check(record, before, after, agreed)


def _two_check(
    record: Record, before: Mapping[str, Any], after: Mapping[str, Any], agreed: Agreement | None
) -> None:
    require(
        agreed is not None
        and agreed.requested_by != agreed.confirmed_by
        and (agreed.before, agreed.after) == (before, after),
        "two_needed",
        _("Nobody decides alone on this: %(place)s.") % {"place": record},
        _("One officer asks for it, and another one confirms."),
    )


def _by_whom(agreed: Agreement | None) -> dict[str, str]:
    if agreed is None:
        return {}
    return {"requested_by": str(agreed.requested_by), "confirmed_by": str(agreed.confirmed_by)}


def _texts_check(record: Record) -> None:
    """Refuse, by the field's name, a text that would not be read back as it was typed."""
    faults = {}
    for field in record._meta.concrete_fields:
        value = getattr(record, field.attname)
        if isinstance(field, CharField | TextField) and isinstance(value, str):
            lines = isinstance(field, TextField)
            fault = fault_of(value, most=field.max_length or LONGEST_TEXT, lines=lines)
            if fault:
                faults[field.name] = fault
    if faults:
        raise ValidationError(faults)


def facility_at(record: Record) -> Any:
    """The facility at the end of the record's path, or None for what belongs to none."""
    return facilities_at(record).first()


def _shown(value: Any) -> Any:
    """A value as the journal keeps it: a record by its identifier, bytes only by their length."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} bytes"
    if hasattr(value, "all"):
        return sorted(str(item) for item in value.all())
    return value
