"""Mail of Google Workspace."""
