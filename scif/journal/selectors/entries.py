"""Entries by what they tell about. All in the journal's order, with their bodies."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import Max, Model, QuerySet

from scif.journal.models import Checkpoint, Entry


def entries_about(subject: Model | tuple[str, str]) -> QuerySet[Entry]:
    """What happened to one thing."""
    subject_type, subject_id = (
        (subject._meta.label_lower, str(subject.pk)) if isinstance(subject, Model) else subject
    )
    return _entries().filter(subject_type=subject_type, subject_id=subject_id)


def positions_about(subject_type: str, subject_ids: Iterable[object]) -> Mapping[str, int]:
    """The position of the latest entry about each thing of a kind; none for one without entry."""
    found = Entry.objects.filter(
        subject_type=subject_type, subject_id__in=[str(each) for each in subject_ids]
    )
    return dict(found.values_list("subject_id").annotate(last=Max("position")).order_by())


def entry_header(position: int) -> Entry | None:
    """One entry by its number, without its text."""
    return Entry.objects.filter(position=position).first()


def checkpoint_over(position: int) -> Checkpoint | None:
    """The first signed statement that covers an entry; None where none does yet."""
    return Checkpoint.objects.filter(size__gt=position).order_by("size").first()


def entries_at(facility: UUID) -> QuerySet[Entry]:
    """What happened at one facility."""
    return _entries().filter(facility_id=facility)


def entries_of_kind(kind: str) -> QuerySet[Entry]:
    """What happened of one kind."""
    return _entries().filter(kind=kind)


def headers_of(subject_type: str, *, facility: UUID, kinds: Collection[str]) -> QuerySet[Entry]:
    """What happened to things of one type at a facility, without the text, which may be erased."""
    return Entry.objects.filter(
        subject_type=subject_type, facility_id=facility, kind__in=list(kinds)
    )


def tail(*, after: int, limit: int = 500) -> list[Entry]:
    """What a screen missed: entries right of position ``after`` (-1: from the first), in order."""
    return list(_entries().filter(position__gt=after)[:limit])


def head_position() -> int | None:
    """The position of the latest entry; None in an empty journal."""
    return Entry.objects.order_by("-position").values_list("position", flat=True).first()


def _entries() -> QuerySet[Entry]:
    return Entry.objects.select_related("body").order_by("position")
