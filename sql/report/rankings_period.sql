-- The day to which a top list refers, and since when a player must have played to be on it.
-- $1: today, $2: days (0: everybody is active). No row when nobody is rated.
-- A match that is dated in the future by mistake must not make everybody else inactive.
SELECT to_char(newest.day, 'YYYY-MM-DD') AS as_of,
       CASE WHEN $2::integer > 0 THEN to_char(newest.day - $2::integer, 'YYYY-MM-DD') END AS active_since
FROM (SELECT max(last_match_date) FILTER (WHERE last_match_date <= $1::text::date) AS day,
             count(*) AS players
      FROM player_elo_states) AS newest
WHERE newest.players > 0;
