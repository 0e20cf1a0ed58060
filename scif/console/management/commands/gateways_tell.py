"""Tell every gateway its installation and its facility's records anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from access.services.projection import facility_project
from hardware.models import Gateway
from hardware.services.installation import gateway_publish
from scif.kernel.actor import Actor

OPERATOR = Actor.system("operator")


class Command(BaseCommand):
    """After an upgrade whose records say more than before; what a gateway knows is not repeated."""

    help = "Tell every gateway its installation and its facility's records anew."
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def handle(self, *args: Any, **options: Any) -> None:
        for gateway in Gateway.objects.select_related("facility").order_by("code"):
            with transaction.atomic():
                gateway_publish(gateway=gateway, actor=OPERATOR)
                facility_project(facility=gateway.facility)
            self.stdout.write(gateway.code)
