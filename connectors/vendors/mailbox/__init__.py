"""Mail out of a Maildir or a folder of .eml files."""
