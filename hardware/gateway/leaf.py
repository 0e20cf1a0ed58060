"""A door leaf: what its contact and the handle inside tell, and for how long it stands open."""

from hardware.rules.door import CONTACT, STANDS_OPEN, Contact, ContactAction


class Leaf:
    """The leaf of one portal. Times are monotonic seconds.

    ``heard`` is False while the contact's device gives no answer; what was last heard is kept, so
    that a door forced meanwhile shows as forced when the device is back.
    """

    def __init__(self) -> None:
        self.contact = Contact.UNKNOWN
        self.heard = False
        self._open_since = 0.0
        self._warned = False
        self._pressed = False
        self._asked_until = float("-inf")
        self._asked_anew = False
        self._free_until = float("-inf")
        self._says: bool | None = None
        self._changed_at = float("-inf")
        self.passed = False
        self.explained = False

    @property
    def says_shut(self) -> bool:
        """What the contact says at this moment, be it meant or a bounce."""
        return self._says is False

    def stirs(self, *, opened: bool, now: float, bounce: float) -> bool:
        """The contact says something; tells whether what it said before had lasted, and was meant.

        Changes that follow one another within ``bounce`` seconds are one movement of the leaf;
        ``passed`` tells whether somebody was found to pass in the one that is under way.

        ``explained`` tells that somebody had a reason to open, until the leaf has been shut for
        longer than that and the strike holds: one caught before it latched was not forced.
        """
        if opened == self._says:
            return True
        lasted = self.lasts(now=now, bounce=bounce)
        if lasted:
            self.passed = False
            if opened and now > self._free_until:
                self.explained = False
        self._says, self._changed_at = opened, now
        return lasted

    def lasts(self, *, now: float, bounce: float) -> bool:
        """Whether what the contact says is older than a bounce."""
        return now - self._changed_at > bounce

    @property
    def stands_open(self) -> bool:
        """Whether the contact last said so."""
        return self.contact in STANDS_OPEN

    @property
    def tells(self) -> bool:
        """Whether an opening would be heard now."""
        return self.heard and self.contact is not Contact.UNKNOWN

    def rex(self, *, active: bool, now: float, window: float) -> None:
        """The handle inside is pressed, or let go; an opening soon after still belongs to it.

        A first report that nobody presses it explains nothing, and neither does a request that has
        had its opening: one made and ended while the leaf stood open, too.
        """
        if active and not self._pressed:
            self._asked_anew = True
        elif self._pressed and not active:
            waits = self._asked_anew and not self.stands_open
            self._asked_until = now + window if waits else float("-inf")
        self._pressed = active

    def exit_asked(self, now: float) -> bool:
        """Whether an opening at this moment is somebody leaving by the handle."""
        return self._pressed or now <= self._asked_until

    def asked_anew(self, now: float) -> bool:
        """The same, by a request that has had no opening yet."""
        return self._asked_anew and self.exit_asked(now)

    def freed(self, until: float) -> None:
        """The strike lets go because somebody inside asked: to this moment at the latest."""
        self._free_until = until

    def relocked(self) -> None:
        """The strike holds again."""
        self._free_until = float("-inf")

    def opens(self, *, lawful: bool, now: float) -> bool:
        """The contact opens; False if it was open already."""
        self.heard = True
        if self.stands_open:
            return False
        if lawful:
            action = ContactAction.PASS
        elif self.contact is Contact.UNKNOWN:
            action = ContactAction.FIND_OPEN
        else:
            action = ContactAction.FORCE
        self.contact = CONTACT.next(self.contact, action)
        self._open_since, self._warned = now, False
        self.explained = self.contact is not Contact.FORCED
        # INVARIANT: one request to exit explains one opening.
        self._asked_anew, self._asked_until = False, float("-inf")
        return True

    def shuts(self) -> bool:
        """The contact shuts; False if it was not open."""
        self.heard = True
        if self.contact is Contact.SHUT:
            return False
        was_open = self.stands_open
        self.contact = CONTACT.next(self.contact, ContactAction.SHUT)
        return was_open

    def excuse(self, now: float) -> None:
        """It stands open by order: its time begins anew when the order ends."""
        self._open_since, self._warned = now, False

    def nears(self, *, now: float, limit: float, ahead: float) -> bool:
        """Once, when less than ``ahead`` seconds are left of the limit; never with none ahead."""
        if self.contact is not Contact.OPEN or self._warned or not 0 < ahead < limit:
            return False
        self._warned = limit - ahead < now - self._open_since <= limit
        return self._warned

    def overstays(self, *, now: float, limit: float) -> bool:
        """Once, when it has stood open for longer than the limit in seconds."""
        if self.contact is not Contact.OPEN or now - self._open_since <= limit:
            return False
        self.contact = CONTACT.next(self.contact, ContactAction.OVERSTAY)
        return True


def cause_of(*, asked: bool, shunted: bool, caught: bool) -> str:
    """Why an opening that belongs to no read is no forced door."""
    if asked:
        return "rex"
    return "standing_order" if shunted else "caught" if caught else "unknown"
