"""A file that founds a facility: what it says, and which of its keys is wrong. Pure.

Whether a text fits its record is not asked here: the record itself says so when it is saved.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from scif.people.rules.people_file import countries_fault

LEAST_OFFICERS = 2
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_TOP = ("scheme", "policy", "facility", "gateways", "organisation", "officers")

Table = Mapping[str, Any]


class FoundingFault(ValueError):
    """The file does not serve; the message names the key and says why, in one line."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level of the scheme; they stand in the file lowest first."""

    code: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """A gateway of the facility."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """One of the first officers, each a person with an account."""

    username: str
    name: str
    title: str
    email: str
    citizenships: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Founding:
    """A facility with all that its officers need to go on at the screen.

    What is there by its code or name already (scheme, policy, organisation, person) is taken as it
    is; ``levels`` may then be left out.
    """

    scheme: str
    scheme_name: str
    levels: tuple[LevelRow, ...]
    policy: str
    policy_title: str
    facility: str
    facility_name: str
    time_zone: str
    marking: str
    gateways: tuple[GatewayRow, ...]
    organisation: str
    organisation_kind: str
    country: str
    officers: tuple[OfficerRow, ...]


def founding_of(document: Table) -> Founding:
    """What a file says, by its tables as read. Raises :class:`FoundingFault` for the first fault.

    A key that is missing is one, and so is a key that nothing reads: it may be a wanted one,
    misspelt.
    """
    _only(document, "the file", _TOP)
    scheme = _table(document, "scheme", ("code", "name", "levels"))
    policy = _table(document, "policy", ("code", "title"))
    facility = _table(document, "facility", ("code", "name", "time_zone", "marking"))
    organisation = _table(document, "organisation", ("name", "kind", "country"))
    officers = tuple(map(_officer, *_rows(document, "officers", least=LEAST_OFFICERS)))
    for field in ("username", "name"):
        _told_apart("officers", field, [getattr(each, field) for each in officers])
    gateways = tuple(map(_gateway, *_rows(document, "gateways", least=1)))
    _told_apart("gateways", "code", [each.code for each in gateways])
    return Founding(
        scheme=_text(scheme, "scheme", "code"),
        scheme_name=_text(scheme, "scheme", "name"),
        levels=tuple(map(_level, *_rows(scheme, "levels", least=0, path="scheme.levels"))),
        policy=_text(policy, "policy", "code"),
        policy_title=_text(policy, "policy", "title"),
        facility=_text(facility, "facility", "code"),
        facility_name=_text(facility, "facility", "name"),
        time_zone=_zone(facility),
        marking=_text(facility, "facility", "marking"),
        gateways=gateways,
        organisation=_text(organisation, "organisation", "name"),
        organisation_kind=_text(organisation, "organisation", "kind"),
        country=_country(organisation),
        officers=officers,
    )


def _officer(row: Table, path: str) -> OfficerRow:
    _only(row, path, ("username", "name", "title", "email", "citizenships"))
    countries = row.get("citizenships")
    key = f"{path}.citizenships"
    if not isinstance(countries, list) or not countries:
        raise FoundingFault(key, 'All citizenships are needed, such as ["PT", "BR"].')
    return OfficerRow(
        username=_text(row, path, "username"),
        name=_text(row, path, "name"),
        title=_text(row, path, "title", needed=False),
        email=_text(row, path, "email", needed=False),
        citizenships=_countries(countries, key),
    )


def _level(row: Table, path: str) -> LevelRow:
    _only(row, path, ("code", "name", "colour"))
    colour = _text(row, path, "colour")
    if not _COLOUR.fullmatch(colour):
        raise FoundingFault(f"{path}.colour", 'A colour is written like "#1E6B3C".')
    return LevelRow(_text(row, path, "code"), _text(row, path, "name"), colour)


def _gateway(row: Table, path: str) -> GatewayRow:
    _only(row, path, ("code", "name"))
    return GatewayRow(_text(row, path, "code"), _text(row, path, "name"))


def _zone(facility: Table) -> str:
    name = _text(facility, "facility", "time_zone")
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError) as error:
        raise FoundingFault(
            "facility.time_zone", 'No such time zone; it is written like "Europe/London".'
        ) from error


def _country(organisation: Table) -> str:
    code = _text(organisation, "organisation", "country")
    return _countries([code], "organisation.country")[0]


def _countries(codes: Sequence[object], key: str) -> tuple[str, ...]:
    found = tuple(str(code) for code in codes)
    fault = countries_fault(" ".join(found))
    if fault:
        raise FoundingFault(key, fault)
    return found


def _table(document: Table, key: str, known: Sequence[str]) -> Table:
    found = document.get(key)
    if not isinstance(found, dict):
        raise FoundingFault(key, f"A table [{key}] is needed.")
    _only(found, key, known)
    return found


def _rows(
    table: Table, key: str, *, least: int, path: str = ""
) -> tuple[Sequence[Table], Sequence[str]]:
    """The tables of a list, and by which key each is named to the file's author."""
    path, found = path or key, table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise FoundingFault(path, "A list of tables is needed.")
    if len(found) < least:
        raise FoundingFault(path, f"At least {least} are needed.")
    return found, [f"{path}[{number}]" for number in range(1, len(found) + 1)]


def _text(table: Table, path: str, key: str, *, needed: bool = True) -> str:
    found = table.get(key, "")
    if not isinstance(found, str) or (needed and not found.strip()):
        raise FoundingFault(f"{path}.{key}", "A text is needed.")
    return found.strip()


def _only(table: Table, path: str, known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise FoundingFault(f"{path}.{key}", f"Nothing reads it; {', '.join(known)} are read.")


def _told_apart(path: str, key: str, values: Sequence[str]) -> None:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise FoundingFault(f"{path}[{number + 1}].{key}", f"{value} stands there twice.")
