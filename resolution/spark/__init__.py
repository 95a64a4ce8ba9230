"""The resolver on a Spark cluster: the joins are Spark's, the thinking is the kernel's, through Arrow.

What it gives is what `grouping.Here` gives, to the last bit: a record's keys depend on that record alone, and a pair's weight on its two
records, the model and the threshold. The driver reads and normalises the file, chooses the blocking, learns the model and clusters;
workers make the keys, join them, and weigh every pair. They need the same version of this package. Nothing here is imported unless asked
for: pyspark is an extra.

engine      the records on a cluster: a `grouping.Engine`
session     the session, or what is missing for one
exchange    records as Arrow tables, and back
blocking    keys and candidate pairs
weighing    what pairs weigh
"""
