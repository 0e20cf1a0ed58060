"""The cards in the drawer: what each is, as far as this facility can tell from its digest."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import Badge, BadgeAssignment, Presence
from access.rules.states import CredentialState
from hardware.drivers.desfire_keys import AID, FILE
from hardware.simulators.cards import Card, CardError, CardStore
from scif.console.bench.world import VIEW, card_store
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import visible


class Pile(IntEnum):
    """Where a card lies, in the order in which the bench shows them."""

    VISITOR = 0
    STAFF = 1
    DRAWER = 2
    ENDED = 3
    UNKNOWN = 4
    BLANK = 5


PILES: Mapping[Pile, str | Promise] = {
    Pile.VISITOR: gettext_lazy("In a visitor's hands"),
    Pile.STAFF: gettext_lazy("Of who works here"),
    Pile.DRAWER: gettext_lazy("In the drawer"),
    Pile.ENDED: gettext_lazy("Lost, revoked, destroyed"),
    Pile.UNKNOWN: gettext_lazy("Not of this facility"),
    Pile.BLANK: gettext_lazy("Blank, erased, copied"),
}
_PILE_OF = {
    CredentialState.BLANK: Pile.BLANK,
    CredentialState.ENCODED: Pile.DRAWER,
    CredentialState.ISSUED: Pile.DRAWER,
    CredentialState.RETURNED: Pile.DRAWER,
}


@dataclass(frozen=True, slots=True)
class Label:
    """A card of the store by its ``name``, with the words that stand on its button.

    ``holder`` is the name of whoever has it, by which its pile is ordered.
    """

    name: str
    title: str
    note: str
    pile: Pile
    holder: str = ""

    @property
    def held(self) -> bool:
        """Whether it is in somebody's hands."""
        return self.pile in {Pile.VISITOR, Pile.STAFF}


def labels(facility: Facility, actor: Actor) -> list[Label]:
    """Every card of the store: pile by pile, held badges first, each by its holder's name."""
    digests = dict(_digests(card_store()))
    badges = visible(Badge.objects.filter(facility=facility), actor, VIEW)
    known = {badge.number_sha256: badge for badge in badges.exclude(number_sha256="")}
    held = {
        assignment.badge_id: assignment
        for assignment in BadgeAssignment.objects.filter(
            badge__in=known.values(), returned_at=None
        ).select_related("person")
    }
    inside = _inside(facility, actor)
    found = []
    for name, digest in digests.items():
        badge = known.get(digest or "")
        if badge is not None:
            found.append(_of_badge(name, badge, held.get(badge.pk), inside))
        elif digest is None:
            title = _("UID copy") if name.startswith("copy-") else _("Blank card")
            found.append(Label(name, title, name, Pile.BLANK))
        else:
            found.append(Label(name, _("Unknown card"), name, Pile.UNKNOWN))
    return sorted(found, key=lambda each: (each.pile, each.holder, each.title, each.name))


def piles(cards: Iterable[Label], find: str = "") -> list[tuple[str, list[Label]]]:
    """The cards whose words have ``find`` in them, by where they lie."""
    wanted = find.casefold().split()
    shown = [
        card
        for card in cards
        if all(each in f"{card.title} {card.note} {card.name}".casefold() for each in wanted)
    ]
    return [(str(PILES[pile]), list(few)) for pile, few in groupby(shown, lambda each: each.pile)]


def title_of(name: str, known: Iterable[Label]) -> str:
    """What a card is called in the log."""
    return next((label.title for label in known if label.name == name), name)


def blank_make() -> str:
    """Take a card as it leaves the factory out of the box; gives its name."""
    store = card_store()
    taken = set(store.names())
    name = next(n for n in (f"card-{i:02d}" for i in range(1, len(taken) + 2)) if n not in taken)
    store.create(name)
    return name


def clone_make(name: str) -> str:
    """Copy the UID of a card onto a blank one, as a cheap copier does; gives the copy's name."""
    store = card_store()
    taken = set(store.names())
    copy = next(n for n in (f"copy-{i:02d}" for i in range(1, len(taken) + 2)) if n not in taken)
    store.create(copy, store.load(name).uid)
    return copy


def _inside(facility: Facility, actor: Actor) -> dict[UUID, str]:
    """Where the people are who are counted inside."""
    rows = visible(Presence.objects.select_related("zone"), actor, VIEW)
    here = rows.filter(zone__area__facility=facility)
    return {each.person_id: each.zone.name for each in here}


def _of_badge(
    name: str, badge: Badge, held: BadgeAssignment | None, inside: Mapping[UUID, str]
) -> Label:
    state = CredentialState(badge.state)
    person = held.person.name if held else ""
    title = f"{badge.code} {person}".strip()
    if held is None or state is not CredentialState.ISSUED:
        pile = _PILE_OF.get(state, Pile.ENDED)
        return Label(name, title, str(_NOTES[state]()), pile, person)
    note, place = badge.get_kind_display(), inside.get(held.person_id)
    if place:
        note = _("%(kind)s, in %(zone)s") % {"kind": note, "zone": place}
    pile = Pile.STAFF if held.visit_id is None else Pile.VISITOR
    return Label(name, title, str(note), pile, person)


def _digests(store: CardStore) -> Iterable[tuple[str, str | None]]:
    """The digest of each card's number, "" for a card that is not ours, None for a blank one."""
    for name in store.names():
        try:
            yield name, _digest(store.load(name))
        except CardError:
            yield name, ""


def _digest(card: Card) -> str | None:
    """INVARIANT: the number itself goes no further than this function."""
    if not card.applications:
        return None
    application = card.applications.get(AID)
    file = application.files.get(FILE) if application else None
    return hashlib.sha256(file.data).hexdigest() if file else ""


_NOTES = {
    CredentialState.BLANK: lambda: _("erased"),
    CredentialState.ENCODED: lambda: _("encoded beforehand"),
    CredentialState.ISSUED: lambda: _("issued"),
    CredentialState.RETURNED: lambda: _("returned"),
    CredentialState.REVOKED: lambda: _("revoked"),
    CredentialState.LOST: lambda: _("lost"),
    CredentialState.DESTROYED: lambda: _("destroyed"),
}
