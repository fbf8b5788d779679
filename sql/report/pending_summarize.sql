-- How much waits to be rated, and the earliest position of it: of a change of one match, or of a row after which every match is rated
-- again (without players). No position is pending when only matches that are not rated are.
SELECT pending.changes, earliest.temporal_order, earliest.match_id, earliest.player_a_id IS NULL AS is_every_match
FROM (SELECT count(*) AS changes FROM elo_pending) AS pending
LEFT JOIN (
    SELECT temporal_order, match_id, player_a_id
    FROM elo_pending
    WHERE temporal_order IS NOT NULL
    ORDER BY temporal_order, match_id
    LIMIT 1
) AS earliest ON true;
