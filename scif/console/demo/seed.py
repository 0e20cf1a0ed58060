"""Puts the demonstration's world together, in the order in which its parts rest on each other."""

import os
from pathlib import Path

from access.services.cost import cost_scenarios_start
from access.services.projection import facility_project
from hardware.models import Gateway
from hardware.services.installation import gateway_publish
from hardware.simulators.cards import CardStore
from scif.console.demo.airlock import airlock_seed
from scif.console.demo.cards import cards_seed
from scif.console.demo.coming import coming_seed
from scif.console.demo.devices import device_files_write
from scif.console.demo.elsewhere import elsewhere_seed
from scif.console.demo.history import BEGAN, history_seed
from scif.console.demo.mandates import (
    fitness_seed,
    mandates_seed,
    sanitised_seed,
    staff_seed,
    sweeps_seed,
)
from scif.console.demo.people import people_seed
from scif.console.demo.places import SEED, devices_seed, places_seed, schemes_seed
from scif.console.demo.policies import policies_seed
from scif.facilities.models import Facility
from scif.kernel.clock import clock_set, now


def seed(*, history: bool = True) -> bool:
    """Make the world unless it is there, with a week behind it and visits ahead.

    Says whether it was made.
    """
    made = not Facility.objects.exists()
    directory = Path(os.environ["SCIF_SIM_DIR"])
    if made:
        cards = CardStore(directory / "cards")
        began = now() - BEGAN
        with clock_set(lambda: began):
            _world(cards)
        sanitised_seed()
        if history:
            history_seed(cards)
            coming_seed()
            airlock_seed()
    device_files_write(directory)
    return made


def _world(cards: CardStore) -> None:
    """Everything that was there before the first visit."""
    schemes_seed()
    places_seed(policies_seed())
    devices_seed()
    people = people_seed()
    fitness_seed()
    mandates_seed(people)
    staff_seed(people)
    sweeps_seed(people)
    cards_seed(people, cards)
    elsewhere_seed(people)
    for gateway in Gateway.objects.order_by("code"):
        gateway_publish(gateway=gateway, actor=SEED)
        facility_project(facility=gateway.facility)
    for facility in Facility.objects.order_by("code"):
        cost_scenarios_start(facility_id=facility.pk, actor=SEED)
