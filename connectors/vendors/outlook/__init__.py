"""Mail of Microsoft 365."""
