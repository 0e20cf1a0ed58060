"""Reference data, such as places, schemes, people: changed in the admin, journaled here."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, Model, TextField

from scif.facilities.models import Record
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.text import fault_of

LONGEST_TEXT = 10_000


@transaction.atomic
def reference_save(
    *,
    record: Record,
    actor: Actor,
    changed: Sequence[str] = (),
    related: Mapping[str, Sequence[Record]] | None = None,
    facility: UUID | None = None,
) -> None:
    """Save a record of reference data and journal which fields were set.

    Records with a life of their own (a booking, a visit) are not reference data: each of their
    changes is a service with a name. ``facility`` is the one whose journal tells of a record that
    lies in none. Raises ``ValidationError`` before anything is written.
    """
    created = record._state.adding
    _texts_check(record)
    record.full_clean()
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
        facility=facility or _facility(record),
        body={name: _shown(getattr(record, name)) for name in fields},
    )


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


def _facility(record: Record) -> Any:
    """The facility at the end of the record's path, or None for what belongs to none."""
    if not record.facility_path:
        return None
    rows = type(record)._default_manager.filter(pk=record.pk)
    return rows.values_list(f"{record.facility_path}__pk".removeprefix("pk__"), flat=True).first()


def _shown(value: Any) -> Any:
    """A value as the journal keeps it: a record by its identifier, bytes only by their length."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} bytes"
    if hasattr(value, "all"):
        return sorted(str(item) for item in value.all())
    return value
