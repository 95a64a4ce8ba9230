"""Buckets of Amazon S3, and of what speaks its language: MinIO, Ceph, R2 and others."""
