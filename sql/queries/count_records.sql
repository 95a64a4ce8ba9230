-- How many records are pending, and how many live.
SELECT
    (SELECT count(*) FROM identity.pending) AS waiting,
    (SELECT count(*) FROM staging.party_record WHERE deleted_at IS NULL) AS live
