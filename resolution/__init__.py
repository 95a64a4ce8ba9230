"""Who is who. From party records (`records`) to parties and what is believed of them; read in this order:

    normalize    each raw value once: names, emails, phones, addresses, identifiers, as columns (`Features`)
    block        keys of a record; two that share one are a candidate pair
    compare      each distinct pair of values once, as levels
    rules        what identifiers decide and forbid
    score        match weights by Fellegi and Sunter: the model, its learning, the weight of a pair in bits
    cluster      components, completed, then average linkage under what is forbidden
    suspects     groups that may be more than one party
    explain      a pair's weight in words
    dedupe       the above on a file, with no database; `confidence` says how sure each record is, `spark` does the joins on a cluster
    identity     the above kept up to date in the database, by change; judgements, reviews, why
    golden       survivorship: the value believed for each attribute, with its source and its past
    evaluate     how good it is where the truth is known
    supervised   what stewards' decisions teach the model
    store        all the SQL of identity and golden

Of these only `store`, `identity` and `golden` know a database, and of `identity` not grouping, links, material, ties, doubt and identify,
nor of `golden` survivorship, history, attributes and relationships: a contract in pyproject.toml holds them to it.
"""
