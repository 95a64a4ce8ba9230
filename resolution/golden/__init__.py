"""What is believed of each party: the value that survives for each attribute, with its source, its past and what it outweighed.

records         golden records, built where something changed: the way in
survivorship    which value is believed, and by which rule
attributes      how fast each ages, whether a party has several, when two spellings say the same
history         what was true before
relationships   who works where, and which organisation hangs on which
overrides       a steward's word against all sources
"""
