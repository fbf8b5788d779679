-- Leaves the matches up to the end of a day. $1: the day.
DELETE FROM matches
WHERE temporal_order >= to_char($1::text::date + 1, 'YYYYMMDD')::bigint * 10000000 OR temporal_order IS NULL;
