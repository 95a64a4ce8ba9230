"""The resolver's ground in PostgreSQL: all SQL of the schemas `identity` and `golden` is behind these modules, and no thinking is.

records       pending work and party records
profiles      what records normalised to
blocks        the inverted index of blocking keys, and which blocks and identifiers too many records share
pairs         scored pairs
surroundings  the components and parties around some records
judgements    what stewards and the language model said
identity      parties, memberships, redirects, events: the crosswalk
reviews       what a steward is asked
models        the model in force; `candidates` those that are not, `rehearsals` what one of these is tried on
rebuild       profiles, keys and pairs made anew beside those in use
golden        golden records, overrides, relationships
"""
