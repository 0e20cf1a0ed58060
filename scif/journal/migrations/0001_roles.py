"""The database roles of the processes, before any table exists.

Roles belong to the whole cluster: several databases may be migrated at once, and a database
administrator may have made the roles beforehand. They get no password here.
"""

from django.db import migrations

ROLES = """
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['scif_web', 'scif_sequencer', 'scif_gateway'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database's migration made it just now
            END;
        END IF;
    END LOOP;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO scif_web, scif_sequencer, scif_gateway;

-- The web processes may read and write every ordinary table, those of later migrations too.
-- The sequencer and the gateways get nothing but what a migration grants them by name.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO scif_web;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO scif_web;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO scif_web;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO scif_web;

-- Which migrations have run is the owner's to say.
DO $$
BEGIN
    IF to_regclass('public.django_migrations') IS NOT NULL THEN
        REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM scif_web;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    # First of all: whatever Django's own apps create already falls under the default privileges.
    run_before = [("contenttypes", "0001_initial"), ("facilities", "0001_initial")]
    operations = [migrations.RunSQL(ROLES, migrations.RunSQL.noop)]
