"""The numbers that a gateway works by, from the snapshot's record ``policy:current``."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class GatewayPolicy:
    """Numbers by name; each name is a key of the policy profile's values.

    The values here hold only until the centre has said otherwise.
    """

    pin_timeout_seconds: int = 15  # from the card to the end of the PIN
    pin_max_digits: int = 12
    pin_max_failures: int = 5  # of one credential, at all readers together
    pin_max_failures_alone: int = 3  # the same while the other gateways cannot be heard
    pin_alone_seconds: int = 5  # without the centre's word for longer than this, it is alone
    pin_lockout_seconds: int = 300
    strike_ack_tenths: int = 20  # a strike command that the wire has not taken by then is dropped
    contact_grace_tenths: int = 20  # how late after the pulse a contact may tell of an opening
    rex_late_tenths: int = 5  # how long after an opening its request to exit may be reported
    rex_window_tenths: int = 50  # how long after a request to exit an opening belongs to it
    held_warning_seconds: int = 10  # how long before its held-open limit a door warns; 0: never
    snapshot_age: int = 900  # seconds; an older snapshot is called stale
    command_max_seconds: int = 120  # a signed command that asks to live longer is refused
    command_skew_seconds: int = 5  # how far in the future a command may have been issued
    command_grace_seconds: int = 3  # until the word of an order's outcome must be at the centre
    refused_commands_per_minute: int = 30  # journaled one by one; more are counted
    locker_open_seconds: int = 3  # a lock that has not opened by then is jammed
    card_encode_seconds: int = 15
    hold_max_minutes: int = 30  # a door held open by order of two people
    hold_pulse_tenths: int = 100  # the strike's own timer while held: a dead gateway relocks
    shunt_max_minutes: int = 60  # a door whose openings are no alarm, by order of two people
    clock_jump_ms: int = 1000
    clock_tolerance: int = 5  # seconds by which the clock may be off and decide
    second_person_seconds: int = 20  # how long the first of two waits for the second
    bus_stuck_seconds: int = 5
    contact_bounce_ms: int = 60  # changes of a contact that follow sooner are one movement
    unseen_seconds: int = 3  # a door out of sight for longer leaves an occupied zone in doubt
    device_silence_seconds: int = 8  # how long a device may be silent until it is called gone
    device_start_seconds: int = 5  # a device that is new here may take so long to answer
    edge_capacity_mb: int = 1536  # five days of 64 doors, each passed once a minute
    edge_reserve_mb: int = 16  # kept free for what happens without being asked: exits, openings
    uid_only_cards: bool = False  # whether a card that proves nothing counts as a badge
    refused_text: str = "Please see the guard"
    granted_text: str = "Go ahead"  # to whoever leaves, whatever was objected

    @classmethod
    def of(cls, record: Mapping[str, Any] | None) -> "GatewayPolicy":
        """The policy of a record; a value of the wrong type or absent keeps its default."""
        values = (record or {}).get("values", record or {})
        found: dict[str, Any] = {}
        for field in fields(cls):
            value = values.get(field.name) if isinstance(values, Mapping) else None
            if isinstance(value, Mapping):
                value = value.get("value")
            wanted = type(field.default)
            if isinstance(value, wanted) and isinstance(value, bool) is (wanted is bool):
                found[field.name] = value
        return cls(**found)
