-- How much waits to be rated, and the earliest position of it. No position is pending when only matches that are not rated are.
SELECT pending.changes, earliest.temporal_order, earliest.match_id
FROM (SELECT count(*) AS changes FROM elo_pending) AS pending
LEFT JOIN (
    SELECT temporal_order, match_id
    FROM elo_pending
    WHERE temporal_order IS NOT NULL
    ORDER BY temporal_order, match_id
    LIMIT 1
) AS earliest ON true;
