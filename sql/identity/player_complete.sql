-- Fills in what is not known of a player. $1: the player; $2 to $10: what another row knew; $11: now, UTC.
UPDATE players
SET atp_id = coalesce(atp_id, $2),
    wta_id = coalesce(wta_id, $3),
    itf_id = coalesce(itf_id, $4),
    nationality_ioc = coalesce(nationality_ioc, $5),
    birth_date = coalesce(birth_date, $6),
    turned_pro_year = coalesce(turned_pro_year, $7),
    hand = coalesce(hand, $8),
    backhand = coalesce(backhand, $9),
    height_cm = coalesce(height_cm, $10),
    updated_at = $11
WHERE id = $1;
