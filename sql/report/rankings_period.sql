-- The day to which a top list refers, and since when a player must have played to be on it, as a date and as the
-- first temporal_order of that day (0: since ever).
-- $1: today, $2: days (0: everybody is active). No row when nobody is rated.
-- A match that is dated in the future by mistake must not make everybody else inactive.
SELECT to_char(period.day, 'YYYY-MM-DD') AS as_of,
       to_char(period.active_since, 'YYYY-MM-DD') AS active_since,
       coalesce(to_char(period.active_since, 'YYYYMMDD')::bigint * 10000000, 0) AS active_since_order
FROM (SELECT newest.day,
             CASE WHEN $2::integer > 0 THEN newest.day - $2::integer END AS active_since
      FROM (SELECT max(last_match_date) FILTER (WHERE last_match_date <= $1::text::date) AS day,
                   count(*) AS players
            FROM player_elo_states) AS newest
      WHERE newest.players > 0) AS period;
