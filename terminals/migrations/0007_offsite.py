"""Laptops outside: registered places, custody with a day to be back, budgets; and their grounds.

INVARIANT: the steps of a place are those of ``terminals/rules/place_states.py``; a test compares
them. Whoever writes past the services begins no session outside without an approved place, in its
term, from its network, by the person who signed for the laptop.
"""

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

HOLDERS = """
UPDATE terminals_terminalcustody AS held SET person_id = visit.person_id
    FROM access_visit AS visit WHERE visit.id = held.visit_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""

PLACES = """
CREATE TRIGGER terminals_steps BEFORE INSERT OR UPDATE OR DELETE ON terminals_registeredplace
    FOR EACH ROW EXECUTE FUNCTION terminals_steps('proposed',
        'approved>revoked proposed>approved proposed>revoked');
ALTER TABLE terminals_registeredplace ENABLE ALWAYS TRIGGER terminals_steps;

CREATE FUNCTION terminals_place_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM NEW.network::cidr;
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM access_engagement_areas AS named
            JOIN facilities_area AS area ON area.id = named.area_id
            WHERE named.engagement_id = NEW.engagement_id
                AND area.facility_id = NEW.facility_id) THEN
            RAISE EXCEPTION 'the engagement of place % has no room at its facility', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.state = 'revoked' OR (NEW.facility_id, NEW.engagement_id, NEW.name, NEW.address,
            NEW.network, NEW.ceiling, NEW.hours, NEW.valid_from, NEW.valid_until,
            NEW.registered_by_id, NEW.registered_at)
        IS DISTINCT FROM (OLD.facility_id, OLD.engagement_id, OLD.name, OLD.address,
            OLD.network, OLD.ceiling, OLD.hours, OLD.valid_from, OLD.valid_until,
            OLD.registered_by_id, OLD.registered_at)
        OR (OLD.lab_approved_by_id IS NOT NULL
            AND NEW.lab_approved_by_id IS DISTINCT FROM OLD.lab_approved_by_id)
        OR (OLD.facility_approved_by_id IS NOT NULL
            AND NEW.facility_approved_by_id IS DISTINCT FROM OLD.facility_approved_by_id) THEN
        RAISE EXCEPTION 'place % stands as it was registered', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_place_grounds BEFORE INSERT OR UPDATE ON terminals_registeredplace
    FOR EACH ROW EXECUTE FUNCTION terminals_place_grounds();
ALTER TABLE terminals_registeredplace ENABLE ALWAYS TRIGGER terminals_place_grounds;
"""

CUSTODY = """
CREATE FUNCTION terminals_custody_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM access_visit
                WHERE id = NEW.visit_id AND person_id = NEW.person_id)
            AND NOT EXISTS (SELECT FROM terminals_registeredplace AS place
                JOIN access_engagementmember AS member
                    ON member.engagement_id = place.engagement_id
                JOIN terminals_terminal AS terminal ON terminal.id = NEW.terminal_id
                WHERE place.id = NEW.place_id AND place.state = 'approved'
                    AND place.facility_id = terminal.facility_id
                    AND member.person_id = NEW.person_id
                    AND NEW.issued_at >= place.valid_from AND NEW.due_at > NEW.issued_at
                    AND NEW.due_at <= place.valid_until) THEN
            RAISE EXCEPTION 'laptop % goes to nobody who may have it', NEW.terminal_id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.ended_at IS NOT NULL OR (NEW.terminal_id, NEW.person_id, NEW.visit_id, NEW.place_id,
            NEW.due_at, NEW.issued_by_id, NEW.issued_at, NEW.seals_issued)
        IS DISTINCT FROM (OLD.terminal_id, OLD.person_id, OLD.visit_id, OLD.place_id,
            OLD.due_at, OLD.issued_by_id, OLD.issued_at, OLD.seals_issued) THEN
        RAISE EXCEPTION 'custody % stands as it was signed for', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_custody_grounds BEFORE INSERT OR UPDATE ON terminals_terminalcustody
    FOR EACH ROW EXECUTE FUNCTION terminals_custody_grounds();
ALTER TABLE terminals_terminalcustody ENABLE ALWAYS TRIGGER terminals_custody_grounds;

CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_lossreport
    FOR EACH ROW WHEN (NEW.person_id IS DISTINCT FROM OLD.person_id
        OR (OLD.debriefed_at IS NOT NULL
            AND (NEW.debriefed_by_id, NEW.debriefed_at, NEW.debrief)
            IS DISTINCT FROM (OLD.debriefed_by_id, OLD.debriefed_at, OLD.debrief)))
    EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays_on_record BEFORE DELETE ON terminals_lossreport
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_lossreport ENABLE ALWAYS TRIGGER terminals_stays;
ALTER TABLE terminals_lossreport ENABLE ALWAYS TRIGGER terminals_stays_on_record;
"""

# As in 0006_control, and whether use outside is permitted stays as well.
TERMS = """
DROP TRIGGER terminals_stays ON terminals_engagementterms;
CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_engagementterms
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        OR (NEW.engagement_id, NEW.harness_host, NEW.harness_port, NEW.egress_bytes, NEW.rate_bytes,
            NEW.burst_bytes, NEW.channels, NEW.harness_policy, NEW.two_persons, NEW.moderated,
            NEW.offsite, NEW.proposed_by_id)
        IS DISTINCT FROM (OLD.engagement_id, OLD.harness_host, OLD.harness_port, OLD.egress_bytes,
            OLD.rate_bytes, OLD.burst_bytes, OLD.channels, OLD.harness_policy, OLD.two_persons,
            OLD.moderated, OLD.offsite, OLD.proposed_by_id)
        OR (OLD.lab_approved_by_id IS NOT NULL
            AND NEW.lab_approved_by_id IS DISTINCT FROM OLD.lab_approved_by_id)
        OR (OLD.facility_approved_by_id IS NOT NULL
            AND NEW.facility_approved_by_id IS DISTINCT FROM OLD.facility_approved_by_id)
        OR (OLD.in_force_at IS NOT NULL AND NEW.in_force_at IS DISTINCT FROM OLD.in_force_at))
    EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_engagementterms ENABLE ALWAYS TRIGGER terminals_stays;
"""

SESSIONS = """
CREATE FUNCTION terminals_session_inside(asked terminals_session) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM terminals_terminalcustody AS held
        JOIN access_visit AS visit ON visit.id = held.visit_id
        JOIN access_booking AS booking ON booking.id = visit.booking_id
        WHERE held.terminal_id = asked.terminal_id AND held.ended_at IS NULL
            AND (visit.id, visit.person_id, booking.engagement_id, booking.area_id)
                = (asked.visit_id, asked.person_id, asked.engagement_id, asked.area_id))
$$;
CREATE FUNCTION terminals_session_outside(asked terminals_session) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM terminals_terminalcustody AS held
        JOIN terminals_terminalsignature AS signed
            ON signed.custody_id = held.id AND signed.hand_over = 'issue'
        JOIN terminals_registeredplace AS place ON place.id = held.place_id
        JOIN access_engagement AS mandate ON mandate.id = place.engagement_id
        JOIN access_modelasset AS asset ON asset.id = mandate.asset_id
        JOIN terminals_engagementterms AS terms ON terms.engagement_id = mandate.id
        WHERE held.terminal_id = asked.terminal_id AND held.ended_at IS NULL
            AND (held.person_id, place.id, mandate.id, terms.id)
                = (asked.person_id, asked.place_id, asked.engagement_id, asked.terms_id)
            AND place.state = 'approved' AND asset.security_level <= place.ceiling
            AND terms.offsite AND terms.in_force_at IS NOT NULL AND terms.ended_at IS NULL
            AND asked.granted_at >= place.valid_from AND asked.granted_at < asked.ends_at
            AND asked.ends_at <= least(place.valid_until, held.due_at)
            AND asked.source <<= place.network::cidr)
$$;
CREATE OR REPLACE FUNCTION terminals_session_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT (CASE WHEN NEW.place_id IS NULL THEN terminals_session_inside(NEW)
                ELSE terminals_session_outside(NEW) END) THEN
            RAISE EXCEPTION 'laptop % is not issued to this person', NEW.terminal_id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.state = 'ended' OR (NEW.grant_id, NEW.person_id, NEW.visit_id, NEW.engagement_id,
            NEW.area_id, NEW.place_id, NEW.terminal_id, NEW.terms_id, NEW.source, NEW.granted_at,
            NEW.ends_at, NEW.policy_version) IS DISTINCT FROM (OLD.grant_id, OLD.person_id,
            OLD.visit_id, OLD.engagement_id, OLD.area_id, OLD.place_id, OLD.terminal_id,
            OLD.terms_id, OLD.source, OLD.granted_at, OLD.ends_at, OLD.policy_version)
        OR NEW.bytes_up < OLD.bytes_up OR NEW.bytes_down < OLD.bytes_down THEN
        RAISE EXCEPTION 'session % stands as it was granted', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

LEDGER = """
-- The part of an engagement's budget that may leave at its registered places; a number that the
-- policy of the facility lacks makes a budget of nothing.
CREATE FUNCTION terminals_egress_offsite(engagement uuid, facility uuid) RETURNS bigint
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(limits.of_engagement
        / (profile."values" #>> '{egress_offsite_share,value}')::bigint, 0)
    FROM terminals_egress_limits(engagement, facility) AS limits
    JOIN facilities_facility AS place ON place.id = facility
    JOIN facilities_policyprofile AS profile ON profile.id = place.policy_id
$$;

CREATE OR REPLACE FUNCTION terminals_egress_admit() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF NEW.session_id IS NOT NULL AND NEW.place_id IS DISTINCT FROM
        (SELECT place_id FROM terminals_session WHERE id = NEW.session_id) THEN
        RAISE EXCEPTION 'the bytes of session % left elsewhere', NEW.session_id
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
            FROM terminals_egressledger WHERE asset_id = NEW.asset_id), 0) > most.of_model
        OR (NEW.place_id IS NOT NULL AND NEW.bytes + coalesce((SELECT sum(bytes)
            FROM terminals_egressledger
            WHERE engagement_id = NEW.engagement_id AND place_id IS NOT NULL), 0)
            > coalesce(terminals_egress_offsite(NEW.engagement_id, NEW.facility_id), 0)) THEN
        RAISE EXCEPTION 'the budget of engagement % or of its model does not reach', NEW.engagement_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'egress_within_budget';
    END IF;
    RETURN NEW;
END $$;
"""

ROLE = """
GRANT SELECT ON terminals_registeredplace TO scif_control;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_cost"),
        ("facilities", "0009_currency"),
        ("people", "0001_initial"),
        ("terminals", "0006_control"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisteredPlace",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("address", models.CharField(max_length=200, verbose_name="address")),
                ("network", models.CharField(max_length=43, verbose_name="network")),
                (
                    "ceiling",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="highest security level, 1 to 5",
                    ),
                ),
                ("hours", models.JSONField(default=dict, verbose_name="hours")),
                ("valid_from", models.DateTimeField(verbose_name="valid from")),
                ("valid_until", models.DateTimeField(verbose_name="valid until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for approval"),
                            ("approved", "Approved"),
                            ("revoked", "Revoked"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("registered_at", models.DateTimeField(verbose_name="registered at")),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="approved at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
                (
                    "revoked_why",
                    models.CharField(blank=True, max_length=300, verbose_name="revoked because"),
                ),
            ],
            options={
                "verbose_name": "registered place",
                "verbose_name_plural": "registered places",
                "ordering": ["engagement", "name"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="sessionrequest",
            name="session_request_granted_to_somebody",
        ),
        migrations.AddField(
            model_name="engagementterms",
            name="offsite",
            field=models.BooleanField(default=False, verbose_name="use at registered places"),
        ),
        migrations.AddField(
            model_name="lossreport",
            name="debrief",
            field=models.CharField(blank=True, max_length=300, verbose_name="what he said"),
        ),
        migrations.AddField(
            model_name="lossreport",
            name="debriefed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="debriefed at"),
        ),
        migrations.AddField(
            model_name="lossreport",
            name="debriefed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="lossreport",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="terminals_lost",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="terminalcustody",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="due back at"),
        ),
        migrations.AddField(
            model_name="terminalcustody",
            name="overdue_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="told overdue at"),
        ),
        migrations.AddField(
            model_name="terminalcustody",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="terminals",
                to="people.person",
            ),
        ),
        migrations.RunSQL(HOLDERS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="terminalcustody",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="terminals",
                to="people.person",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="area",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sessions",
                to="facilities.area",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="visit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sessions",
                to="access.visit",
            ),
        ),
        migrations.AlterField(
            model_name="terminalcustody",
            name="visit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="terminals",
                to="access.visit",
            ),
        ),
        migrations.AlterField(
            model_name="terminalsignature",
            name="hand_over",
            field=models.CharField(
                choices=[
                    ("issue", "issue, signed by the holder"),
                    ("return", "return, signed by the guard"),
                ],
                max_length=10,
                verbose_name="hand-over",
            ),
        ),
        migrations.AddConstraint(
            model_name="lossreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("debriefed_at", None), ("debriefed_by", None)),
                    models.Q(
                        ("debriefed_at__isnull", False),
                        ("debriefed_by__isnull", False),
                        ("person__isnull", False),
                        models.Q(("debriefed_by", models.F("person")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="loss_debriefed_by_another",
            ),
        ),
        migrations.AddField(
            model_name="registeredplace",
            name="engagement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="registered_places",
                to="access.engagement",
            ),
        ),
        migrations.AddField(
            model_name="registeredplace",
            name="facility",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="registered_places",
                to="facilities.facility",
            ),
        ),
        migrations.AddField(
            model_name="registeredplace",
            name="facility_approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="registeredplace",
            name="lab_approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="registeredplace",
            name="registered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="registeredplace",
            name="revoked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="egressledger",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="egress",
                to="terminals.registeredplace",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sessions",
                to="terminals.registeredplace",
            ),
        ),
        migrations.AddField(
            model_name="sessionrequest",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="terminals.registeredplace",
            ),
        ),
        migrations.AddField(
            model_name="terminalcustody",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="terminals",
                to="terminals.registeredplace",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("area__isnull", False), ("place", None), ("visit__isnull", False)),
                    models.Q(("area", None), ("place__isnull", False), ("visit", None)),
                    _connector="OR",
                ),
                name="session_inside_or_outside",
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
                        models.Q(
                            ("visit__isnull", False), ("place__isnull", False), _connector="OR"
                        ),
                    ),
                    _connector="OR",
                ),
                name="session_request_granted_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminalcustody",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("place__isnull", False)),
                fields=("person",),
                name="person_has_one_terminal_outside",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminalcustody",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at", None), ("place", None), ("visit__isnull", False)),
                    models.Q(("due_at__isnull", False), ("place__isnull", False), ("visit", None)),
                    _connector="OR",
                ),
                name="terminal_custody_inside_or_outside",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredplace",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "revoked"), _negated=True),
                fields=("engagement", "name"),
                name="place_registered_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gt", models.F("valid_from"))),
                name="place_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("ceiling__range", (1, 5))), name="place_ceiling"
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredplace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("facility_approved_by", None),
                    models.Q(("facility_approved_by", models.F("registered_by")), _negated=True),
                    _connector="OR",
                ),
                name="place_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredplace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("facility_approved_by__isnull", False),
                        ("lab_approved_by__isnull", False),
                        models.Q(
                            ("lab_approved_by", models.F("facility_approved_by")), _negated=True
                        ),
                    ),
                    _connector="OR",
                ),
                name="place_approved_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredplace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("revoked_at__isnull", False),
                        ("state", "revoked"),
                        models.Q(("revoked_why", ""), _negated=True),
                    ),
                    models.Q(models.Q(("state", "revoked"), _negated=True), ("revoked_at", None)),
                    _connector="OR",
                ),
                name="place_revoked_with_a_reason",
            ),
        ),
        *(
            migrations.RunSQL(sql, migrations.RunSQL.noop)
            for sql in (PLACES, CUSTODY, TERMS, SESSIONS, LEDGER, ROLE)
        ),
    ]
