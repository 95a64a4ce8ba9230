"""Text out of bytes: mails, PDF, DOCX, HTML, and what a contract says at its opening. Nothing here knows a source."""
