-- Fills in what players miss. $1: a list of objects, a player's id and the fields that they get; $2: now, UTC.
UPDATE players AS player
SET nationality_ioc = coalesce(player.nationality_ioc, given.nationality_ioc),
    birth_date = coalesce(player.birth_date, given.birth_date),
    hand = coalesce(player.hand, given.hand),
    height_cm = coalesce(player.height_cm, given.height_cm),
    backhand = coalesce(player.backhand, given.backhand),
    turned_pro_year = coalesce(player.turned_pro_year, given.turned_pro_year),
    updated_at = $2
FROM jsonb_to_recordset($1) AS given (
    player_id integer, nationality_ioc text, birth_date date, hand text, height_cm integer, backhand text, turned_pro_year integer
)
WHERE player.id = given.player_id;
