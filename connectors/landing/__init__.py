"""What the sources sent is landed as they sent it: pages, positions, deletions, drift, quarantine, webhooks."""
