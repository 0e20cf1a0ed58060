"""Gateways and the devices on their buses, as installed and as last heard."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from hardware.kinds import KINDS, ROLE_TITLES, Kind, Role
from scif.facilities.models import Facility, LockerBank, Portal, Record

DeviceKind = Role
ROLES = [(role.value, title) for role, title in ROLE_TITLES.items()]


class Gateway(Record):
    """A Celery worker beside the doors that owns its serial ports and decides locally, always."""

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="gateways")
    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Bus(Record):
    """A serial port of a gateway and what speaks on it.

    ``driver`` is a row of ``hardware/kinds.py``; a column's choices would need a migration for
    every new one.
    """

    facility_path = "gateway__facility"

    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="buses")
    code = models.SlugField(_("code"), max_length=30, unique=True)
    driver = models.CharField(_("driver"), max_length=20)
    port = models.CharField(_("serial port"), max_length=200)
    baud = models.PositiveIntegerField(_("baud"))
    retired_at = models.DateTimeField(_("taken out at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("bus")
        verbose_name_plural = _("buses")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def kind(self) -> Kind | None:
        """Its row in the table of kinds; None for a driver that is not there any more."""
        return KINDS.get(self.driver)

    def clean(self) -> None:
        """A driver of the table, at a speed that its maker names."""
        if self.kind is None:
            raise ValidationError({"driver": _("There is no such driver.")})
        if self.baud not in self.kind.bauds:
            raise ValidationError({"baud": _("Its devices do not speak at that speed.")})


class Device(Record):
    """One device. A reader stands at a portal and looks one way; a board serves a locker bank.

    ``options`` are the driver's: outputs, inputs, and the doors that hang on them. ``key`` is the
    OSDP secure-channel base key, encrypted under ``osdp.master`` (docs/keys.md); ``next_key`` the
    one that the reader may take until ``window_until``, under the default key if
    ``next_from_default`` (``hardware/services/reader_key.py``). One that was taken out at
    ``retired_at`` has neither place, wires nor key any more; the journal says what it had.
    """

    facility_path = "bus__gateway__facility"

    bus = models.ForeignKey(Bus, models.PROTECT, related_name="devices")
    code = models.SlugField(_("code"), max_length=30, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ROLES)
    address = models.PositiveSmallIntegerField(_("address on the bus"), default=0)
    portal = models.ForeignKey(
        Portal, models.PROTECT, null=True, blank=True, related_name="devices"
    )
    direction = models.CharField(
        _("direction"), max_length=3, blank=True, choices=[("in", _("in")), ("out", _("out"))]
    )
    bank = models.ForeignKey(
        LockerBank, models.PROTECT, null=True, blank=True, related_name="devices"
    )
    key = models.BinaryField(_("encrypted key"), null=True, blank=True, editable=False)
    keyed_at = models.DateTimeField(_("took its key"), null=True, blank=True, editable=False)
    next_key = models.BinaryField(_("encrypted next key"), null=True, blank=True, editable=False)
    next_from_default = models.BooleanField(default=False, editable=False)
    window_until = models.DateTimeField(
        _("may take its next key until"), null=True, blank=True, editable=False
    )
    options = models.JSONField(_("options"), default=dict, blank=True)
    retired_at = models.DateTimeField(_("taken out at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["bus", "address"],
                condition=models.Q(retired_at=None),
                name="device_address_once",
                violation_error_message=_("Another device on this bus has this address."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DeviceState(Record):
    """What the centre last heard of a device. Written by the ingester only."""

    facility_path = "device__bus__gateway__facility"

    device = models.OneToOneField(Device, models.PROTECT, related_name="state")
    online = models.BooleanField(_("online"), default=False)
    secure = models.BooleanField(_("secure channel"), default=False)
    tamper = models.BooleanField(_("tamper"), default=False)
    power_failed = models.BooleanField(_("supply failed"), default=False)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    heard_at = models.DateTimeField(_("last heard"), null=True)

    class Meta:
        verbose_name = _("device state")
        verbose_name_plural = _("device states")

    def __str__(self) -> str:
        return f"{self.device}: {'online' if self.online else 'no answer'}"


class DoorStatus(models.TextChoices):
    """What the centre last heard of a door (screens: status vocabulary)."""

    LOCKED = "locked", _("Locked")
    AJAR = "ajar", _("Granted, opened")
    HELD = "held", _("Held open")
    FORCED = "forced", _("Forced")
    UNKNOWN = "unknown", _("No answer")


class DoorState(Record):
    """What the centre last heard of a door. Written by the ingester only."""

    facility_path = "portal__zone__area__facility"

    portal = models.OneToOneField(Portal, models.PROTECT, related_name="state")
    status = models.CharField(
        _("status"), max_length=10, choices=DoorStatus, default=DoorStatus.UNKNOWN
    )
    # While the contact is away nobody knows; what it told last stands again when it is back.
    told = models.CharField(
        _("told last"), max_length=10, choices=DoorStatus, default=DoorStatus.UNKNOWN
    )
    changed_at = models.DateTimeField(_("changed at"), null=True)

    class Meta:
        verbose_name = _("door state")
        verbose_name_plural = _("door states")

    def __str__(self) -> str:
        return f"{self.portal}: {self.get_status_display()}"
