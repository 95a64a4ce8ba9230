"""The resolver's ground in PostgreSQL: all SQL of the `identity` schema is behind these modules, and no thinking is.

records     pending work and party records
blocks      the inverted index of blocking keys, and which blocks and identifiers too many records share
pairs       scored pairs and the components that they make
judgements  what stewards and the language model said
identity    parties, memberships, redirects, events: the crosswalk
reviews     what a steward is asked
models      the model in force
"""
