"""SharePoint libraries and OneDrive, by Microsoft Graph."""
