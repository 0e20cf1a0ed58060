"""What activity at laptops looks like, and what the database holds its findings to.

INVARIANT: an anomaly is of its session's person, gets no milder, and once reviewed never changes.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

FINDINGS = """
CREATE FUNCTION terminals_anomaly_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.verdict <> '' OR NOT EXISTS (SELECT FROM terminals_session
                WHERE id = NEW.session_id AND person_id = NEW.person_id) THEN
            RAISE EXCEPTION 'an anomaly is of its session''s person and waits for a review'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF TG_OP = 'DELETE' OR OLD.verdict <> ''
        OR (OLD.grave_at IS NOT NULL AND NEW.grave_at IS DISTINCT FROM OLD.grave_at)
        OR (NEW.id, NEW.session_id, NEW.person_id, NEW.kind, NEW.raised_at)
            IS DISTINCT FROM (OLD.id, OLD.session_id, OLD.person_id, OLD.kind, OLD.raised_at) THEN
        RAISE EXCEPTION 'anomaly % stands as it was found', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_anomaly_stands BEFORE INSERT OR UPDATE OR DELETE ON terminals_anomaly
    FOR EACH ROW EXECUTE FUNCTION terminals_anomaly_stands();
ALTER TABLE terminals_anomaly ENABLE ALWAYS TRIGGER terminals_anomaly_stands;
"""

# The control process finds and acts; it reviews nothing.
GRANTS = """
REVOKE DELETE ON terminals_anomaly FROM scif_web;
GRANT SELECT ON terminals_anomaly, terminals_activitybaseline, terminals_activitysums,
    terminals_sessionactivity TO scif_control;
GRANT INSERT, UPDATE ON terminals_activitybaseline, terminals_activitysums,
    terminals_sessionactivity TO scif_control;
GRANT INSERT, UPDATE (grave_at, params, plot, policy_version, consequence, review_by, overdue)
    ON terminals_anomaly TO scif_control;
GRANT INSERT ON terminals_terminallock TO scif_control;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_cost"),
        ("facilities", "0009_currency"),
        ("people", "0001_initial"),
        ("terminals", "0004_airlock"),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionActivity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("diary", models.JSONField(verbose_name="diary")),
                ("trail", models.JSONField(verbose_name="trail")),
                ("seen_at", models.DateTimeField(db_index=True, verbose_name="last seen at")),
                (
                    "learnt_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="learnt at"),
                ),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activity",
                        to="terminals.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "activity of a session",
                "verbose_name_plural": "activity of sessions",
            },
        ),
        migrations.CreateModel(
            name="ActivityBaseline",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("black_box", "black-box"),
                            ("grey_box", "grey-box"),
                            ("white_box", "white-box"),
                            ("outside_the_box", "outside-the-box"),
                            ("documents", "documents"),
                        ],
                        max_length=20,
                        verbose_name="kind of engagement",
                    ),
                ),
                ("record", models.JSONField(verbose_name="record")),
                ("learnt_at", models.DateTimeField(db_index=True, verbose_name="last learnt at")),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="facilities.facility",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "baseline of activity",
                "verbose_name_plural": "baselines of activity",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("facility", "person", "kind"), name="activity_baseline_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ActivitySums",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record", models.JSONField(verbose_name="record")),
                ("seen_at", models.DateTimeField(db_index=True, verbose_name="last seen at")),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.engagement",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "sums of activity",
                "verbose_name_plural": "sums of activity",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "engagement"), name="activity_sums_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Anomaly",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("burst", "much at once"),
                            ("leak", "no quiet window"),
                            ("hours", "odd hours"),
                            ("keys", "scripted keys"),
                            ("scrape", "pages by a clock"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("raised_at", models.DateTimeField(db_index=True, verbose_name="raised at")),
                (
                    "grave_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="grave since"),
                ),
                ("params", models.JSONField(verbose_name="figures")),
                ("plot", models.JSONField(verbose_name="plot")),
                ("policy_version", models.CharField(max_length=60, verbose_name="policy version")),
                (
                    "consequence",
                    models.CharField(
                        choices=[
                            ("flag", "flagged"),
                            ("slow", "slowed"),
                            ("pause", "paused"),
                            ("lock", "locked"),
                        ],
                        max_length=5,
                        verbose_name="consequence",
                    ),
                ),
                (
                    "review_by",
                    models.DateTimeField(blank=True, null=True, verbose_name="to be reviewed by"),
                ),
                ("overdue", models.BooleanField(default=False, verbose_name="review overdue")),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "upheld"), ("false_alarm", "false alarm")],
                        max_length=11,
                        verbose_name="verdict",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="what was found"),
                ),
                (
                    "reviewed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="reviewed at"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anomalies",
                        to="people.person",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anomalies",
                        to="terminals.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "anomaly",
                "verbose_name_plural": "anomalies",
                "ordering": ["-raised_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", "")),
                        fields=("session", "kind"),
                        name="anomaly_of_a_kind_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("consequence__in", ["flag", "slow", "pause", "lock"]),
                            ("kind__in", ["burst", "leak", "hours", "keys", "scrape"]),
                        ),
                        name="anomaly_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("reason", ""),
                                ("reviewed_at", None),
                                ("reviewed_by", None),
                                ("verdict", ""),
                            ),
                            models.Q(
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                ("verdict__in", ["upheld", "false_alarm"]),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="anomaly_reviewed_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by", None),
                            models.Q(("reviewed_by", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="anomaly_reviewed_by_another",
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (FINDINGS, GRANTS)),
    ]
