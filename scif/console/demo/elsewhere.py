"""Laptops outside in the demonstration: one engagement permits it, from one registered place.

Its model is of a lower security level than the weights in the enclave. One of its members has a
badge of his own (``cards.py``), with which he would sign in there.
"""

from collections.abc import Mapping

from access.models import Engagement
from scif.console.demo.mandates import actor_for
from scif.console.demo.places import one
from scif.facilities.models import Facility
from scif.people.models import Person
from terminals.services.place import place_approve_facility, place_approve_lab, place_register
from terminals.services.terms import terms_approve_facility, terms_approve_lab, terms_propose

TITLE = "Red-team review of Auriga 2"
PLACE = "Kestrel, secure project room"
# Of the ranges that are kept for documents.
NETWORK, HARNESS = "203.0.113.16/28", "192.0.2.40"
HOURS = {day: ["08:00", "20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def elsewhere_seed(people: Mapping[str, Person]) -> None:
    """Terms that permit it, and the place, each approved by lab and facility."""
    engagement = Engagement.objects.select_related("sponsor__officer__user").get(title=TITLE)
    proposer, officer = actor_for(people["h.marsh"]), actor_for(people["p.ngata"])
    lab = actor_for(engagement.sponsor.officer)
    terms = terms_propose(
        engagement_id=engagement.pk,
        harness_host=HARNESS,
        harness_port=443,
        egress_bytes=None,
        rate_bytes=100_000,
        burst_bytes=1_000_000,
        channels=4,
        two_persons=False,
        moderated=False,
        offsite=True,
        actor=proposer,
    )
    terms_approve_facility(terms_id=terms.pk, actor=officer)
    terms_approve_lab(terms_id=terms.pk, actor=lab)
    place = place_register(
        engagement_id=engagement.pk,
        facility_id=one(Facility, code="ml").pk,
        name=PLACE,
        address="2 Wharf Street, third floor, London",
        network=NETWORK,
        ceiling=3,
        hours=HOURS,
        valid_from=engagement.valid_from,
        valid_until=engagement.valid_until,
        actor=proposer,
    )
    place_approve_facility(place_id=place.pk, actor=officer)
    place_approve_lab(place_id=place.pk, actor=lab)
