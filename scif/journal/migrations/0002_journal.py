"""The journal's tables: what SQL must guard is made in SQL, and Django only knows of it."""

import django.db.models.deletion
from django.db import migrations, models

OUTBOX = """
-- What the database computes from a header; the text always names its zone (Z), which makes the
-- cast depend on nothing but its argument.
CREATE FUNCTION journal_time(value text) RETURNS timestamptz
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$ BEGIN RETURN value::timestamptz; END $$;

-- INVARIANT: what the outbox accepts, the sequencer can sequence; a bad header stops its writer.
CREATE FUNCTION journal_header_valid(header text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    fields jsonb := header::jsonb;
BEGIN
    RETURN octet_length(header) <= 4000
        AND fields ->> 'v' = '1'
        AND length(fields ->> 'kind') BETWEEN 3 AND 100
        AND length(fields #>> '{actor,kind}') BETWEEN 1 AND 20
        AND length(fields #>> '{actor,ref}') BETWEEN 1 AND 200
        AND length(fields #>> '{subject,type}') BETWEEN 1 AND 100
        AND length(fields #>> '{subject,id}') BETWEEN 1 AND 200
        AND ((fields ->> 'facility')::uuid IS NULL) = (fields -> 'facility' = 'null')
        AND fields ->> 'recorded_at' LIKE '%Z'
        AND fields ->> 'occurred_at' LIKE '%Z'
        AND public.journal_time(fields ->> 'recorded_at') IS NOT NULL
        AND public.journal_time(fields ->> 'occurred_at') IS NOT NULL;
END $$;

CREATE TABLE journal_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    header text NOT NULL CHECK (coalesce(journal_header_valid(header), false)),
    salt bytea NOT NULL CHECK (octet_length(salt) >= 16),
    content bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""

ENTRIES = """
CREATE TABLE journal_entry (
    position bigint PRIMARY KEY CHECK (position >= 0),
    header text NOT NULL,
    body_hash bytea NOT NULL CHECK (octet_length(body_hash) = 32),
    leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
    kind text NOT NULL GENERATED ALWAYS AS (header::jsonb ->> 'kind') STORED,
    actor_kind text NOT NULL GENERATED ALWAYS AS (header::jsonb #>> '{actor,kind}') STORED,
    actor_reference text NOT NULL GENERATED ALWAYS AS (header::jsonb #>> '{actor,ref}') STORED,
    subject_type text NOT NULL GENERATED ALWAYS AS (header::jsonb #>> '{subject,type}') STORED,
    subject_id text NOT NULL GENERATED ALWAYS AS (header::jsonb #>> '{subject,id}') STORED,
    facility_id uuid GENERATED ALWAYS AS ((header::jsonb ->> 'facility')::uuid) STORED,
    recorded_at timestamptz NOT NULL
        GENERATED ALWAYS AS (journal_time(header::jsonb ->> 'recorded_at')) STORED,
    occurred_at timestamptz NOT NULL
        GENERATED ALWAYS AS (journal_time(header::jsonb ->> 'occurred_at')) STORED
) PARTITION BY RANGE (position);
CREATE INDEX journal_entry_subject ON journal_entry (subject_type, subject_id, position);
CREATE INDEX journal_entry_facility ON journal_entry (facility_id, position);
CREATE INDEX journal_entry_kind ON journal_entry (kind, position);

CREATE TABLE journal_body (
    position bigint PRIMARY KEY,
    salt bytea,
    content bytea,
    CHECK ((salt IS NULL) = (content IS NULL))
);

CREATE TABLE journal_tile (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    PRIMARY KEY (level, index)
);

CREATE TABLE journal_checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL
);

CREATE TABLE journal_signer (
    key_id text PRIMARY KEY,
    vkey text NOT NULL,
    first_used_at timestamptz NOT NULL
);
"""

# Triggers bind the owner too. ALWAYS: a session that plays replica does not silence them.
GUARDS = """
CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal refuses % of %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION journal_guard_truncate(guarded regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER journal_guard_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT
         EXECUTE FUNCTION public.journal_refuse()', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER journal_guard_truncate', guarded);
END $$;

CREATE FUNCTION journal_guard(guarded regclass, operations text, condition text DEFAULT 'true')
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER journal_guard_rows BEFORE %s ON %s FOR EACH ROW WHEN (%s)
         EXECUTE FUNCTION public.journal_refuse()', operations, guarded, condition);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER journal_guard_rows', guarded);
    PERFORM public.journal_guard_truncate(guarded);
END $$;

SELECT journal_guard('journal_entry', 'UPDATE OR DELETE');
SELECT journal_guard('journal_tile', 'UPDATE OR DELETE');
SELECT journal_guard('journal_checkpoint', 'UPDATE OR DELETE');
SELECT journal_guard('journal_signer', 'UPDATE OR DELETE');
-- Only the sequencer takes from the outbox, and nobody changes what waits there.
SELECT journal_guard('journal_outbox', 'DELETE', 'current_user <> ''scif_sequencer''');
CREATE TRIGGER journal_guard_update BEFORE UPDATE ON journal_outbox
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
ALTER TABLE journal_outbox ENABLE ALWAYS TRIGGER journal_guard_update;
-- A body changes in one way only: to nothing.
SELECT journal_guard('journal_body', 'DELETE');
CREATE TRIGGER journal_guard_update BEFORE UPDATE ON journal_body
    FOR EACH ROW
    WHEN (NEW.position <> OLD.position OR NEW.content IS NOT NULL OR NEW.salt IS NOT NULL)
    EXECUTE FUNCTION journal_refuse();
ALTER TABLE journal_body ENABLE ALWAYS TRIGGER journal_guard_update;
"""

FUNCTIONS = """
-- Make the partition that holds a position, and the next one, with the guards of all others.
-- Row triggers come with ATTACH, statement triggers do not; a fresh table has web's default
-- privileges, which a partition must not have.
CREATE FUNCTION journal_partitions_ensure(wanted bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rows_each constant bigint := 1048576;
    number bigint;
    made integer := 0;
    partition text;
BEGIN
    FOR number IN 0 .. wanted / rows_each + 1 LOOP
        partition := format('public.journal_entry_%s', lpad(number::text, 6, '0'));
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        EXECUTE format('CREATE TABLE %s (LIKE public.journal_entry INCLUDING ALL)', partition);
        EXECUTE format('REVOKE ALL ON %s FROM scif_web', partition);
        EXECUTE format(
            'ALTER TABLE public.journal_entry ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)',
            partition, number * rows_each, (number + 1) * rows_each);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER journal_guard_rows', partition);
        PERFORM public.journal_guard_truncate(partition::regclass);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

CREATE FUNCTION journal_body_erase(positions bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased integer;
BEGIN
    UPDATE public.journal_body SET salt = NULL, content = NULL
        WHERE position = ANY (positions) AND content IS NOT NULL;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;

SELECT journal_partitions_ensure(0);
"""

GRANTS = """
REVOKE ALL ON journal_outbox, journal_entry, journal_body, journal_tile, journal_checkpoint,
    journal_signer FROM scif_web;
GRANT SELECT, INSERT ON journal_outbox TO scif_web;
GRANT SELECT ON journal_entry, journal_body, journal_tile, journal_checkpoint, journal_signer
    TO scif_web;
GRANT SELECT, DELETE ON journal_outbox TO scif_sequencer;
GRANT SELECT, INSERT ON journal_entry, journal_body, journal_tile, journal_checkpoint,
    journal_signer TO scif_sequencer;

REVOKE ALL ON FUNCTION journal_guard(regclass, text, text), journal_guard_truncate(regclass),
    journal_partitions_ensure(bigint), journal_body_erase(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal_partitions_ensure(bigint) TO scif_sequencer;
GRANT EXECUTE ON FUNCTION journal_body_erase(bigint[]) TO scif_web;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_roles")]
    operations = [
        *(migrations.RunSQL(sql) for sql in (OUTBOX, ENTRIES, GUARDS, FUNCTIONS, GRANTS)),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "position",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="position"
                    ),
                ),
                ("header", models.TextField(verbose_name="header")),
                ("body_hash", models.BinaryField()),
                ("leaf_hash", models.BinaryField()),
                ("kind", models.TextField(verbose_name="kind")),
                ("actor_kind", models.TextField(verbose_name="actor's kind")),
                ("actor_reference", models.TextField(verbose_name="actor")),
                ("subject_type", models.TextField(verbose_name="subject's type")),
                ("subject_id", models.TextField(verbose_name="subject")),
                ("facility_id", models.UUIDField(null=True, verbose_name="facility")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                ("occurred_at", models.DateTimeField(verbose_name="occurred")),
            ],
            options={
                "verbose_name": "journal entry",
                "verbose_name_plural": "journal entries",
                "db_table": "journal_entry",
                "ordering": ["position"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "size",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="entries"
                    ),
                ),
                ("root", models.BinaryField()),
                ("note", models.TextField(verbose_name="signed note")),
                ("signed_at", models.DateTimeField(verbose_name="signed")),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "db_table": "journal_checkpoint",
                "ordering": ["size"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("header", models.TextField()),
                ("salt", models.BinaryField()),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "waiting journal entry",
                "verbose_name_plural": "waiting journal entries",
                "db_table": "journal_outbox",
                "ordering": ["id"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Signer",
            fields=[
                ("key_id", models.TextField(primary_key=True, serialize=False)),
                ("vkey", models.TextField(verbose_name="verifier key")),
                ("first_used_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "signer",
                "verbose_name_plural": "signers",
                "db_table": "journal_signer",
                "ordering": ["first_used_at"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={
                "verbose_name": "tile",
                "verbose_name_plural": "tiles",
                "db_table": "journal_tile",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Follower",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=100, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                ("position", models.BigIntegerField(default=0, verbose_name="next position")),
                ("advanced_at", models.DateTimeField(null=True, verbose_name="advanced")),
            ],
            options={
                "verbose_name": "follower",
                "verbose_name_plural": "followers",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Body",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_column="position",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="body",
                        serialize=False,
                        to="journal.entry",
                    ),
                ),
                ("salt", models.BinaryField(null=True)),
                ("content", models.BinaryField(null=True)),
            ],
            options={
                "verbose_name": "journal body",
                "verbose_name_plural": "journal bodies",
                "db_table": "journal_body",
                "managed": False,
            },
        ),
    ]
