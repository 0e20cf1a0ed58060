"""Django's admin application, with the officers' site in place of the stock one.

Apart from ``apps.py``, where Django would take it for the configuration of the console.
"""

from django.contrib.admin.apps import AdminConfig


class OfficerAdminConfig(AdminConfig):
    default_site = "scif.console.admin_site.OfficerSite"
