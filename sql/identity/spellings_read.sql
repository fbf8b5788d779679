-- Spellings of players, in the order of their ids. $1: only those behind this id.
SELECT id, player_id, alias, source FROM player_aliases WHERE id > $1 ORDER BY id;
