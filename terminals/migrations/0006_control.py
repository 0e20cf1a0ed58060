"""Policies at harnesses; and who may write what the control process answers for.

INVARIANT: a policy that was made does not change. Sessions, who moderates them, what was asked and
what an adapter is told are written by the control process alone: a stolen web role can show no
session ended, held or moderated that is not.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

KEPT = """
DROP TRIGGER terminals_stays ON terminals_engagementterms;
CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_engagementterms
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (NEW.engagement_id, NEW.harness_host, NEW.harness_port, NEW.egress_bytes, NEW.rate_bytes,
            NEW.burst_bytes, NEW.channels, NEW.harness_policy, NEW.two_persons, NEW.moderated,
            NEW.proposed_by_id)
        IS DISTINCT FROM (OLD.engagement_id, OLD.harness_host, OLD.harness_port, OLD.egress_bytes,
            OLD.rate_bytes, OLD.burst_bytes, OLD.channels, OLD.harness_policy, OLD.two_persons,
            OLD.moderated, OLD.proposed_by_id)
        OR (OLD.lab_approved_by_id IS NOT NULL
            AND NEW.lab_approved_by_id IS DISTINCT FROM OLD.lab_approved_by_id)
        OR (OLD.facility_approved_by_id IS NOT NULL
            AND NEW.facility_approved_by_id IS DISTINCT FROM OLD.facility_approved_by_id)
        OR (OLD.in_force_at IS NOT NULL AND NEW.in_force_at IS DISTINCT FROM OLD.in_force_at))
    EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_engagementterms ENABLE ALWAYS TRIGGER terminals_stays;
CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_harnesspolicy
    FOR EACH ROW WHEN (OLD.replaced_at IS NOT NULL
        OR (NEW.engagement_id, NEW.terms_id, NEW.host, NEW.version, NEW.document, NEW.made_at)
        IS DISTINCT FROM (OLD.engagement_id, OLD.terms_id, OLD.host, OLD.version, OLD.document,
            OLD.made_at)
        OR (OLD.confirmed_at IS NOT NULL
            AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at))
    EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays_on_record BEFORE DELETE ON terminals_harnesspolicy
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_harnesspolicy ENABLE ALWAYS TRIGGER terminals_stays;
ALTER TABLE terminals_harnesspolicy ENABLE ALWAYS TRIGGER terminals_stays_on_record;
"""

ROLES = """
GRANT SELECT, INSERT, UPDATE ON terminals_harnesspolicy TO scif_control;
REVOKE INSERT, UPDATE, DELETE ON terminals_session, terminals_sessionmoderator,
    terminals_sessionrequest, terminals_harnesspolicy FROM scif_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_cost"),
        ("terminals", "0005_anomaly"),
    ]

    operations = [
        migrations.AddField(
            model_name="engagementterms",
            name="harness_policy",
            field=models.JSONField(blank=True, null=True, verbose_name="policy at the harness"),
        ),
        migrations.CreateModel(
            name="HarnessPolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("host", models.CharField(max_length=253, verbose_name="harness, host")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("document", models.JSONField(verbose_name="policy")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
                ),
                (
                    "replaced_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="replaced at"),
                ),
                ("spent", models.JSONField(blank=True, default=dict, verbose_name="spent")),
                ("heard_at", models.DateTimeField(blank=True, null=True, verbose_name="heard at")),
                ("alarmed", models.BooleanField(default=False, verbose_name="alarm raised")),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="harness_policies",
                        to="access.engagement",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="harness_policies",
                        to="terminals.engagementterms",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy at a harness",
                "verbose_name_plural": "policies at harnesses",
                "ordering": ["-made_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "version"), name="harness_policy_version_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("engagement", "host"),
                        name="harness_policy_newest_once",
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (KEPT, ROLES)),
    ]
