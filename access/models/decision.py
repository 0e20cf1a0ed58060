"""Decisions at doors and the presence that follows from them, as the gateways reported them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.visit import Visit
from scif.facilities.models import Portal, Record, Zone
from scif.people.models import Person


class AccessDecision(Record):
    """A read at a door and its decision, as the gateway made it. Every read has one."""

    facility_path = "portal__zone__area__facility"

    read_id = models.CharField(max_length=40, unique=True)
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="decisions")
    direction = models.CharField(_("direction"), max_length=3)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    badge = models.CharField(_("badge"), max_length=30, blank=True)
    basis = models.CharField(_("basis of entry"), max_length=20, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10)
    objections = models.JSONField(_("objections"), default=list)
    obligations = models.JSONField(_("obligations"), default=list)
    policy_version = models.CharField(_("policy version"), max_length=60)
    snapshot_version = models.BigIntegerField(_("snapshot version"))
    occurred_at = models.DateTimeField(_("at"), db_index=True)
    gateway = models.CharField(max_length=30)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    relocked_at = models.DateTimeField(_("relocked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("door decision")
        verbose_name_plural = _("door decisions")
        ordering = ["-occurred_at"]

    def __str__(self) -> str:
        return f"{self.portal.code} {self.occurred_at:%H:%M:%S} {self.outcome}"


class Presence(Record):
    """Who is in which zone now, as the zone's owner reported it. Written by the ingester only."""

    facility_path = "zone__area__facility"

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="present")
    person = models.ForeignKey(Person, models.PROTECT, related_name="presence")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="+")
    basis = models.CharField(_("basis of entry"), max_length=20)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [
            models.UniqueConstraint(fields=["zone", "person"], name="present_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.zone}"


class PresenceEvent(Record):
    """An entry or exit, kept for the record."""

    facility_path = "zone__area__facility"

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="events")
    person = models.ForeignKey(Person, models.PROTECT, related_name="presence_events")
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="presence_events"
    )
    direction = models.CharField(_("direction"), max_length=3)
    basis = models.CharField(_("basis of entry"), max_length=20)
    read_id = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("presence event")
        verbose_name_plural = _("presence events")
        ordering = ["-occurred_at"]

    def __str__(self) -> str:
        return f"{self.person} {self.direction} {self.zone}"
