"""ERPNext and other Frappe sites."""
