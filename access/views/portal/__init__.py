"""The auditor's portal."""
