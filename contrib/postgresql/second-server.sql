-- second-server.sql - on the server that keeps the sums of half of the domains
-- (doc/scale.md), before first-server.sql runs on the other one:
--
--	psql -v ON_ERROR_STOP=1 -f second-server.sql DATABASE

CREATE TABLE tally (day BIGINT NOT NULL, domain TEXT NOT NULL,
	policy_id TEXT NOT NULL, row_id TEXT NOT NULL, host TEXT NOT NULL,
	body TEXT NOT NULL, n BIGINT NOT NULL, refused BIGINT NOT NULL,
	known BIGINT NOT NULL, ordinary BIGINT NOT NULL,
	PRIMARY KEY (day, domain, policy_id, row_id, host));

-- The names of the batches that were handed over last.
CREATE TABLE tally_received (batches UUID[] NOT NULL);
INSERT INTO tally_received VALUES ('{}');

-- A foreign table takes INSERT, but not ON CONFLICT DO UPDATE.  What arrives
-- here is added to the sums; this table stays empty.
CREATE TABLE tally_arrives (LIKE tally);

-- The other server's sessions search no schema but pg_catalog.
CREATE FUNCTION tally_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.tally AS t VALUES (NEW.*)
		ON CONFLICT (day, domain, policy_id, row_id, host) DO UPDATE
		SET n = t.n + excluded.n,
		refused = t.refused + excluded.refused,
		known = t.known + excluded.known,
		ordinary = t.ordinary + excluded.ordinary;
	RETURN NULL;
END $$;

CREATE TRIGGER tally_add BEFORE INSERT ON tally_arrives
	FOR EACH ROW EXECUTE FUNCTION tally_add();
