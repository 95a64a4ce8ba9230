"""Runs inside BottleCRM, in its own environment: fills its database from the JSON file SEED, and writes which key each record became.

Rows are made by BottleCRM's own models, since its API makes one at a time.
"""

import json
import os
from pathlib import Path

from accounts.models import Account
from cases.models import Case
from common.models import Org, PersonalAccessToken, Profile, User
from contacts.models import Contact
from opportunity.models import Opportunity

seed = json.loads(Path(os.environ["SEED"]).read_text("utf-8"))
org = Org.objects.create(name="Crosswalk Live", default_currency="EUR", default_country="DE")
user = User.objects.create_user(email="operator@crosswalk.example", password="conformance-secret-operator")
profile = Profile.objects.create(user=user, org=org, role="ADMIN", is_active=True, is_organization_admin=True)

accounts = {ref: Account.objects.create(org=org, **row) for ref, row in seed["accounts"].items()}
contacts = {}
for ref, row in seed["contacts"].items():
    contacts[ref] = Contact.objects.create(org=org, account=accounts.get(row.pop("account")), **row)
for row in seed["opportunities"]:
    linked = [contacts[ref] for ref in row.pop("contacts") if ref in contacts]
    Opportunity.objects.create(org=org, account=accounts.get(row.pop("account")), **row).contacts.add(*linked)
for row in seed["cases"]:
    linked = [contacts[ref] for ref in row.pop("contacts") if ref in contacts]
    Case.objects.create(org=org, account=accounts.get(row.pop("account")), **row).contacts.add(*linked)

operator, _ = PersonalAccessToken.generate(profile, "operator")
PersonalAccessToken.generate(profile, "crosswalk")
keys = {ref: str(one.pk) for ref, one in {**accounts, **contacts}.items()}
Path(os.environ["KEYS"]).write_text(json.dumps({"operator": operator, "keys": keys}), "utf-8")
