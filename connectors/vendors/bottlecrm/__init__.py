"""BottleCRM, the open-source CRM that PyPI has as django-crm."""
