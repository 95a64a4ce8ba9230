"""HubSpot CRM: companies, contacts, deals and tickets."""
