"""Gateways side by side: a role for each, compaction, standing orders, shared PINs, hand-over."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

COMPACTION = """
REVOKE DELETE ON hardware_snapshotfloor FROM scif_web;

-- Web may not delete deltas; this may, those only that a later one of the same key has overtaken
-- up to a version that the gateway itself has confirmed.
CREATE FUNCTION hardware_snapshot_compact(of_gateway text, floor bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    removed bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM public.hardware_gatewaystatus AS status
                   WHERE status.gateway = of_gateway AND status.version >= floor) THEN
        RAISE EXCEPTION 'gateway % has not confirmed version %', of_gateway, floor
            USING ERRCODE = 'restrict_violation';
    END IF;
    DELETE FROM public.hardware_snapshotdelta AS old
    WHERE old.gateway = of_gateway AND old.version < floor AND EXISTS (
        SELECT FROM public.hardware_snapshotdelta AS new
        WHERE new.gateway = old.gateway AND new.kind = old.kind AND new.key = old.key
            AND new.version > old.version AND new.version <= floor);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
REVOKE ALL ON FUNCTION hardware_snapshot_compact FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hardware_snapshot_compact TO scif_web;
"""

# The role of a gateway is scif_gateway_CODE, a member of scif_gateway, which itself logs in no more.
# INVARIANT: a gateway reads and writes rows of its own code only.
ISOLATION = """
DO $$ BEGIN
    IF (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'scif_gateway') THEN
        ALTER ROLE scif_gateway NOLOGIN;
    END IF;
END $$;
GRANT SELECT ON hardware_snapshotfloor TO scif_gateway;

ALTER TABLE hardware_snapshotdelta ENABLE ROW LEVEL SECURITY;
ALTER TABLE hardware_snapshotfloor ENABLE ROW LEVEL SECURITY;
ALTER TABLE hardware_gatewaystatus ENABLE ROW LEVEL SECURITY;
CREATE POLICY web ON hardware_snapshotdelta TO scif_web USING (true) WITH CHECK (true);
CREATE POLICY web ON hardware_snapshotfloor TO scif_web USING (true) WITH CHECK (true);
CREATE POLICY web ON hardware_gatewaystatus FOR SELECT TO scif_web USING (true);
CREATE POLICY own ON hardware_snapshotdelta FOR SELECT TO scif_gateway
    USING (current_user = 'scif_gateway_' || gateway);
CREATE POLICY own ON hardware_snapshotfloor FOR SELECT TO scif_gateway
    USING (current_user = 'scif_gateway_' || gateway);
CREATE POLICY own ON hardware_gatewaystatus TO scif_gateway
    USING (current_user = 'scif_gateway_' || gateway)
    WITH CHECK (current_user = 'scif_gateway_' || gateway);

-- The inbox takes COPY, which row-level security forbids; a trigger sees these rows too.
CREATE FUNCTION hardware_inbox_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% may not write as gateway %', current_user, NEW.gateway
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER hardware_inbox_own BEFORE INSERT ON hardware_inboxevent
    FOR EACH ROW WHEN (starts_with(current_user::text, 'scif_gateway')
                       AND current_user <> 'scif_gateway_' || NEW.gateway)
    EXECUTE FUNCTION hardware_inbox_refuse();

-- Called by the owner (manage.py gateway_role) where a gateway is installed; gives the role's name.
CREATE FUNCTION hardware_gateway_role(code text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name constant text := 'scif_gateway_' || code;
BEGIN
    IF code !~ '^[A-Za-z0-9_-]{1,30}$' THEN
        RAISE EXCEPTION 'not the code of a gateway: %', code;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- roles belong to the cluster: another installation made it just now
        END;
    END IF;
    IF NOT pg_has_role(name, 'scif_gateway', 'MEMBER') THEN
        EXECUTE format('GRANT scif_gateway TO %I', name);
    END IF;
    RETURN name;
END $$;
REVOKE ALL ON FUNCTION hardware_gateway_role FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("facilities", "0001_initial"),
        ("people", "0001_initial"),
        ("hardware", "0002_gateway_grants"),
    ]
    operations = [
        migrations.AddField("snapshotdelta", "written_at", models.DateTimeField(db_default=Now())),
        migrations.AddIndex(
            "snapshotdelta",
            models.Index("gateway", "kind", "key", models.F("version").desc(), name="snapshot_key"),
        ),
        migrations.CreateModel(
            name="SnapshotFloor",
            fields=[
                (
                    "gateway",
                    models.CharField(max_length=30, primary_key=True, serialize=False),
                ),
                ("version", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.BinaryField()),
            ],
            options={
                "verbose_name": "snapshot floor",
                "verbose_name_plural": "snapshot floors",
            },
        ),
        migrations.CreateModel(
            name="ZoneTenure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("epoch", models.PositiveIntegerField(verbose_name="epoch")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("state", models.JSONField(default=dict, verbose_name="as handed over")),
                (
                    "gateway",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hardware.gateway",
                    ),
                ),
                (
                    "zone",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tenure",
                        to="facilities.zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "zone tenure",
                "verbose_name_plural": "zone tenures",
            },
        ),
        migrations.CreateModel(
            name="PinFailures",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("credential", models.CharField(max_length=64, verbose_name="credential")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="wrong PINs")),
                ("last_at", models.DateTimeField(verbose_name="last at")),
                (
                    "until",
                    models.DateTimeField(blank=True, null=True, verbose_name="locked out until"),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="facilities.facility",
                    ),
                ),
                (
                    "gateway",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pin_failures",
                        to="hardware.gateway",
                    ),
                ),
            ],
            options={
                "verbose_name": "wrong PINs",
                "verbose_name_plural": "wrong PINs",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gateway", "credential"), name="pin_failures_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingOrder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "verb",
                    models.CharField(
                        choices=[("door_hold", "Hold open"), ("door_shunt", "Shunt the alarm")],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Waits for a second person"),
                            ("ordered", "Ordered"),
                            ("standing", "Stands"),
                            ("ended", "Ended"),
                            ("lapsed", "Lapsed"),
                            ("failed", "Not carried out"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                ("lapses_at", models.DateTimeField(verbose_name="lapses at")),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
                ),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "ended_why",
                    models.CharField(blank=True, max_length=60, verbose_name="ended because"),
                ),
                (
                    "command",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_order",
                        to="hardware.command",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_orders",
                        to="facilities.portal",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "standing order",
                "verbose_name_plural": "standing orders",
                "ordering": ["-requested_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["ordered", "requested", "standing"])),
                        fields=("portal", "verb"),
                        name="standing_order_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="standing_order_two_people",
                    ),
                ],
            },
        ),
        migrations.RunSQL(COMPACTION, migrations.RunSQL.noop),
        migrations.RunSQL(ISOLATION, migrations.RunSQL.noop),
    ]
