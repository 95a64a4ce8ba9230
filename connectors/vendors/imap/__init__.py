"""Mail out of any IMAP server."""
