"""What is known of a party, made ready to be asked, and asked.

timeline, terms, passages, summaries, signals   build: derived rows, remade from what changed
assemble, search, expand                        read: one pack, one list of parties, one thing more
pack                                            the words of what is read
store                                           all the SQL, and nothing else
"""
