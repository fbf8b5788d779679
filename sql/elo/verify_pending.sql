-- What is pending: how many rows, and the earliest position.
SELECT count(*) AS pending_rows,
       min(temporal_order) AS earliest_temporal_order
FROM elo_pending;
