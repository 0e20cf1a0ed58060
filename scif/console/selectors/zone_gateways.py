"""To which gateways a zone can be handed over."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hardware.models import Gateway
from hardware.services.delivery import gateway_silent
from scif.facilities.models import Zone


@dataclass(frozen=True, slots=True)
class OtherGateway:
    """A gateway that does not have the zone, and whether it is heard."""

    gateway: Gateway
    silent: bool

    def __str__(self) -> str:
        words = {"code": self.gateway.code, "name": self.gateway.name}
        if self.silent:
            return _("%(code)s, %(name)s (not heard now)") % words
        return _("%(code)s, %(name)s") % words


def gateways_besides(zone: Zone) -> list[OtherGateway]:
    """The facility's gateways without the one that the zone's readers hang on, by code."""
    here = Gateway.objects.filter(facility=zone.area.facility_id)
    own = here.filter(buses__devices__portal__zone=zone, buses__devices__retired_at=None)
    others = here.exclude(pk__in=own.values("pk")).select_related("facility__policy")
    return [OtherGateway(each, gateway_silent(each)) for each in others.order_by("code")]
