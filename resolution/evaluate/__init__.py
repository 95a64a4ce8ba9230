"""How good a grouping is, where labels say what is true: the figures, where they come from, and what went wrong.

quality      precision, recall, F1 and B-cubed of one grouping
truth        what is known: a column of labels, or labelled pairs
curve        quality by threshold
calibration  whether what is said with 80% is true in 80% of cases
mistakes     a sample of what is wrong, each explained
"""
