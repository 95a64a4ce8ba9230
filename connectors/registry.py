"""Kind of source -> its connector. A vendor's module is imported when a source of its kind is used."""

import importlib
from typing import cast

from connectors.connector import Connector, Options

KINDS: dict[str, str] = {
    "bottlecrm": "connectors.vendors.bottlecrm.connector:BottleCrm",
    "csv": "connectors.vendors.csv.connector:Csv",
    "documents": "connectors.vendors.documents.connector:Documents",
    "erpnext": "connectors.vendors.erpnext.connector:ErpNext",
    "gmail": "connectors.vendors.gmail.connector:Gmail",
    "google_drive": "connectors.vendors.google_drive.connector:GoogleDrive",
    "graphql": "connectors.vendors.graphql.connector:GraphQl",
    "hubspot": "connectors.vendors.hubspot.connector:HubSpot",
    "imap": "connectors.vendors.imap.connector:Imap",
    "mailbox": "connectors.vendors.mailbox.connector:Mailbox",
    "netsuite": "connectors.vendors.netsuite.connector:NetSuite",
    "odoo": "connectors.vendors.odoo.connector:Odoo",
    "outlook": "connectors.vendors.outlook.connector:Outlook",
    "rest": "connectors.vendors.rest.connector:Rest",
    "s3": "connectors.vendors.s3.connector:S3",
    "salesforce": "connectors.vendors.salesforce.connector:Salesforce",
    "sap_business_one": "connectors.vendors.sap_business_one.connector:SapBusinessOne",
    "sap_s4hana": "connectors.vendors.sap_s4hana.connector:SapS4Hana",
    "sharepoint": "connectors.vendors.sharepoint.connector:SharePoint",
    "slack": "connectors.vendors.slack.connector:Slack",
    "sql": "connectors.vendors.sql.connector:Sql",
    "stripe": "connectors.vendors.stripe.connector:Stripe",
    "tryton": "connectors.vendors.tryton.connector:Tryton",
    "webdav": "connectors.vendors.webdav.connector:WebDav",
    "zendesk": "connectors.vendors.zendesk.connector:Zendesk",
}


def connector_class(kind: str) -> type[Connector]:
    """The connector's class. KeyError where there is no such kind."""
    module, name = KINDS[kind].split(":")
    return cast(type[Connector], getattr(importlib.import_module(module), name))


def options_of(kind: str) -> type[Options]:
    """The model of what only this kind of source has."""
    return connector_class(kind).Options
