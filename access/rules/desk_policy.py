"""The policy values that the desk reads, with the defaults of the shipped profile."""

from access.rules.policy_keys import LOCAL, PolicyKey

DESK_KEYS: dict[str, PolicyKey] = {
    "pin_digits": PolicyKey(
        "Digits of a PIN, random and not linked to the person", "digits", "R24; " + LOCAL, 6
    ),
    "unlock_lifetime": PolicyKey(
        "How long a guard's order to unlock a door may wait for the door", "seconds", LOCAL, 10
    ),
    "locker_lifetime": PolicyKey(
        "How long an order to open a locker may wait for its board", "seconds", LOCAL, 15
    ),
    "card_lifetime": PolicyKey(
        "How long an order to the desk reader may wait for a card", "seconds", LOCAL, 45
    ),
    "alarm_response": PolicyKey(
        "How soon somebody must be on the spot of an alarm", "seconds", "R11, ICD 705", 900
    ),
}
