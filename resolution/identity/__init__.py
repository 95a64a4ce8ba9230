"""Which records are one party: kept up to date by change, decided by rules, model and people, and explained. Read in this order:

resolver     the way in: what is pending, in one transaction or in many
turn         a transaction: what it runs under, and the records it has read
settling     its course: pairs, groups, parties, reviews
rescoring    which pairs the records make now, and what they weigh
links        what is said of a pair, and what of it prevails
material     the records at work, one by one or as columns
grouping     from linked pairs to groups; `ties` are those that people and the language model made
holding      the links that hold a party, and with `doubt` what of it is to be asked about
parties      from groups to parties and their difference to before; `identify` says who keeps which id
questions    the reviews
rebuilding   everything anew at once, with `spill` for what memory does not hold
learning     which model is in force
adjudicate   the language model's word on the grey zone
judgements   the steward's word: decide, split, merge, undo
why          all of this in words
candidates   a model that decisions taught, in shadow; `decided` reads the decisions, `rehearsal` shows what it would change, party by
             party, with `differences`
garbage      the collector, put off
"""
