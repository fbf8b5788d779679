-- The matches as a person sees them, in the order of their ids.
SELECT concat_ws(' | ', matches.external_id, a.canonical_name, b.canonical_name, winner.canonical_name, matches.score,
                 coalesce(matches.score_structured::text, '-'), matches.status, matches.match_date)
FROM matches
JOIN players AS a ON a.id = matches.player_a_id
JOIN players AS b ON b.id = matches.player_b_id
JOIN players AS winner ON winner.id = matches.winner_id
ORDER BY matches.id;
