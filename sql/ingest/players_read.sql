-- The file's players that are known by their id. $1: the file's players; $2: source.
SELECT player.number, known.player_id
FROM jsonb_to_recordset($1) AS player (number integer, gender text, external_id text)
JOIN player_external_ids AS known
  ON known.source = $2 AND known.gender = player.gender AND known.external_id = player.external_id;
