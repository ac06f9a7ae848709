# The whole run on storage that is not a folder: versions, delete markers,
# promotion that copies, answers that were lost, a version that cannot be
# deleted.  One session, since the storage is that backend's memory.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('run_memory');
$node->init;
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home,
	raw  => 'memory://raw/exports/',
	lake => 'memory://lake/');
$node->safe_psql('w', slurp_file("$FindBin::RealBin/../modules/functions.sql"));
$node->safe_psql('w', <<'SQL');
CREATE FUNCTION export(day text) RETURNS void LANGUAGE sql AS $$
	SELECT test_storage_put('raw_exports', 'Account.csv', convert_to(
		E'Id,Name,CreatedDate\r\n001000000000001AAA,One,2024-01-02T10:00:00.000+0000\r\n', 'UTF8'));
	SELECT test_storage_put('raw_exports', 'Opportunity.csv', convert_to(
		E'Id,AccountId,StageName,CreatedDate\r\n006000000000001AAA,001000000000001AAA,' ||
		day || E',2024-01-02T10:00:00.000+0000\r\n', 'UTF8'));
	SELECT test_storage_put('raw_exports', 'Contact.csv', convert_to(
		E'Id,Email\r\n003000000000001AAA,jane.doe@example.org\r\n', 'UTF8'));
$$;
CREATE VIEW raw_versions AS
	SELECT string_agg(key || CASE WHEN is_delete_marker THEN ' marker' ELSE '' END,
		', ' ORDER BY ordinality)
	FROM test_storage_list('raw_exports') WITH ORDINALITY;
CREATE VIEW lake_versions AS
	SELECT string_agg(key || CASE WHEN is_latest THEN '' ELSE ' old' END,
		', ' ORDER BY ordinality)
	FROM test_storage_list('lake') WITH ORDINALITY
	WHERE key NOT LIKE '%/\_manifest.json' AND key NOT LIKE '%/\_evidence/%' AND key NOT LIKE '%/\_owner.json';
CREATE VIEW newest AS
	SELECT state, coalesce(reason, '') FROM salesforce_fdw.runs
	ORDER BY number DESC LIMIT 1;
SQL
my ($out, $err) = ('', '');
my $status = $node->psql('w', <<'SQL', stdout => \$out, stderr => \$err);
SELECT salesforce_fdw.alter_dataset('sales', purge => 'location',
	confirm => 'memory://raw/exports/') \g /dev/null
-- Day 1: old versions and a delete marker lie about.
SELECT export('old') \g /dev/null
SELECT export('day 1') \g /dev/null
SELECT test_memory_mark_deleted('memory://raw/exports/', 'Contact.csv') \g /dev/null
CALL salesforce_fdw.run('sales');
SELECT 'day 1', stage FROM crm.sales;
SELECT 'day 1 run', * FROM newest;
SELECT 'day 1 raw', * FROM raw_versions;
SELECT 'day 1 lake', * FROM lake_versions;
-- Day 2: the promotion's answer is lost, one version cannot be deleted, and
-- the answer for another is lost.
SELECT export('day 2') \g /dev/null
SELECT test_memory_plant('memory://lake/', 'sales/sales.parquet', 'promote done, unknown') \g /dev/null
SELECT test_memory_plant('memory://raw/exports/', 'Account.csv', 'delete fails') \g /dev/null
SELECT test_memory_plant('memory://raw/exports/', 'Opportunity.csv', 'delete done, unknown') \g /dev/null
CALL salesforce_fdw.run('sales');
SELECT 'day 2', stage FROM crm.sales;
SELECT 'day 2 run', * FROM newest;
SELECT 'day 2 raw', * FROM raw_versions;
SELECT 'day 2 lake', * FROM lake_versions;
-- The next call finishes the purge.
CALL salesforce_fdw.run('sales');
SELECT 'retry run', * FROM newest;
SELECT 'retry raw', * FROM raw_versions;
-- Day 3: the promotion did not happen; the next call does it.
SELECT export('day 3') \g /dev/null
SELECT test_memory_plant('memory://lake/', 'sales/sales.parquet', 'promote lost, unknown') \g /dev/null
\set ON_ERROR_STOP off
CALL salesforce_fdw.run('sales');
SELECT 'day 3 lake', * FROM lake_versions;
CALL salesforce_fdw.run('sales');
SELECT 'resumed run', * FROM newest;
SELECT 'resumed', stage FROM crm.sales;
SELECT 'resumed raw', * FROM raw_versions;
SELECT 'resumed lake', * FROM lake_versions;
SQL
is($status, 0, 'the session came to its end') or diag($err);
my %facts = map { /^([^|]*)\|(.*)$/ ? ($1 => $2) : () } split /\n/, $out;
is($facts{'day 1'},      'day 1',     'day 1: the newest version was read');
is($facts{'day 1 run'},  'closed|',   'day 1: closed');
is($facts{'day 1 raw'},  '',          'day 1: no version and no marker is left');
is($facts{'day 1 lake'}, 'sales/sales.parquet', 'day 1: one object, nothing staged');
is($facts{'day 2'},      'day 2',     'day 2: published although the answer was lost');
is($facts{'day 2 run'},  'purge_pending|blocked', 'day 2: the purge is pending');
is($facts{'day 2 raw'},  'Account.csv', 'day 2: the version that could not be deleted is left');
is($facts{'day 2 lake'}, 'sales/sales.parquet, sales/sales.parquet old',
	'day 2: one more version, nothing staged');
like($err, qr/purge is pending\nDETAIL:  1 raw version is left: access denied/,
	'day 2: and that is said, without the one whose answer was lost');
is($facts{'retry run'}, 'closed|', 'the next call closes the run');
is($facts{'retry raw'}, '',        'and nothing is left');
is( $facts{'day 3 lake'} =~ s/_staging\/[^,]*/_staging/r,
	'sales/_staging, sales/sales.parquet, sales/sales.parquet old',
	'day 3: a lost promotion changes nothing');
is($facts{'resumed run'}, 'closed|', 'day 3: the next call goes on');
is($facts{'resumed'},     'day 3',   'with its rows');
is($facts{'resumed raw'}, '',        'and purges');
is($facts{'resumed lake'} =~ s/ old//gr,
	'sales/sales.parquet, sales/sales.parquet, sales/sales.parquet',
	'three versions, nothing staged');
unlike($out . $err, qr/jane\.doe/, 'no address in what was said');
$node->stop;
done_testing();
