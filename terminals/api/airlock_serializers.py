"""Items of the airlock as the API speaks of them; never their bytes."""

from typing import Any

from rest_framework import serializers

from terminals.models import AirlockCheck, AirlockItem, AirlockVersion, Ground, Verdict


class ApproveSaid(serializers.Serializer[Any]):
    """Which version was looked at; of an intake, what it was searched with."""

    version = serializers.UUIDField()
    inspection = serializers.CharField(max_length=300, allow_blank=True, default="")


class RefuseSaid(serializers.Serializer[Any]):
    """Which version, what becomes of it, on which ground of the closed list, and where."""

    version = serializers.UUIDField()
    verdict = serializers.ChoiceField(choices=[Verdict.CHANGES.value, Verdict.REJECT.value])
    ground = serializers.ChoiceField(choices=Ground.values)
    reason = serializers.CharField(max_length=1_000)


class AppealSaid(serializers.Serializer[Any]):
    """Why the ground does not apply."""

    statement = serializers.CharField(max_length=1_000)


class CheckShown(serializers.ModelSerializer[AirlockCheck]):
    """What one person said of a version."""

    person = serializers.CharField(source="person.name")

    class Meta:
        model = AirlockCheck
        fields = ["person", "side", "verdict", "ground", "reason", "inspection", "at"]
        read_only_fields = fields


class VersionShown(serializers.ModelSerializer[AirlockVersion]):
    """A version by its hash, with what was said of it."""

    checks = CheckShown(many=True)

    class Meta:
        model = AirlockVersion
        fields = [
            *("id", "number", "name", "sha256", "bytes", "kind", "context", "made_at"),
            *("sealed_at", "checks"),
        ]
        read_only_fields = fields


class ItemShown(serializers.ModelSerializer[AirlockItem]):
    """An item with its versions."""

    engagement = serializers.CharField(source="engagement.reference")
    facility = serializers.CharField(source="facility.code")
    author = serializers.CharField(source="author.name")
    versions = VersionShown(many=True)

    class Meta:
        model = AirlockItem
        fields = [
            *("id", "reference", "direction", "title", "state", "state_since", "engagement"),
            *("facility", "author", "due_at", "overdue", "version", "versions"),
        ]
        read_only_fields = fields
