"""``manage.py why PERSON WHERE [TIME]``: would this person get in, or work there; every reason."""

import getpass
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.selectors.why import MOST_NAMED, Assumed, moment_of, people_named
from access.services.why import why_ask
from scif.console.selectors.why_outside_words import explain_outside
from scif.console.selectors.why_words import (
    Explained,
    Words,
    at_the_facility,
    explain,
    local,
    outcome_word,
)
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import Person
from terminals.models import RegisteredPlace
from terminals.rules.place_states import PlaceState
from terminals.selectors.place import members_of
from terminals.services.why_outside import why_outside_ask

MARKS = {"stop": "-", "wait": "?", "info": "!"}


class Command(BaseCommand):
    """Asks the door's own code, or for a registered place that of the desk and of the sign-in.

    Journals that it was asked, under the login of who runs it.
    """

    help = "Would this person get through this door, or work at this place outside, and why not"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, where, when, with what."""
        parser.add_argument("person", help="name, badge number or identifier")
        parser.add_argument("where", help="code of the door, or name of the registered place")
        parser.add_argument(
            "time", nargs="?", default="", help="ISO, local to the facility; now if left out"
        )
        parser.add_argument(
            "--assume",
            choices=[each.value for each in Assumed],
            default=Assumed.BADGE_AND_PIN.value,
            help="what is presented at the door",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system(f"manage.py why, {getpass.getuser()}")
        named = options["where"].replace("\0", "")
        door = Portal.objects.filter(code=named).first()
        person = _person(options["person"], actor)
        where = door or _place(named, person)
        facility = where.zone.area.facility if isinstance(where, Portal) else where.facility
        try:
            at = moment_of(options["time"], facility, now=now())
        except Refused as error:
            raise CommandError(f"{error.message} {error.remedy}") from error
        if isinstance(where, Portal):
            self._door(person, where, at, Assumed(options["assume"]), actor)
        else:
            self._outside(person, where, at, actor)

    def _door(
        self, person: Person, door: Portal, at: datetime, assumed: Assumed, actor: Actor
    ) -> None:
        answer = why_ask(
            person_id=person.pk, portal_id=door.pk, at=at, assumed=assumed, actor=actor
        )
        self._explained(explain(answer))
        spoken = outcome_word(answer.speaks.decision.outcome)
        self._say(f"Judged for {local(at, answer)}, {answer.facility.time_zone}: {spoken}.")

    def _outside(self, person: Person, place: RegisteredPlace, at: datetime, actor: Actor) -> None:
        answer = why_outside_ask(person_id=person.pk, place_id=place.pk, at=at, actor=actor)
        self._explained(explain_outside(answer))
        shown = at_the_facility(at, place.facility)
        self._say(f"Judged for {shown}, {place.facility.time_zone}.")

    def _explained(self, words: Explained) -> None:
        self._say(words.verdict)
        for reason in words.first:
            self._say(f"  - {reason.what} {reason.mend}  [{reason.code}]")
        for each in words.bases:
            self._basis(each)
        if words.cut_off:
            self._basis(words.cut_off)
        self._say("")
        for line in [*words.assumptions, words.source]:
            self._say(line)

    def _basis(self, words: Words) -> None:
        self._say(f"\n{words.title}: {words.outcome}")
        for reason in words.reasons:
            self._say(f"  {MARKS[reason.shape]} {reason.what} {reason.mend}  [{reason.code}]")
        if words.met:
            self._say(f"  met: {'; '.join(words.met)}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)


def _person(text: str, actor: Actor) -> Person:
    people = people_named(text, actor)
    if len(people) != 1:
        named = "; ".join(f"{each} ({each.organisation}) {each.pk}" for each in people[:MOST_NAMED])
        if len(people) > MOST_NAMED:
            named += "; and others: type more of the name"
        raise CommandError(f"whom do you mean? {named}" if named else "nobody is known so")
    return people[0]


def _place(text: str, person: Person) -> RegisteredPlace:
    """The registered place of that name; of several the person's own, a revoked one the last."""
    rows = RegisteredPlace.objects.select_related(
        "facility__policy", "engagement__sponsor", "engagement__asset"
    )
    named = rows.filter(name__iexact=text)
    places = list(named.exclude(state=PlaceState.REVOKED)) or list(named)
    own = [p for p in places if members_of(p).filter(pk=person.pk).exists()]
    found = places if len(places) == 1 else own
    if len(found) == 1:
        return found[0]
    if places:
        told = "; ".join(f"{each} ({each.engagement.reference})" for each in places)
        raise CommandError(f"which place do you mean? {told}")
    doors = ", ".join(Portal.objects.values_list("code", flat=True)[:50])
    outside = ", ".join(rows.exclude(state=PlaceState.REVOKED).values_list("name", flat=True)[:50])
    raise CommandError(
        f"no door or place {text!r}; doors: {doors}; registered places: {outside or 'none'}"
    )
