-- Matches that break a rule of the database contract, each with the rule. Everything is computed here anew, from the contract's words.
-- $1: ids of matches that feeds gave themselves.
WITH round_rule (code, round_order, progress, places) AS (
    VALUES ('Q1', 1, 0.00, 64), ('Q2', 2, 0.05, 64), ('Q3', 3, 0.10, 64), ('Q4', 4, 0.50, 64), ('Q5', 5, 0.50, 64),
           ('ER', 6, 0.50, 256), ('R128', 10, 0.15, 64), ('R64', 20, 0.25, 32), ('R32', 30, 0.40, 16), ('RR', 35, 0.50, 256),
           ('R16', 40, 0.55, 8), ('QF', 50, 0.70, 4), ('SF', 60, 0.85, 2), ('BR', 65, 0.50, 1), ('F', 70, 1.00, 1)
),
event AS (
    SELECT edition.id, edition.year, tournament.tournament_code AS code, tournament.tour, tournament.gender,
           edition.start_date, edition.end_date,
           CASE tournament.level WHEN 'Grand Slam' THEN 13 ELSE 6 END AS days
    FROM tournament_editions AS edition
    JOIN tournaments AS tournament ON tournament.id = edition.tournament_id
),
stored AS (
    SELECT match.*,
           event.code, event.tour, event.gender, event.year,
           match.status IN ('completed', 'retired', 'walkover', 'default') AS is_terminal,
           match.status IN ('upcoming', 'scheduled', 'in_progress') AS is_pending,
           coalesce(rule.round_order, 0) AS round_order,
           coalesce(rule.places, 256) AS places,
           coalesce(event.start_date, event.end_date - event.days)
               + floor(greatest(coalesce(event.end_date, event.start_date + event.days) - coalesce(event.start_date, event.end_date - event.days), 0)
                       * coalesce(rule.progress, 0.50))::integer AS estimate,
           CASE match.source WHEN 'atp' THEN a.atp_id WHEN 'wta' THEN a.wta_id WHEN 'itf' THEN a.itf_id END AS a_id,
           CASE match.source WHEN 'atp' THEN b.atp_id WHEN 'wta' THEN b.wta_id WHEN 'itf' THEN b.itf_id END AS b_id
    FROM matches AS match
    LEFT JOIN event ON event.id = match.tournament_edition_id
    LEFT JOIN round_rule AS rule ON rule.code = match.round
    JOIN players AS a ON a.id = match.player_a_id
    JOIN players AS b ON b.id = match.player_b_id
),
told AS (
    SELECT stored.*,
           coalesce(CASE WHEN NOT match_date_estimated THEN match_date END, scheduled_date, estimate) AS day,
           format('%s_%s_%s_', year, code, round) AS id_beginning,
           format('%s_%s_%s_%s_%s', year, code, round, least(a_id COLLATE "C", b_id COLLATE "C"), greatest(a_id COLLATE "C", b_id COLLATE "C"))
               AS derived_id
    FROM stored
)
SELECT concat(rule, ': ', to_jsonb(told)) AS broken
FROM told,
     LATERAL (VALUES
         ('the status is a word of the contract', is_terminal OR is_pending OR status = 'cancelled'),
         ('a match has a winner when, and only when, it is over', is_terminal = (winner_id IS NOT NULL)),
         ('the winner is one of the two', winner_id IS NULL OR winner_id IN (player_a_id, player_b_id)),
         ('the players are two', player_a_id <> player_b_id),
         ('the source is known', source IN ('atp', 'wta', 'itf', 'sackmann')),
         ('it has an edition and a round', tournament_edition_id IS NOT NULL AND round <> '' AND round = btrim(round)),
         ('the tour is known and of the gender', (tour, gender) IN (
             ('ATP', 'men'), ('CHALLENGER', 'men'), ('ITF_MEN', 'men'), ('WTA', 'women'), ('WTA_125', 'women'), ('ITF_WOMEN', 'women'))),
         ('only a match that is over has a score', is_terminal OR (score IS NULL AND score_structured IS NULL AND retirement_set IS NULL)),
         ('sets come from a score', score_structured IS NULL OR score IS NOT NULL),
         ('a score is a list of sets from side A', score_structured IS NULL OR (
             jsonb_typeof(score_structured) = 'array' AND jsonb_array_length(score_structured) BETWEEN 1 AND 6
             AND NOT EXISTS (
                 SELECT
                 FROM jsonb_array_elements(CASE jsonb_typeof(score_structured) WHEN 'array' THEN score_structured ELSE '[]' END) AS one_set
                 WHERE jsonb_typeof(one_set) <> 'object'
                    OR NOT one_set ?& ARRAY['a', 'b']
                    OR one_set - ARRAY['a', 'b', 'tb_a', 'tb_b'] <> '{}'
                    OR EXISTS (SELECT FROM jsonb_each_text(one_set) AS games WHERE games.value !~ '^[0-9]{1,3}$')
             ))),
         ('a walkover has no sets', status <> 'walkover' OR score_structured IS NULL),
         ('only who stops, stops in a set',
          retirement_set IS NULL OR (status IN ('retired', 'default') AND retirement_set BETWEEN 1 AND 6)),
         ('the place is one of the round', draw_position IS NULL OR draw_position BETWEEN 1 AND places),
         ('seeds count from 1', least(player_a_seed, player_b_seed) IS NULL OR least(player_a_seed, player_b_seed) >= 1),
         ('it has a place in time by the contract',
          temporal_order IS NOT DISTINCT FROM
          coalesce(to_char(day, 'YYYYMMDD')::bigint, 99991231) * 10000000 + (tournament_edition_id % 100000) * 100 + round_order),
         ('a day is estimated only of a match that is over and of which nobody tells it',
          NOT match_date_estimated OR (is_terminal AND match_date = day)),
         ('a match that is over has a day, when there is any', NOT is_terminal OR match_date IS NOT DISTINCT FROM day),
         ('the time is of the day', match_datetime IS NULL OR match_datetime::date = match_date),
         ('the time of the order of play is of its day', scheduled_datetime IS NULL OR scheduled_datetime::date = scheduled_date),
         ('who is scheduled has a day', status <> 'scheduled' OR scheduled_date IS NOT NULL),
         ('who has a day is scheduled', status <> 'upcoming' OR scheduled_date IS NULL),
         ('the id is the one that follows from the players, or a given one',
          external_id IS NULL OR external_id = ANY ($1)
          OR CASE source WHEN 'sackmann' THEN starts_with(external_id, id_beginning) ELSE external_id = derived_id END),
         ('the id is known when the players'' are',
          external_id IS NOT NULL OR source = 'sackmann' OR a_id IS NULL OR b_id IS NULL
          OR EXISTS (SELECT FROM matches AS other WHERE other.external_id = derived_id)),
         -- Two ids that a source gives are two matches, whatever else it says of them.
         ('two players meet once in a round', round_order IN (0, 6, 35) OR status = 'cancelled' OR NOT EXISTS (
             SELECT
             FROM matches AS other
             WHERE other.id <> told.id AND other.status <> 'cancelled'
               AND (other.tournament_edition_id, other.round) = (told.tournament_edition_id, told.round)
               AND told.player_a_id IN (other.player_a_id, other.player_b_id)
               AND told.player_b_id IN (other.player_a_id, other.player_b_id)
               AND (is_pending OR (coalesce(told.external_id <> ALL ($1), true) AND coalesce(other.external_id <> ALL ($1), true))))),
         ('a match that is yet to come is alone in its place', NOT is_pending OR draw_position IS NULL OR NOT EXISTS (
             SELECT
             FROM matches AS other
             WHERE other.id <> told.id AND other.status <> 'cancelled'
               AND (other.tournament_edition_id, other.round, other.draw_position)
                 = (told.tournament_edition_id, told.round, told.draw_position))),
         ('nothing is yet to come that later rounds overtook', NOT is_pending OR round_order < 10 OR NOT EXISTS (
             SELECT
             FROM matches AS other
             WHERE other.tournament_edition_id = told.tournament_edition_id
               AND other.status IN ('completed', 'retired', 'walkover', 'default')
               AND array_position(ARRAY['R128', 'R64', 'R32', 'R16', 'QF', 'SF', 'F'], other.round::text)
                   - array_position(ARRAY['R128', 'R64', 'R32', 'R16', 'QF', 'SF', 'F'], told.round::text) >= 2))
     ) AS contract (rule, holds)
WHERE holds IS NOT TRUE
ORDER BY told.id;
