"""Every door outside: source systems, landing, mapping, the language model and the embedder.

A vendor's file says only what is the vendor's own: where its records are, how they are paged, and which path means what. Rates, retries,
errors, landing, deletion, drift, quarantine and the access log are written once and shared by all.

Read `connector` first, and `vendors/erpnext`, one of the shortest; then what stands below: `records`, `mapping` (what a payload says),
`account` (limits and tokens), `http`, `apis` (an API as data); then what calls them: `landing` and `staging`.
"""
