"""What is known of a party, made ready to be asked, and asked.

Built ahead: `timeline` (with `signals` and `terms`), `passages`, `summaries` (of `statements`).
Read: `assemble` makes one pack (`subjects` say who is meant, `knowledge` what is believed of it, `answering` what answers, by the words of
`questions` and by `selection`; `fitting` keeps it to its budget of `tokens`), `expand` gets what a pack left out, `search` finds parties.
`facts` and `links` reduce what is believed to what a caller may see; `pack` holds the words of all answers; `store` all the SQL.
"""
