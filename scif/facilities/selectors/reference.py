"""What a record of reference data says: its editable fields as plain values."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Field, ForeignKey, QuerySet

from scif.facilities.models import Record
from scif.kernel.canonical import canonical_json


def facilities_at(record: Record) -> QuerySet[Any, Any]:
    """The keys of the facilities at the end of the record's path; none for what belongs to none."""
    rows = type(record)._default_manager.filter(pk=record.pk)
    path = f"{record.facility_path}__pk" if record.facility_path else "pk"
    found = rows.values_list(path.removeprefix("pk__"), flat=True)
    return found if record.facility_path else found.none()


def record_said(
    record: Record, related: Mapping[str, Sequence[Record]] | None = None
) -> dict[str, Any]:
    """The values of a record's editable fields, in JSON's own types; records by identifier.

    ``related`` are relations to many that it would have; the others are as the database has them.
    """
    said = {field.name: _plain(field, record) for field in _columns(record)}
    for many in record._meta.many_to_many:
        given = (related or {}).get(many.name)
        others = getattr(record, many.name).all() if given is None else given
        said[many.name] = sorted(str(other.pk) for other in others)
    return said


def record_says(
    record: Record, said: Mapping[str, Any]
) -> tuple[list[str], dict[str, list[Record]]]:
    """Let a record say this, unsaved; gives the fields that were set, and the relations to set."""
    fields = {field.name: field for field in _columns(record)}
    related: dict[str, list[Record]] = {}
    for name, value in said.items():
        if name in fields:
            field = fields[name]
            target = field.target_field if isinstance(field, ForeignKey) else field
            setattr(record, field.attname, target.to_python(value))
        else:
            others = getattr(record, name).model._default_manager.filter(pk__in=value)
            related[name] = list(others)
    return [name for name in said if name in fields], related


def edition_of(record: Record, names: Collection[str]) -> str:
    """A mark of what these fields of a record say; another one once any of them has changed."""
    said = record_said(record)
    shown = {name: said[name] for name in sorted(names) if name in said}
    return hashlib.sha256(canonical_json(shown)).hexdigest()


def _columns(record: Record) -> list["Field[Any, Any]"]:
    return [field for field in record._meta.concrete_fields if field.editable]


def _plain(field: "Field[Any, Any]", record: Record) -> Any:
    value = getattr(record, field.attname)
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
