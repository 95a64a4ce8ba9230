"""The tables of the ERP vendors, each tried on a payload as the vendor sends it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.apis import odata
from connectors.mapping.staged import Activity, Claim, Mapped
from connectors.records import Landed
from connectors.vendors.netsuite import mapping as netsuite
from connectors.vendors.sap_business_one import mapping as business_one
from connectors.vendors.sap_s4hana import mapping as s4


def participants(found: Activity | None) -> list[tuple[str, str]]:
    assert found
    return [(one.role, one.party_ref) for one in found.participants]


def landed(stream: str, key: str, payload: dict[str, Any]) -> Landed:
    return Landed(f"erp/{stream}/{key}", "erp", stream, key, payload)


def b1(stream: str, key: str, payload: dict[str, Any]) -> Mapped:
    said = business_one.map_record(landed(stream, key, payload), {})
    assert not said.doubts
    return said


def test_business_one_partners_bring_their_addresses_and_contacts() -> None:
    said = b1(
        "partners",
        "C20000",
        {
            "CardCode": "C20000", "CardName": "Berg GmbH", "CardForeignName": None, "CardType": "cCustomer", "CompanyPrivate": "cCompany",
            "EmailAddress": "info@berg.example", "Phone1": "0421 5550", "Phone2": None, "Website": "www.berg.example", "FatherCard": "C1",
            "FederalTaxID": "DE123456789", "VatIDNum": None, "CompanyRegistrationNumber": "HRB 4711",
            "UpdateDate": "2026-03-02T00:00:00Z", "UpdateTime": "09:15:00",
            "BPAddresses": [
                {"AddressName": "Bill to", "Street": "Am Markt", "StreetNo": "1", "ZipCode": "28195", "City": "Bremen", "Country": "DE"},
                {"AddressName": "Ship to", "Street": "Am Markt", "StreetNo": "1", "ZipCode": "28195", "City": "Bremen", "Country": "DE"},
                {"AddressName": "Works", "Street": "Kai 9", "StreetNo": None, "BuildingFloorRoom": "3. OG",
                 "ZipCode": "28217", "City": "Bremen", "Country": "DE"},
                {"AddressName": "Empty", "Street": None, "City": None, "Country": "DE"},
            ],
            "ContactEmployees": [
                {"InternalCode": 7, "CardCode": "C20000", "Name": "Berg, Anna", "FirstName": "Anna", "LastName": "Berg", "Active": "tYES",
                 "E_Mail": "Anna@berg.example", "MobilePhone": "0170 555", "Position": "Buyer"},
                {"InternalCode": 8, "CardCode": "C20000", "Name": "Old", "Active": "tNO"},
            ],
        },
    )  # fmt: skip
    company, anna = said.parties
    assert company.kind == "organization"
    assert company.observed_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert company.attributes["vat"] == ["DE123456789"]
    assert "tax_id" not in company.attributes
    assert company.attributes["address"] == [
        {"street": "Am Markt 1", "postcode": "28195", "city": "Bremen", "country": "DE"},
        {"street": "Kai 9 3. OG", "postcode": "28217", "city": "Bremen", "country": "DE"},
    ]
    assert (anna.stream, anna.key, anna.kind, anna.attributes["name"]) == ("contacts", "7", "person", ["Anna Berg"])
    assert list(said.claims) == [
        Claim("parent", "erp/partners/C20000", "erp/partners/C1"),
        Claim("employment", "erp/contacts/7", "erp/partners/C20000", {"title": "Buyer"}),
    ]


def test_business_one_a_private_partner_is_a_person_and_a_number_without_a_country_no_vat_number() -> None:
    (found,) = b1(
        "partners", "P1", {"CardCode": "P1", "CardName": "Anna Berg", "CompanyPrivate": "cPrivate", "FederalTaxID": "12-345"}
    ).parties
    assert (found.kind, found.attributes["tax_id"]) == ("person", ["12-345"])


DOCUMENT: dict[str, Any] = {
    "DocEntry": 31, "DocNum": 1031, "CardCode": "C20000", "CardName": "Berg GmbH", "ContactPersonCode": 7,
    "DocDate": "2026-03-02T00:00:00Z", "DocDueDate": "2026-04-01T00:00:00Z",
    "DocTotal": 119.0, "DocTotalFc": 0.0, "VatSum": 19.0, "DocCurrency": "EUR", "NumAtCard": "PO-9",
    "DocumentStatus": "bost_Open", "Cancelled": "tNO", "PaidToDate": 0.0,
}  # fmt: skip


def test_business_one_documents() -> None:
    order = b1("orders", "31", DOCUMENT).activity
    assert order
    assert (order.title, order.status, order.amount, order.currency) == ("Order 1031", "open", Decimal("119.00"), "EUR")
    assert participants(order) == [("customer", "erp/partners/C20000"), ("contact", "erp/contacts/7")]
    invoice = b1("invoices", "31", {**DOCUMENT, "DocumentStatus": "bost_Close"}).activity
    assert invoice
    assert (invoice.kind, invoice.status, invoice.attributes["due_on"]) == ("invoice", "paid", "2026-04-01")
    cancelled = b1("orders", "31", {**DOCUMENT, "Cancelled": "tYES", "ContactPersonCode": 0}).activity
    assert cancelled
    assert cancelled.status == "cancelled"
    assert participants(cancelled) == [("customer", "erp/partners/C20000")]


def test_business_one_amounts_are_in_the_documents_own_currency_and_a_credit_notes_below_zero() -> None:
    foreign = b1("credit_notes", "31", {**DOCUMENT, "DocTotalFc": 130.5, "DocCurrency": "$"}).activity
    assert foreign
    assert (foreign.title, foreign.amount, foreign.currency) == ("Credit note 1031", Decimal("-130.50"), "USD")


def test_business_one_a_payment_is_the_sum_of_its_means() -> None:
    paid = {
        "DocEntry": 5, "DocNum": 5, "DocDate": "2026-03-03T00:00:00Z", "CardCode": "C20000", "CashSum": 10.0, "TransferSum": 100.0,
        "PaymentChecks": [{"CheckSum": 9.0}], "PaymentCreditCards": [], "DocCurrency": "EUR", "Cancelled": "tNO", "TransferReference": "R1",
    }  # fmt: skip
    found = b1("payments", "5", paid).activity
    assert found
    assert (found.amount, found.status, found.attributes["reference"]) == (Decimal("119.00"), "paid", "R1")


def test_business_one_service_calls() -> None:
    call = {
        "ServiceCallID": 3, "DocNum": 3, "Subject": "Pump leaks", "Description": "Since Monday", "CustomerCode": "C20000", "ContactCode": 7,
        "Status": -3, "Priority": "scp_High", "CreationDate": "2026-03-02T00:00:00Z", "Resolution": None,
    }  # fmt: skip
    found = b1("service_calls", "3", call).activity
    assert found
    assert (found.kind, found.status, found.attributes["priority"], found.untrusted) == ("ticket", "open", "high", True)
    assert participants(found) == [("customer", "erp/partners/C20000"), ("contact", "erp/contacts/7")]


def ns(stream: str, key: str, payload: dict[str, Any], url: str = "https://1.suitetalk.api.netsuite.com") -> Mapped:
    said = netsuite.map_record(landed(stream, key, payload), {}, url)
    assert not said.doubts
    return said


def test_netsuite_customers_are_companies_or_persons() -> None:
    company = {
        "id": "107", "entityid": "C107 Berg GmbH", "companyname": "Berg GmbH", "isperson": "F", "email": "info@berg.example",
        "phone": "0421 5550", "url": "http://berg.example", "vatregnumber": "DE123456789", "parent": "9", "searchstage": "Customer",
        "addr1": "Am Markt 1", "addr2": "3. OG", "city": "Bremen", "zip": "28195", "country": "DE", "isinactive": "F",
        "lastmodifieddate": "2026-03-02 08:15:00", "datecreated": "2020-01-01 00:00:00",
    }  # fmt: skip
    said = ns("customers", "107", company)
    (found,) = said.parties
    assert (found.kind, found.attributes["name"], found.attributes["vat"]) == ("organization", ["Berg GmbH"], ["DE123456789"])
    assert found.attributes["address"] == [{"street": "Am Markt 1 3. OG", "postcode": "28195", "city": "Bremen", "country": "DE"}]
    assert found.url == "https://1.app.netsuite.com/app/common/entity/custjob.nl?id=107"
    assert list(said.claims) == [Claim("parent", "erp/customers/107", "erp/customers/9")]
    (person,) = ns(
        "customers", "8", {"id": "8", "isperson": "T", "firstname": "Anna", "lastname": "Berg", "companyname": "Berg GmbH"}
    ).parties
    assert (person.kind, person.attributes) == (
        "person",
        {"given_name": ["Anna"], "family_name": ["Berg"], "employer": ["Berg GmbH"]},
    )


def test_netsuite_contacts() -> None:
    contact = {"id": "12", "firstname": "Anna", "lastname": "Berg", "email": "anna@berg.example", "title": "Buyer", "company": "107"}
    said = ns("contacts", "12", contact)
    assert said.parties[0].kind == "person"
    assert list(said.claims) == [Claim("employment", "erp/contacts/12", "erp/customers/107", {"title": "Buyer"})]


def test_netsuite_transactions() -> None:
    row = {
        "id": "55", "tranid": "SO55", "entity": "107", "status": "SalesOrd:B", "foreigntotal": "119.00", "currency": "EUR",
        "trandate": "2026-03-02", "otherrefnum": "PO-9", "lastmodifieddate": "2026-03-02 08:15:00",
    }  # fmt: skip
    order = ns("orders", "55", row).activity
    assert order
    assert (order.title, order.status, order.amount, order.currency) == ("Order SO55", "confirmed", Decimal("119.00"), "EUR")
    assert participants(order) == [("customer", "erp/customers/107")]
    invoice = ns(
        "invoices", "56", {**row, "tranid": "INV56", "status": "A", "foreignamountunpaid": "19.00", "duedate": "2026-04-01"}
    ).activity
    assert invoice
    assert (invoice.status, invoice.attributes["open_amount"], invoice.attributes["due_on"]) == ("open", "19.00", "2026-04-01")
    for total in ("-119.00", "119.00"):
        credit = ns("credit_notes", "57", {**row, "tranid": "CM57", "status": "B", "foreigntotal": total}).activity
        assert credit
        assert (credit.title, credit.amount) == ("Credit note CM57", Decimal("-119.00"))
    paid = ns("payments", "58", {**row, "tranid": "P58", "status": "C", "foreigntotal": "-119.00"}).activity
    assert paid
    assert (paid.kind, paid.status, paid.amount) == ("payment", "paid", Decimal("119.00"))


def test_netsuite_cases() -> None:
    case = {
        "id": "3", "casenumber": "CASE3", "title": "Pump leaks", "company": "107", "contact": "12", "stage": "ESCALATED",
        "incomingmessage": "Since Monday", "priority": "High", "startdate": "2026-03-02",
    }  # fmt: skip
    found = ns("cases", "3", case).activity
    assert found
    assert (found.kind, found.status, found.body, found.untrusted) == ("ticket", "open", "Since Monday", True)
    assert participants(found) == [("customer", "erp/customers/107"), ("contact", "erp/contacts/12")]


def s4hana(stream: str, key: str, payload: dict[str, Any]) -> Mapped:
    said = s4.map_record(landed(stream, key, odata.plain(payload)), {})
    assert not said.doubts
    return said


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"results": [{"__metadata": {"type": "…"}, **row} for row in rows]}


def test_s4hana_organisations() -> None:
    address = {
        "AddressID": "9", "StreetName": "Am Markt", "HouseNumber": "1", "StreetPrefixName": "3. OG", "PostalCode": "28195",
        "CityName": "Bremen", "Country": "DE",
        "to_EmailAddress": listed({"EmailAddress": "Info@berg.example"}),
        "to_PhoneNumber": listed({"InternationalPhoneNumber": "+494215550"}),
        "to_MobilePhoneNumber": listed(), "to_URLAddress": listed({"WebsiteURL": "https://berg.example"}),
        "to_AddressUsage": {"__deferred": {"uri": "…"}},
    }  # fmt: skip
    payload = {
        "__metadata": {"etag": 'W/"7"', "uri": "…"}, "BusinessPartner": "1000042", "Customer": "1000042", "BusinessPartnerCategory": "2",
        "BusinessPartnerFullName": "Berg GmbH", "CorrespondenceLanguage": "DE", "LastChangeDate": "/Date(1772409600000)/",
        "to_BusinessPartnerAddress": listed(address),
        "to_BusinessPartnerTax": listed({"BPTaxType": "DE0", "BPTaxNumber": "DE123456789"}, {"BPTaxType": "DE2", "BPTaxNumber": "60/123"}),
        "to_BuPaIdentification": listed(
            {"BPIdentificationType": "BUP001", "BPIdentificationNumber": "150483782"},
            {"BPIdentificationType": "BUP002", "BPIdentificationNumber": "HRB 4711"},
        ),
        "to_BusinessPartnerContact": listed({"BusinessPartnerCompany": "1000042", "BusinessPartnerPerson": "9000001"}),
        "to_Supplier": {"__deferred": {"uri": "…"}},
    }  # fmt: skip
    said = s4hana("partners", "1000042", payload)
    (found,) = said.parties
    assert (found.kind, found.observed_at) == ("organization", datetime(2026, 3, 2, tzinfo=UTC))
    assert found.attributes == {
        "name": ["Berg GmbH"], "email": ["info@berg.example"], "phone": ["+494215550"], "website": ["https://berg.example"],
        "vat": ["DE123456789"], "tax_id": ["60/123"], "duns": ["150483782"], "registration_number": ["HRB 4711"], "language": ["de"],
        "key:erp": ["1000042"],
        "address": [{"street": "Am Markt 1 3. OG", "postcode": "28195", "city": "Bremen", "country": "DE"}],
    }  # fmt: skip
    assert list(said.claims) == [Claim("employment", "erp/partners/9000001", "erp/partners/1000042")]
    kept = odata.plain(payload)
    assert kept["@odata.etag"] == 'W/"7"'
    assert not {"__metadata", "to_Supplier"} & set(kept)


def test_s4hana_persons() -> None:
    contact = listed({"BusinessPartnerCompany": "1000042", "BusinessPartnerPerson": "9000001"})
    payload = {"BusinessPartner": "9000001", "BusinessPartnerCategory": "1", "FirstName": "Anna", "LastName": "Berg", "BirthDate": None}
    said = s4hana("partners", "9000001", {**payload, "to_BusinessPartnerContact": contact})
    (found,) = said.parties
    assert (found.kind, found.attributes["given_name"], found.attributes["family_name"]) == ("person", ["Anna"], ["Berg"])
    assert list(said.claims) == [Claim("employment", "erp/partners/9000001", "erp/partners/1000042")]


def test_s4hana_orders() -> None:
    payload = {
        "SalesOrder": "55", "SoldToParty": "1000042", "SalesOrderDate": "/Date(1772409600000)/", "TotalNetAmount": "100.000",
        "TransactionCurrency": "EUR", "PurchaseOrderByCustomer": "PO-9", "OverallSDProcessStatus": "B",
        "OverallSDDocumentRejectionSts": "A", "LastChangeDateTime": "/Date(1772439300000+0000)/",
    }  # fmt: skip
    found = s4hana("orders", "55", payload).activity
    assert found
    assert (found.title, found.status, found.amount, found.currency) == ("Order 55", "in progress", Decimal("100.00"), "EUR")
    assert participants(found) == [("customer", "erp/partners/1000042")]
    rejected = s4hana("orders", "55", {**payload, "OverallSDDocumentRejectionSts": "C"}).activity
    assert rejected
    assert rejected.status == "cancelled"


def test_s4hana_billing_documents() -> None:
    payload = {
        "BillingDocument": "90001", "SDDocumentCategory": "M", "BillingDocumentType": "F2", "SoldToParty": "1000042",
        "BillingDocumentDate": "/Date(1772409600000)/", "TotalNetAmount": "100.000", "TotalGrossAmount": "119.000",
        "TransactionCurrency": "EUR", "BillingDocumentIsCancelled": False,
    }  # fmt: skip
    found = s4hana("invoices", "90001", payload).activity
    assert found
    assert (found.title, found.status, found.amount) == ("Invoice 90001", "issued", Decimal("119.00"))
    back = s4hana("invoices", "90002", {**payload, "SDDocumentCategory": "O", "BillingDocumentIsCancelled": True}).activity
    assert back
    assert (back.title, back.status, back.amount) == ("Credit note 90001", "cancelled", Decimal("-119.00"))


@pytest.mark.parametrize(
    ("category", "clearing", "title", "status", "amount"),
    [
        ("M", "C", "Invoice 90001", "paid", "119.00"),
        ("M", "A", "Invoice 90001", "issued", "119.00"),
        ("N", "", "Cancellation 90001", "cancelled", "-119.00"),  # as is what it cancels: the two would be taken off twice
        ("S", "", "Cancellation 90001", "cancelled", "119.00"),
        ("6", "", "Credit note 90001", "issued", "-119.00"),
        ("P", "", "Debit note 90001", "issued", "119.00"),
        ("U", "", "Pro forma invoice 90001", "draft", "119.00"),
    ],
)
def test_s4hana_billing_documents_by_their_category(category: str, clearing: str, title: str, status: str, amount: str) -> None:
    payload = {"BillingDocument": "90001", "SDDocumentCategory": category, "TotalGrossAmount": "119.000", "InvoiceClearingStatus": clearing}
    found = s4hana("invoices", "90001", {**payload, "BillingDocumentIsCancelled": False}).activity
    assert found
    assert (found.title, found.status, found.amount) == (title, status, Decimal(amount))
