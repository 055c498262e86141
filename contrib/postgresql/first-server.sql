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

-- Rows of one statement on their way.  Each transaction sees only its own, and
-- takes them out again.
CREATE UNLOGGED TABLE tally_leaves (LIKE tally);

CREATE FUNCTION tally_route() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO tally_leaves VALUES (NEW.*);
	RETURN NULL;
END $$;

CREATE FUNCTION tally_flush() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO tally_arrives SELECT * FROM tally_leaves
		ORDER BY day, domain, policy_id, row_id, host;
	DELETE FROM tally_leaves;
	RETURN NULL;
END $$;

CREATE TRIGGER tally_route BEFORE INSERT ON tally FOR EACH ROW
	WHEN (hashtextextended(NEW.domain, 0) & 1 = 1)
	EXECUTE FUNCTION tally_route();
CREATE TRIGGER tally_flush AFTER INSERT ON tally FOR EACH STATEMENT
	EXECUTE FUNCTION tally_flush();
COMMIT;
