"""``manage.py why PERSON PORTAL [TIME]``: would this person get in, and every reason."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.selectors.why import Assumed, moment_of, people_named
from access.services.why import why_ask
from scif.console.selectors.why_words import Words, explain, local, outcome_word
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused

MARKS = {"stop": "-", "wait": "?", "info": "!"}


class Command(BaseCommand):
    """Asks the door's own code; journals that it was asked, under the login of who runs it."""

    help = "Would this person get through this door, and why not"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, which door, when, with what."""
        parser.add_argument("person", help="name, badge number or identifier")
        parser.add_argument("portal", help="code of the door")
        parser.add_argument(
            "time", nargs="?", default="", help="ISO, local to the facility; now if left out"
        )
        parser.add_argument(
            "--assume",
            choices=[each.value for each in Assumed],
            default=Assumed.BADGE_AND_PIN.value,
            help="what is presented",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system(f"manage.py why, {getpass.getuser()}")
        door = Portal.objects.filter(code=options["portal"].replace("\0", "")).first()
        if door is None:
            known = ", ".join(Portal.objects.values_list("code", flat=True)[:50])
            raise CommandError(f"no door {options['portal']!r}; there are: {known}")
        people = people_named(options["person"], actor)
        if len(people) != 1:
            named = "; ".join(f"{each} ({each.organisation}) {each.pk}" for each in people)
            raise CommandError(f"whom do you mean? {named}" if named else "nobody is known so")
        try:
            at = moment_of(options["time"], door.zone.area.facility, now=now())
        except Refused as error:
            raise CommandError(f"{error.message} {error.remedy}") from error
        answer = why_ask(
            person_id=people[0].pk,
            portal_id=door.pk,
            at=at,
            assumed=Assumed(options["assume"]),
            actor=actor,
        )
        words = explain(answer)
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
        spoken = outcome_word(answer.speaks.decision.outcome)
        self._say(f"Judged for {local(at, answer)}, {answer.facility.time_zone}: {spoken}.")

    def _basis(self, words: Words) -> None:
        self._say(f"\n{words.title}: {words.outcome}")
        for reason in words.reasons:
            self._say(f"  {MARKS[reason.shape]} {reason.what} {reason.mend}  [{reason.code}]")
        if words.met:
            self._say(f"  met: {', '.join(words.met)}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
