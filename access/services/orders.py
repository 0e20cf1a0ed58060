"""Orders of the desk to devices: which gateway, which device, how long they may wait."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from access.rules.facts import PolicyFacts
from hardware.models import Command, Device, DeviceKind
from hardware.services.command import OPEN_STATES, command_request
from scif.facilities.models import Facility, LockerBank, Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require


def policy_number(facility: Facility, key: str) -> int:
    """A number of the facility's policy profile; refuses where the profile lacks it."""
    try:
        return _facts(facility).number(key)
    except LookupError as error:
        raise _incomplete(key) from error


def policy_flag(facility: Facility, key: str) -> bool:
    """A yes or no of the facility's policy profile; refuses where the profile lacks it."""
    try:
        return _facts(facility).flag(key)
    except LookupError as error:
        raise _incomplete(key) from error


def policy_words(facility: Facility, key: str) -> frozenset[str]:
    """Words of the facility's policy profile; refuses where the profile lacks them."""
    try:
        return _facts(facility).words(key)
    except LookupError as error:
        raise _incomplete(key) from error


def _facts(facility: Facility) -> PolicyFacts:
    return PolicyFacts(version=facility.policy.label, values=facility.policy.values)


def _incomplete(key: str) -> Refused:
    return Refused(
        "policy_incomplete",
        f"The policy of this facility does not state: {key}.",
        "The facility officer publishes a profile that does.",
    )


def order_request(
    *, device: Device, target: str, verb: str, args: Mapping[str, Any], lifetime: str, actor: Actor
) -> Command:
    """Order something of a device; refuses while the same order still waits for its answer.

    ``lifetime`` is the policy's key for how long the order may wait. The device is locked, last of
    all: of two guards at once one asks and the other waits, and no card gets two numbers.
    """
    Device.objects.select_for_update(of=("self",), no_key=True).get(pk=device.pk)
    gateway = device.bus.gateway
    waiting = Command.objects.filter(
        gateway=gateway, target=target, verb=verb, state__in=OPEN_STATES, deadline__gt=now()
    )
    if verb == "locker_open":
        waiting = waiting.filter(args__lock=args["lock"])
    require(
        not waiting.exists(),
        "order_waiting",
        f"{target} has been asked already and has not answered yet.",
        "Wait for its answer.",
    )
    return command_request(
        gateway=gateway,
        target=target,
        verb=verb,
        args=args,
        lifetime=timedelta(seconds=policy_number(gateway.facility, lifetime)),
        actor=actor,
    )


def locker_board(bank: LockerBank) -> Device:
    """The board that opens a bank's doors; refuses where none is installed."""
    return _device(f"the lockers {bank.code}", bank=bank, kind=DeviceKind.LOCKER_BOARD)


def desk_reader(facility: Facility) -> Device:
    """The desk reader of a facility; refuses where none is installed."""
    return _device("the desk", kind=DeviceKind.DESK_READER, bus__gateway__facility_id=facility.pk)


def door_reader(portal: Portal) -> Device:
    """A reader of a portal, which names the portal's gateway; refuses where none is installed."""
    return _device(f"door {portal.code}", portal=portal, kind=DeviceKind.READER)


def _device(place: str, **lookup: object) -> Device:
    here = Device.objects.select_related("bus__gateway__facility__policy").filter(retired_at=None)
    devices = here.filter(**lookup)
    device = devices.order_by("code").first()
    if device is None:
        raise Refused(
            "not_installed",
            f"No device is installed for {place}.",
            "Call the facility officer.",
        )
    return device
