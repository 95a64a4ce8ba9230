"""Every door outside: source systems, landing, mapping, the language model and the embedder.

A vendor's file says only what is the vendor's own: where its records are, how they are paged, and which path means what. Rates, retries,
errors, landing, deletion, drift, quarantine and the access log are written once and shared by all.
"""
