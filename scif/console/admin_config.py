"""Django's admin application, with the officers' site in place of the stock one.

Apart from ``apps.py``, where Django would take it for the configuration of the console.
"""

from django.contrib.admin.apps import AdminConfig


class OfficerAdminConfig(AdminConfig):
    default_site = "scif.console.admin_site.OfficerSite"

    def ready(self) -> None:
        """Groups carry no permission here: what a role may do stands in ``people/rules``."""
        super().ready()
        from django.contrib import admin
        from django.contrib.auth.models import Group

        if admin.site.is_registered(Group):
            admin.site.unregister(Group)
