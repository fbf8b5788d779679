-- Notes which sources were asked about which players. $1: a list of objects, one a try; $2: now, UTC.
INSERT INTO player_enrichment_tries AS known (
    player_id, provider, tries, tried_at, next_try_at, outcome, detail, rejected, version
)
SELECT counted.player_id,
       counted.provider,
       counted.tries,
       $2::timestamp,
       -- 1, 2, 4 … days, at most 90.
       $2::timestamp + least(90, power(2, least(counted.tries, 8) - 1)) * interval '1 day',
       counted.outcome,
       counted.detail,
       counted.rejected,
       counted.version
FROM (
    SELECT try.*,
           CASE WHEN before.version IS NOT DISTINCT FROM try.version THEN coalesce(before.tries, 0) + 1 ELSE 1 END AS tries
    FROM jsonb_to_recordset($1) AS try (
        player_id integer, provider text, outcome text, detail text, rejected jsonb, version text
    )
    LEFT JOIN player_enrichment_tries AS before
      ON before.player_id = try.player_id AND before.provider = try.provider
) AS counted
ON CONFLICT (player_id, provider) DO UPDATE
SET tries = excluded.tries,
    tried_at = excluded.tried_at,
    next_try_at = excluded.next_try_at,
    outcome = excluded.outcome,
    detail = excluded.detail,
    rejected = excluded.rejected,
    version = excluded.version;
