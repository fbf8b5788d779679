-- Whose a spelling is. $1: the normalised name; $2: source.
SELECT player_id FROM player_aliases WHERE alias = $1 AND source = $2;
