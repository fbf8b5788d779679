-- Holds these players, in the order of their ids as everybody does who holds several, and tells what they miss now. Matches of
-- theirs may be written meanwhile. $1: their ids.
SELECT id,
       nationality_ioc IS NULL AS nationality_ioc,
       birth_date IS NULL AS birth_date,
       hand IS NULL AS hand,
       height_cm IS NULL AS height_cm,
       backhand IS NULL AS backhand,
       turned_pro_year IS NULL AS turned_pro_year
FROM players
WHERE id = ANY($1)
ORDER BY id
FOR NO KEY UPDATE;
