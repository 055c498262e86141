-- first-server.sql - on the server that mxauth connects to: the sums of half of
-- the domains, by a hash of their names, go to a second server (doc/scale.md).
-- As a superuser, when `mxauth history status` has made the tables, and before
-- anything is imported:
--
--	psql -v ON_ERROR_STOP=1 -v host=HOST -v port=PORT -v dbname=NAME \
--		-v user=USER -f first-server.sql DATABASE

BEGIN;
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SERVER second FOREIGN DATA WRAPPER postgres_fdw
	OPTIONS (host :'host', port :'port', dbname :'dbname',
		batch_size '1000', fetch_size '10000', async_capable 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER second OPTIONS (user :'user');

-- Partitions do not help: a table with a partition on another server cannot
-- have a unique key, which the importer needs to add to sums.  A table that
-- inherits is read and pruned with its parent, and needs none.
CREATE FOREIGN TABLE tally_second () INHERITS (tally)
	SERVER second OPTIONS (table_name 'tally');

CREATE FOREIGN TABLE tally_arrives (day BIGINT, domain TEXT, policy_id TEXT,
	row_id TEXT, host TEXT, body TEXT, n BIGINT, refused BIGINT,
	known BIGINT, ordinary BIGINT)
	SERVER second OPTIONS (table_name 'tally_arrives');

CREATE FOREIGN TABLE tally_received (batches UUID[])
	SERVER second OPTIONS (table_name 'tally_received');

-- Two servers do not commit as one.  So the rows of an import are first
-- committed here, with the positions of its journals, each statement of it as a
-- batch with a name.  A later transaction hands batches over and takes them out.
-- When it is committed there and lost here, the batches are still here, and are
-- handed over again: the other server has their names, and gets none of their
-- rows a second time.
CREATE TABLE tally_leaves (LIKE tally,
	batch UUID NOT NULL DEFAULT current_setting('mxauth.batch')::uuid);

CREATE FUNCTION tally_name_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('mxauth.batch', gen_random_uuid()::text, true);
	RETURN NULL;
END $$;

CREATE FUNCTION tally_route() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO tally_leaves VALUES (NEW.*);
	RETURN NULL;
END $$;

-- One transaction at a time hands over, so that the names of its batches are all
-- that the other server needs to keep.  They are changed there before anything
-- else: an earlier transaction that is still being committed there is waited
-- for, and then this one fails (40001) and is tried again.
CREATE FUNCTION tally_hand_over() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	sent UUID[];
	received UUID[];
BEGIN
	IF NOT EXISTS (SELECT FROM tally_leaves) THEN
		RETURN NULL;
	END IF;
	PERFORM FROM tally_sender FOR UPDATE;
	SELECT array_agg(DISTINCT batch) INTO sent FROM tally_leaves;
	IF sent IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT batches INTO STRICT received FROM tally_received;
	UPDATE tally_received SET batches = sent;
	WITH leaving AS (DELETE FROM tally_leaves WHERE batch = ANY (sent)
		RETURNING *)
	INSERT INTO tally_arrives SELECT day, domain, policy_id, row_id, host,
		min(body), sum(n), sum(refused), sum(known), sum(ordinary)
		FROM leaving WHERE batch <> ALL (received)
		GROUP BY day, domain, policy_id, row_id, host
		ORDER BY day, domain, policy_id, row_id, host;
	RETURN NULL;
END $$;

CREATE TABLE tally_sender (one BIGINT PRIMARY KEY);
INSERT INTO tally_sender VALUES (1);

CREATE TRIGGER tally_name_batch BEFORE INSERT ON tally FOR EACH STATEMENT
	EXECUTE FUNCTION tally_name_batch();
CREATE TRIGGER tally_route BEFORE INSERT ON tally FOR EACH ROW
	WHEN (hashtextextended(NEW.domain, 0) & 1 = 1)
	EXECUTE FUNCTION tally_route();

-- An import ends with its row in `host`; a day whose reports are to be made is
-- closed only together with what is still on its way.
CREATE TRIGGER tally_hand_over AFTER INSERT OR UPDATE ON host
	FOR EACH STATEMENT EXECUTE FUNCTION tally_hand_over();
CREATE TRIGGER tally_hand_over AFTER UPDATE ON meta FOR EACH ROW
	WHEN (NEW.name = 'closed_day') EXECUTE FUNCTION tally_hand_over();
COMMIT;
