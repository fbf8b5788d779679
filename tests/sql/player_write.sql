-- Somebody else writes what they know of a player. $1: id; $2: gender, by the tour's id; $3: country; $4: birth date; $5: hand.
UPDATE players
SET atp_id = CASE $2 WHEN 'men' THEN 'A' || id END,
    wta_id = CASE $2 WHEN 'women' THEN 'W' || id END,
    nationality_ioc = $3,
    birth_date = $4::text::date,
    hand = $5
WHERE id = $1;
