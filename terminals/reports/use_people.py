"""The people of an engagement in its report: who was named, who may know until when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from access.reports.cells import named_text
from access.reports.times import DASH
from access.reports.told import Named, Told, moment_of, who_of
from scif.reporting.kit.sheet import Sheet
from scif.reporting.kit.table import Column, Row, Status
from scif.reporting.kit.words import Style
from terminals.models import Part
from terminals.reports.use_record import UseRecord, entry_text, table

MEMBER, LEAD = "member", "lead"


@dataclass(frozen=True, slots=True)
class ToldPerson:
    """Somebody in a part of the engagement. ``ended``: he has that part no more.

    ``since`` and ``until`` are of his need to know, as ``by`` gave it last; None where nobody has.
    ``entry`` is the last that told of him.
    """

    who: Named
    part: str
    entry: Told
    ended: bool = False
    confirmed: bool = True
    since: datetime | None = None
    until: datetime | None = None
    by: Named | None = None


def people_told(entries: Sequence[Told]) -> list[ToldPerson]:
    """Everybody whom the entries name, in the order in which they were named."""
    names = {who.key: who for entry in entries for who in _named_in(entry) if who.name}
    found: dict[tuple[str, str], ToldPerson] = {}
    for entry in entries:
        key = entry.text("person")
        who = who_of(entry.data.get("reviewer")) or names.get(key, Named(key))
        member, part = (key, MEMBER), (who.key, entry.text("part"))
        match entry.kind:
            case "engagement.member_added":
                role = LEAD if entry.data.get("lead") else MEMBER
                kept = found.get(member)
                again = kept and replace(kept, part=role, entry=entry, ended=False)
                found[member] = again or ToldPerson(who, role, entry)
            case "engagement.member_removed" if member in found:
                found[member] = replace(found[member], entry=entry, ended=True)
            case "need_to_know.granted":
                found[member] = replace(
                    found.get(member) or ToldPerson(who, MEMBER, entry),
                    entry=entry,
                    since=moment_of(entry.text("from")),
                    until=moment_of(entry.text("until")),
                    by=who_of(entry.data.get("grantor")) or entry.who,
                )
            case "need_to_know.revoked" if member in found:
                found[member] = replace(found[member], entry=entry, until=entry.at)
            case "airlock.reviewer_named":
                confirmed = part[1] != Part.APPEAL
                found[part] = ToldPerson(who, part[1], entry, confirmed=confirmed)
            case "airlock.reviewer_confirmed" if part in found:
                found[part] = replace(found[part], entry=entry, confirmed=True)
            case "airlock.reviewer_ended" if part in found:
                found[part] = replace(found[part], entry=entry, ended=True)
    return list(found.values())


def draw_people(sheet: Sheet, record: UseRecord) -> None:
    """Team, checkers and appeal body."""
    table(
        sheet,
        _("People"),
        _("whom the mandate names, who may know what it shows, who checks and decides"),
        [
            Column(_("Who"), 22, Style.STRONG),
            Column(_("Part"), 20),
            Column(_("Need to know"), 26, Style.FIGURES),
            Column(_("By"), 16),
            Column(_("State"), 14),
            Column(_("Entry"), 8, Style.FIGURES, "right"),
        ],
        _rows(record),
        empty=_("The mandate names nobody."),
    )


def _rows(record: UseRecord) -> Iterator[Row]:
    parts = {each.value: capfirst(str(each.label)) for each in Part}
    parts |= {MEMBER: _("Member"), LEAD: _("Member, lead")}
    for each in people_told(record.entries):
        span = DASH
        if each.since is not None and each.until is not None:
            span = f"{record.day(each.since)} {DASH} {record.last_day(each.until)}"
        yield Row(
            record.mark,
            [
                named_text(each.who),
                parts.get(each.part, each.part or DASH),
                span,
                named_text(each.by),
                _state(each, record),
                entry_text(each.entry),
            ],
        )


def _state(person: ToldPerson, record: UseRecord) -> str | Status:
    if person.ended:
        return _("no more")
    if person.part not in {MEMBER, LEAD}:
        return _("named") if person.confirmed else Status("wait", _("not confirmed"))
    at = record.told.statement.told.at
    if person.since is None or person.until is None:
        return Status("todo", _("none given"))
    if at < person.since:
        return Status("wait", _("not yet"))
    return Status("ok", _("holds")) if at < person.until else _("over")


def _named_in(entry: Told) -> Iterable[Named]:
    """Whoever an entry names with his name."""
    keys = ("by", "member", "grantor", "visitor", "person")
    values: list[Any] = [entry.data.get(key) for key in keys]
    return [who for who in (*map(who_of, values), entry.who) if who is not None]
