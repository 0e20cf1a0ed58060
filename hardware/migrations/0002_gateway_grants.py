"""What the gateway's role may touch: its inbox, its snapshot, its status, and nothing else."""

from django.db import migrations

GRANT = """
REVOKE UPDATE, DELETE ON hardware_inboxevent FROM scif_web;
GRANT UPDATE (applied_at, quarantine) ON hardware_inboxevent TO scif_web;
REVOKE UPDATE, DELETE ON hardware_snapshotdelta FROM scif_web;
REVOKE INSERT, UPDATE, DELETE ON hardware_gatewaystatus FROM scif_web;
GRANT INSERT ON hardware_inboxevent TO scif_gateway;
GRANT USAGE ON SEQUENCE hardware_inboxevent_id_seq TO scif_gateway;
GRANT SELECT ON hardware_snapshotdelta TO scif_gateway;
GRANT SELECT, INSERT, UPDATE ON hardware_gatewaystatus TO scif_gateway;
"""


class Migration(migrations.Migration):
    dependencies = [("hardware", "0001_initial"), ("journal", "0001_roles")]
    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]
