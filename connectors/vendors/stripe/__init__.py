"""Stripe: customers, invoices, payments and subscriptions."""
