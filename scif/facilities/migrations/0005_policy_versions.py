"""A published version of a policy profile stays as it is: decisions name it."""

from django.db import migrations

VERSIONS = """
-- INVARIANT: what a decision was made under can be read years later.
CREATE FUNCTION facilities_policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'policy %/% is published and refuses %', OLD.code, OLD.version, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'A change is a new version.';
END $$;
CREATE TRIGGER facilities_policy_stays BEFORE UPDATE OR DELETE ON facilities_policyprofile
    FOR EACH ROW EXECUTE FUNCTION facilities_policy_stays();
ALTER TABLE facilities_policyprofile ENABLE ALWAYS TRIGGER facilities_policy_stays;
"""
UNDO = """
DROP TRIGGER facilities_policy_stays ON facilities_policyprofile;
DROP FUNCTION facilities_policy_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("facilities", "0004_offline_rule")]

    operations = [migrations.RunSQL(VERSIONS, UNDO)]
