# Claim: whatever the history of a bucket is (old versions, delete markers, keys
# that nothing reads, deletions that fail or whose answer is lost, exports that
# land while a run is under way), a version that is gone was listed by the
# discovery of a run that published it and purges in that scope, a closed run has
# left none of those that it listed, and no purge makes an old version current.
# Random histories on a bucket in the backend's memory, one run each; 10,000 with
# SFDW_ALL.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $histories = $ENV{SFDW_SLOW} ? 10 : $ENV{SFDW_ALL} ? 10_000 : 300;
my $node = PostgreSQL::Test::Cluster->new('purge_histories');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum_naptime = 1s\n");
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home, raw => 'memory://raw/exports/', lake => 'memory://lake/',
	gates => q('{"max_shrink": {"limit": 1, "action": "count"}, "max_input_spread": {"action": "count"}, "truncation": "count"}'));
$node->safe_psql('w', slurp_file("$FindBin::RealBin/../modules/functions.sql"));
$node->safe_psql('w', <<'SQL');
-- Every raw version that was ever there.
CREATE TABLE made (key text, version_id text, PRIMARY KEY (key, version_id));
-- Those that had something above them: none of them may become current.
CREATE TABLE covered (key text, version_id text, PRIMARY KEY (key, version_id));
CREATE TABLE violation (history int, what text, key text, version_id text);
CREATE TABLE tally (what text PRIMARY KEY, n bigint);

CREATE FUNCTION draw(n int) RETURNS int LANGUAGE sql AS 'SELECT floor(random() * n)::int';
CREATE FUNCTION note_versions() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO public.made SELECT key, version_id FROM public.test_storage_list('raw_exports') ON CONFLICT DO NOTHING;
	INSERT INTO public.covered SELECT key, version_id FROM public.test_storage_list('raw_exports') WHERE NOT is_latest ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION count_up(what text, n bigint DEFAULT 1) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO public.tally VALUES (what, n) ON CONFLICT (what) DO UPDATE SET n = public.tally.n + excluded.n
$$;
CREATE FUNCTION put(key text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	day text := 'Day ' || public.draw(1000000);
BEGIN
	PERFORM public.test_storage_put('raw_exports', key, convert_to(CASE key
		WHEN 'Account.csv' THEN E'Id,Name,CreatedDate\r\n001000000000001AAA,' || day || E',2024-01-02T10:00:00.000+0000\r\n'
		WHEN 'Opportunity.csv' THEN E'Id,AccountId,StageName,CreatedDate\r\n006000000000001AAA,001000000000001AAA,' || day || E',2024-01-02T10:00:00.000+0000\r\n'
		ELSE E'Id,Email\r\n003000000000001AAA,' || day || E'\r\n' END, 'UTF8'));
END $$;
-- Something happens to the bucket.
CREATE FUNCTION befall() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	keys text[] := '{Account.csv,Opportunity.csv,Contact.csv,Lead.csv,old/Account.csv,Account.csv.bak}';
	key text := keys[1 + public.draw(6)];
BEGIN
	CASE public.draw(10)
		WHEN 0, 1 THEN PERFORM public.test_memory_mark_deleted('memory://raw/exports/', key);
		WHEN 2 THEN PERFORM public.test_memory_plant('memory://raw/exports/', key, 'delete fails');
		WHEN 3 THEN PERFORM public.test_memory_plant('memory://raw/exports/', key, 'delete done, unknown');
		WHEN 4 THEN PERFORM public.test_memory_plant('memory://raw/exports/', key, 'delete lost, unknown');
		ELSE PERFORM public.put(key);
	END CASE;
	PERFORM public.note_versions();
END $$;
-- While a run fills its target, things go on to happen.
CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	FOR i IN 1 .. public.draw(4) LOOP
		PERFORM public.befall();
		PERFORM public.count_up('events while a run is under way');
	END LOOP;
	RETURN NULL;
END $$;
CREATE TRIGGER meanwhile AFTER INSERT ON crm.sales FOR EACH STATEMENT EXECUTE FUNCTION meanwhile();

CREATE FUNCTION judge(history int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO public.violation
		SELECT history, 'is current again', key, version_id FROM public.test_storage_list('raw_exports') l JOIN public.covered c USING (key, version_id)
		WHERE l.is_latest AND NOT l.is_delete_marker;
	PERFORM public.note_versions();
	CREATE TEMP TABLE IF NOT EXISTS present (key text, version_id text);
	TRUNCATE present;
	INSERT INTO present SELECT key, version_id FROM public.test_storage_list('raw_exports');
	INSERT INTO public.violation
		SELECT history, 'gone, and no published run has listed it in its scope', m.key, m.version_id FROM public.made m
		WHERE (m.key, m.version_id) NOT IN (SELECT key, version_id FROM present)
		AND NOT EXISTS (SELECT FROM salesforce_fdw.ledger_input i JOIN salesforce_fdw.ledger_run r USING (run)
			WHERE i.server = 'raw_exports' AND i.key = m.key AND i.version_id = m.version_id AND r.is_published AND (i.purge_scope = 'location' OR i.is_input));
	INSERT INTO public.violation
		SELECT history, 'left by a closed run', i.key, i.version_id FROM present p
		JOIN salesforce_fdw.ledger_input i ON (i.server, i.key, i.version_id) = ('raw_exports', p.key, p.version_id)
		JOIN salesforce_fdw.ledger_run r USING (run)
		WHERE r.state = 'closed' AND (r.purge_scope = 'location' OR i.is_input);
	PERFORM public.count_up('versions purged', (SELECT count(*) FROM public.made m WHERE (m.key, m.version_id) NOT IN (SELECT key, version_id FROM present)));
	PERFORM public.count_up('versions kept', (SELECT count(*) FROM present));
	-- What is gone has been judged.
	DELETE FROM public.made m WHERE (m.key, m.version_id) NOT IN (SELECT key, version_id FROM present);
END $$;
SQL
# In batches: PostgreSQL learns what a statement did to its tables when it is
# over, and vacuums and analyzes none before.
my $batch = 250;
my $script = <<"SQL";
SELECT setseed(0.5) \\g /dev/null
SET client_min_messages = error;
SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 'memory://raw/exports/') \\g /dev/null
SQL
for (grep { $_ % $batch == 1 } 1 .. $histories)
{
	my $last = $_ + $batch - 1 < $histories ? $_ + $batch - 1 : $histories;
	$script .= <<"SQL";
DO \$do\$
BEGIN
	FOR history IN $_ .. $last LOOP
		FOR i IN 0 .. draw(6) LOOP
			PERFORM befall();
		END LOOP;
		PERFORM put('Account.csv'), put('Opportunity.csv'), note_versions();
		IF draw(8) = 0 THEN
			PERFORM salesforce_fdw.alter_dataset('sales', purge => (ARRAY['location', 'inputs'])[1 + draw(2)], confirm => 'memory://raw/exports/');
		END IF;
		COMMIT;
		CALL salesforce_fdw.run('sales');
		PERFORM judge(history);
		PERFORM count_up((SELECT state FROM salesforce_fdw.ledger_run ORDER BY number DESC LIMIT 1));
		-- What no run purges would pile up: somebody empties the bucket.
		IF history % 50 = 0 THEN
			PERFORM test_storage_delete('raw_exports', coalesce(array_agg(key), '{}'), coalesce(array_agg(version_id), '{}')) FROM test_storage_list('raw_exports');
			DELETE FROM made;
			DELETE FROM covered;
		END IF;
		-- Old versions of what was published are none of this test's business.
		PERFORM test_storage_delete('lake', coalesce(array_agg(key), '{}'), coalesce(array_agg(version_id), '{}')) FROM test_storage_list('lake') WHERE NOT is_latest;
		COMMIT;
	END LOOP;
END \$do\$;
VACUUM (ANALYZE);
SQL
}
my ($out, $err) = ('', '');
my $status = $node->psql('w', $script, stdout => \$out, stderr => \$err, timeout => 3600);
is($status, 0, "$histories histories") or diag($err);
my %tally = map { split /\|/ } split /\n/, $node->safe_psql('w', 'SELECT what, n FROM tally ORDER BY 1');
is($node->safe_psql('w', 'SELECT DISTINCT history, what, key, version_id FROM violation ORDER BY 1 LIMIT 5'), '', 'no version is deleted that no published run has listed, and none is left that was');
cmp_ok($tally{'versions purged'} // 0, '>=', 3 * $histories, 'many versions were purged');
cmp_ok($tally{'versions kept'} // 0, '>', $histories / 2, '... and many kept, having landed later or failed');
cmp_ok($tally{'events while a run is under way'} // 0, '>', $histories / 2, '... while things went on to happen');
cmp_ok($tally{closed} // 0, '>', $histories / 10, 'runs were closed');
cmp_ok($tally{purge_pending} // 0, '>', $histories / 20, '... and purges left pending') unless $ENV{SFDW_SLOW};
note('figure: ' . join ', ', "$histories histories", map { "$_: $tally{$_}" } sort keys %tally);
$node->stop;
done_testing();
