-- A role that may have one session at a time.
CREATE ROLE doctor_single LOGIN CONNECTION LIMIT 1;
