-- Where the facts come from that one player takes over from another: those that they do not know themselves. $1: who stays; $2: who goes.
UPDATE player_enrichment_values AS known
SET player_id = $1
FROM players AS kept
WHERE known.player_id = $2
  AND kept.id = $1
  AND CASE known.field
          WHEN 'nationality_ioc' THEN kept.nationality_ioc IS NULL
          WHEN 'birth_date' THEN kept.birth_date IS NULL
          WHEN 'hand' THEN kept.hand IS NULL
          WHEN 'height_cm' THEN kept.height_cm IS NULL
          WHEN 'backhand' THEN kept.backhand IS NULL
          WHEN 'turned_pro_year' THEN kept.turned_pro_year IS NULL
      END
  AND NOT EXISTS (
      SELECT FROM player_enrichment_values AS own WHERE own.player_id = $1 AND own.field = known.field
  );
