"""Odoo over JSON-2: customers, orders, invoices and payments."""
