"""Sessions of laptops, their terms and the bytes that left; what the database holds them to.

INVARIANT: the steps are those of ``terminals/rules/session_states.py``; a test compares them. A sum
that would pass a budget is refused here, whoever writes it and however many write at once.
"""

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

STEPS = """
CREATE TRIGGER terminals_steps BEFORE INSERT OR UPDATE OR DELETE ON terminals_session
    FOR EACH ROW EXECUTE FUNCTION terminals_steps('requested',
        'cutting>ended live>cutting live>ended live>paused paused>cutting paused>ended paused>live requested>cutting requested>ended requested>live');
ALTER TABLE terminals_session ENABLE ALWAYS TRIGGER terminals_steps;

CREATE FUNCTION terminals_session_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM terminals_terminalcustody AS held
            JOIN access_visit AS visit ON visit.id = held.visit_id
            JOIN access_booking AS booking ON booking.id = visit.booking_id
            WHERE held.terminal_id = NEW.terminal_id AND held.ended_at IS NULL
                AND (visit.id, visit.person_id, booking.engagement_id, booking.area_id)
                    = (NEW.visit_id, NEW.person_id, NEW.engagement_id, NEW.area_id)) THEN
            RAISE EXCEPTION 'laptop % is not issued to this person', NEW.terminal_id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.state = 'ended' OR (NEW.grant_id, NEW.person_id, NEW.visit_id, NEW.engagement_id,
            NEW.area_id, NEW.terminal_id, NEW.terms_id, NEW.source, NEW.granted_at, NEW.ends_at,
            NEW.policy_version) IS DISTINCT FROM (OLD.grant_id, OLD.person_id, OLD.visit_id,
            OLD.engagement_id, OLD.area_id, OLD.terminal_id, OLD.terms_id, OLD.source, OLD.granted_at,
            OLD.ends_at, OLD.policy_version)
        OR NEW.bytes_up < OLD.bytes_up OR NEW.bytes_down < OLD.bytes_down THEN
        RAISE EXCEPTION 'session % stands as it was granted', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_session_grounds BEFORE INSERT OR UPDATE ON terminals_session
    FOR EACH ROW EXECUTE FUNCTION terminals_session_grounds();
ALTER TABLE terminals_session ENABLE ALWAYS TRIGGER terminals_session_grounds;
"""

KEPT = """
CREATE TRIGGER terminals_stays BEFORE UPDATE OR DELETE ON terminals_sessionrequest
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_engagementterms
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (NEW.engagement_id, NEW.harness_host, NEW.harness_port, NEW.egress_bytes, NEW.rate_bytes,
            NEW.burst_bytes, NEW.channels, NEW.two_persons, NEW.moderated, NEW.proposed_by_id)
        IS DISTINCT FROM (OLD.engagement_id, OLD.harness_host, OLD.harness_port, OLD.egress_bytes,
            OLD.rate_bytes, OLD.burst_bytes, OLD.channels, OLD.two_persons, OLD.moderated,
            OLD.proposed_by_id)
        OR (OLD.lab_approved_by_id IS NOT NULL
            AND NEW.lab_approved_by_id IS DISTINCT FROM OLD.lab_approved_by_id)
        OR (OLD.facility_approved_by_id IS NOT NULL
            AND NEW.facility_approved_by_id IS DISTINCT FROM OLD.facility_approved_by_id)
        OR (OLD.in_force_at IS NOT NULL AND NEW.in_force_at IS DISTINCT FROM OLD.in_force_at))
    EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays_on_record BEFORE DELETE ON terminals_engagementterms
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_sessionrequest ENABLE ALWAYS TRIGGER terminals_stays;
ALTER TABLE terminals_engagementterms ENABLE ALWAYS TRIGGER terminals_stays;
ALTER TABLE terminals_engagementterms ENABLE ALWAYS TRIGGER terminals_stays_on_record;
"""

LEDGER = """
-- The budgets in bytes; NULL for the model: it has no weights. A number that the policy of the
-- facility lacks makes a budget of nothing.
CREATE FUNCTION terminals_egress_limits(engagement uuid, facility uuid)
    RETURNS TABLE (of_engagement bigint, of_model bigint) LANGUAGE sql STABLE AS $$
    WITH number AS (
        SELECT (profile."values" #>> '{egress_compression,value}')::bigint AS compression,
            (profile."values" #>> '{egress_model_share,value}')::bigint AS model_share,
            (profile."values" #>> '{egress_engagement_share,value}')::bigint AS engagement_share
        FROM facilities_facility AS place
        JOIN facilities_policyprofile AS profile ON profile.id = place.policy_id
        WHERE place.id = facility
    ), mandate AS (
        SELECT asset.weight_bytes AS weights, terms.egress_bytes AS own
        FROM access_engagement AS mandated
        JOIN access_modelasset AS asset ON asset.id = mandated.asset_id
        LEFT JOIN terminals_engagementterms AS terms ON terms.engagement_id = mandated.id
            AND terms.in_force_at IS NOT NULL AND terms.ended_at IS NULL
        WHERE mandated.id = engagement
    )
    SELECT CASE WHEN weights = 0 THEN coalesce(own, 0)
            ELSE least(coalesce(weights / compression / engagement_share, 0), own) END,
        CASE WHEN weights > 0 THEN coalesce(weights / compression / model_share, 0) END
    FROM mandate LEFT JOIN number ON true
$$;

CREATE FUNCTION terminals_egress_admit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'the ledger of what left refuses %', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM access_engagement
        WHERE id = NEW.engagement_id AND asset_id = NEW.asset_id) THEN
        RAISE EXCEPTION 'engagement % is not about this model', NEW.engagement_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- One at a time for a model: the sums below include whatever was debited before.
    PERFORM pg_advisory_xact_lock(hashtextextended('egress:' || NEW.asset_id, 0));
    IF NEW.kind = 'overrun' THEN
        RETURN NEW;
    END IF;
    SELECT * INTO most FROM terminals_egress_limits(NEW.engagement_id, NEW.facility_id);
    IF most.of_engagement IS NULL OR NEW.bytes + coalesce((SELECT sum(bytes)
            FROM terminals_egressledger WHERE engagement_id = NEW.engagement_id), 0)
            > most.of_engagement
        OR NEW.bytes + coalesce((SELECT sum(bytes)
            FROM terminals_egressledger WHERE asset_id = NEW.asset_id), 0) > most.of_model THEN
        RAISE EXCEPTION 'the budget of engagement % or of its model does not reach', NEW.engagement_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'egress_within_budget';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_egress_admit BEFORE INSERT OR UPDATE OR DELETE ON terminals_egressledger
    FOR EACH ROW EXECUTE FUNCTION terminals_egress_admit();
ALTER TABLE terminals_egressledger ENABLE ALWAYS TRIGGER terminals_egress_admit;
REVOKE UPDATE, DELETE ON terminals_egressledger FROM scif_web;
"""

# The control process has a role of its own. It reads what sessions stand on, and writes sessions,
# what they moved, and what its services say beside them; it sees no account and changes nobody's
# rights.
ROLE = """
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scif_control') THEN
        BEGIN
            CREATE ROLE scif_control LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database's migration made it just now
        END;
    END IF;
    GRANT USAGE ON SCHEMA public TO scif_control;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename ~ '^(access|facilities|inspections|terminals)_'
        AND tablename <> 'access_costscenario' LOOP
        EXECUTE format('GRANT SELECT ON %I TO scif_control', name);
    END LOOP;
END $$;
GRANT SELECT ON people_person, people_organisation, people_citizenship, hardware_gateway,
    hardware_gatewaystatus, hardware_bus, hardware_device, hardware_pinfailures, alarms_alarm
    TO scif_control;
CREATE POLICY control_reads ON hardware_gatewaystatus FOR SELECT TO scif_control USING (true);
GRANT INSERT ON journal_outbox, terminals_sessionrequest, terminals_egressledger,
    terminals_quarantine TO scif_control;
GRANT INSERT, UPDATE ON alarms_alarm, terminals_session, terminals_sessionmoderator,
    terminals_attestation TO scif_control;
GRANT UPDATE (state, state_since) ON terminals_terminal TO scif_control;
GRANT UPDATE (delivered_at, confirmed_at, ended_at) ON terminals_terminallock TO scif_control;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("hardware", "0007_ingester"),
        ("journal", "0004_ingester_and_erasure"),
        ("access", "0003_badge_found"),
        ("facilities", "0008_locker_purpose"),
        ("people", "0001_initial"),
        ("terminals", "0002_steps"),
    ]

    operations = [
        migrations.CreateModel(
            name="EngagementTerms",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("harness_host", models.CharField(max_length=253, verbose_name="harness, host")),
                (
                    "harness_port",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(65535),
                        ],
                        verbose_name="harness, port",
                    ),
                ),
                (
                    "egress_bytes",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="own budget, bytes"
                    ),
                ),
                (
                    "rate_bytes",
                    models.PositiveBigIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="most bytes a second",
                    ),
                ),
                (
                    "burst_bytes",
                    models.PositiveBigIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="most bytes at once",
                    ),
                ),
                (
                    "channels",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="channels at once",
                    ),
                ),
                (
                    "two_persons",
                    models.BooleanField(default=False, verbose_name="two people in the room"),
                ),
                (
                    "moderated",
                    models.BooleanField(default=False, verbose_name="moderated by the sponsor"),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                (
                    "in_force_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="in force from"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="access.engagement",
                    ),
                ),
                (
                    "facility_approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "lab_approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of an engagement",
                "verbose_name_plural": "terms of engagements",
                "ordering": ["engagement", "-proposed_at"],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "grant_id",
                    models.CharField(
                        max_length=24,
                        unique=True,
                        validators=[django.core.validators.RegexValidator("^[0-9a-f]{24}\\Z")],
                        verbose_name="grant",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Being granted"),
                            ("live", "Running"),
                            ("paused", "Paused"),
                            ("cutting", "Being cut"),
                            ("ended", "Ended"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=60, verbose_name="because")),
                ("source", models.GenericIPAddressField(verbose_name="laptop's address")),
                ("granted_at", models.DateTimeField(verbose_name="granted at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at the latest")),
                ("connected", models.BooleanField(default=False, verbose_name="connected")),
                (
                    "opened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="first connected at"),
                ),
                (
                    "cut_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ordered to end at"),
                ),
                ("alarmed", models.BooleanField(default=False, verbose_name="alarm raised")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "bytes_up",
                    models.PositiveBigIntegerField(default=0, verbose_name="bytes to the harness"),
                ),
                (
                    "bytes_down",
                    models.PositiveBigIntegerField(default=0, verbose_name="bytes to the laptop"),
                ),
                (
                    "warned",
                    models.CharField(blank=True, max_length=60, verbose_name="last warning"),
                ),
                ("policy_version", models.CharField(max_length=60, verbose_name="policy version")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="facilities.area",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="access.engagement",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="people.person",
                    ),
                ),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="terminals.terminal",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="terminals.engagementterms",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="access.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "ordering": ["-granted_at"],
            },
        ),
        migrations.CreateModel(
            name="EgressLedger",
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
                            ("session", "session"),
                            ("export", "export"),
                            ("unaccounted", "unaccounted for"),
                            ("overrun", "overrun"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("reference", models.CharField(max_length=60, verbose_name="reference")),
                ("bytes", models.PositiveBigIntegerField(verbose_name="bytes")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="egress",
                        to="access.modelasset",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="egress",
                        to="access.engagement",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="egress",
                        to="facilities.facility",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="egress",
                        to="terminals.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "egress",
                "verbose_name_plural": "egress",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="SessionModerator",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "moderator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moderates",
                        to="terminals.session",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moderators",
                        to="terminals.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "moderator of a session",
                "verbose_name_plural": "moderators of sessions",
                "ordering": ["since"],
            },
        ),
        migrations.CreateModel(
            name="SessionRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("credential", models.CharField(max_length=64, verbose_name="credential")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("granted", models.BooleanField(verbose_name="granted")),
                (
                    "pin",
                    models.CharField(
                        choices=[
                            ("unseen", "not looked at"),
                            ("right", "right"),
                            ("wrong", "wrong"),
                        ],
                        default="unseen",
                        max_length=6,
                        verbose_name="PIN",
                    ),
                ),
                ("objections", models.JSONField(default=list, verbose_name="objections")),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="session_requests",
                        to="terminals.terminal",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for a session",
                "verbose_name_plural": "requests for sessions",
                "ordering": ["-at"],
            },
        ),
        migrations.AddConstraint(
            model_name="engagementterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("in_force_at__isnull", False)),
                fields=("engagement",),
                name="terms_in_force_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagementterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("in_force_at", None)),
                fields=("engagement",),
                name="terms_proposed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagementterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("in_force_at", None),
                    models.Q(
                        ("facility_approved_by__isnull", False),
                        ("lab_approved_by__isnull", False),
                        models.Q(
                            ("lab_approved_by", models.F("facility_approved_by")), _negated=True
                        ),
                    ),
                    _connector="OR",
                ),
                name="terms_approved_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagementterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("harness_port__range", (1, 65535))), name="terms_port"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("requested", "live", "paused", "cutting"))),
                fields=("terminal",),
                name="session_of_a_terminal_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("requested", "live", "paused", "cutting"))),
                fields=("visit",),
                name="session_of_a_visit_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", False),
                        ("state", "ended"),
                        models.Q(("why", ""), _negated=True),
                    ),
                    models.Q(models.Q(("state", "ended"), _negated=True), ("ended_at", None)),
                    _connector="OR",
                ),
                name="session_ended_with_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="egressledger",
            index=models.Index(fields=["engagement", "kind"], name="egress_of_engagement"),
        ),
        migrations.AddIndex(
            model_name="egressledger",
            index=models.Index(fields=["asset"], name="egress_of_asset"),
        ),
        migrations.AddConstraint(
            model_name="egressledger",
            constraint=models.CheckConstraint(
                condition=models.Q(("bytes__gt", 0)), name="egress_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="egressledger",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "session"), _negated=True),
                    ("session__isnull", False),
                    _connector="OR",
                ),
                name="egress_of_a_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="sessionmoderator",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)),
                fields=("session",),
                name="session_moderator_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="sessionmoderator",
            constraint=models.CheckConstraint(
                condition=models.Q(("session", models.F("moderator")), _negated=True),
                name="moderator_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="sessionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("granted", False),
                    models.Q(
                        ("objections", []),
                        ("person__isnull", False),
                        ("pin", "right"),
                        ("visit__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="session_request_granted_to_somebody",
            ),
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (STEPS, KEPT, LEDGER, ROLE)),
    ]
