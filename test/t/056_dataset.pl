# Data sets survive a dump, and creating and altering them is safe beside other
# sessions.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('dataset');
$node->init;
$node->start;

my $setup = <<'SQL';
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA raw;
CREATE SCHEMA crm AUTHORIZATION etl;
GRANT USAGE ON SCHEMA raw TO etl;
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///dataset/raw/');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///dataset/lake/');
GRANT USAGE ON FOREIGN SERVER raw, lake TO etl;
CREATE FOREIGN TABLE raw.account (id text OPTIONS (field 'Id'), name text OPTIONS (field 'Name'),
	industry text OPTIONS (field 'Industry')) SERVER raw OPTIONS (object 'Account');
GRANT SELECT ON raw.account TO etl;
SQL
$node->safe_psql('postgres',
	"CREATE ROLE etl LOGIN; CREATE DATABASE one; CREATE DATABASE two;");
$node->safe_psql('one', $setup . 'GRANT salesforce_fdw_operator TO etl');
my @as_etl = (extra_params => [ '-U', 'etl' ]);
$node->safe_psql('one', <<'SQL', @as_etl);
SELECT salesforce_fdw.create_dataset('accounts', 'lake', target => 'crm.accounts',
	query => 'SELECT id, name, industry FROM raw.account', sorted_by => '{id}',
	accept => '{"Account.Name": "documented"}', purge => 'inputs', confirm => 'file:///dataset/raw/',
	gates => '{"min_rows": 5, "checks": {"named": "SELECT count(*) FROM crm.accounts WHERE name IS NULL"}}');
SELECT salesforce_fdw.alter_dataset('accounts', purge_after => '3 days');
SQL

# Claim: a dump holds definitions and acceptances; restored, they mean the same.
my $dump = $node->data_dir . '/one.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('one') ],
	'a database with data sets is dumped');
$node->command_ok(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('two') ],
	'and restored');
my $everything = <<'SQL';
SELECT d.* FROM salesforce_fdw.dataset AS d;
SELECT * FROM salesforce_fdw.dataset_acceptance;
SELECT * FROM salesforce_fdw.lineage('accounts');
SQL
is( $node->safe_psql('two', $everything), $node->safe_psql('one', $everything),
	'definition, acceptance and lineage are the same');
is( $node->safe_psql('two', "SELECT verdict FROM salesforce_fdw.lineage('accounts') WHERE field = 'Name'"),
	'accepted', 'the acceptance still counts: the hash does not depend on OIDs');
is( $node->safe_psql('two', 'SELECT count(*) FROM salesforce_fdw.shipped_definition'),
	'1', 'shipped definitions come with the extension, not with the dump');
$node->safe_psql('two',
	"SELECT salesforce_fdw.alter_dataset('accounts', sorted_by => '{industry}')", @as_etl);
is( $node->safe_psql('two', "SELECT version FROM salesforce_fdw.dataset"),
	'3', 'and it can be altered by its owner');

# Claim: two sessions cannot take overlapping folders: the second waits, and
# then sees the first.
my $first = $node->background_psql('one', on_error_stop => 0);
{
	$first->query_safe(<<'SQL');
BEGIN;
SELECT salesforce_fdw.create_dataset('left_one', 'lake', target => 'crm.left_one', path => 'shared/',
	query => 'SELECT id FROM raw.account');
SQL
	my ($status, $out, $err) = $node->psql('one', <<'SQL');
SET lock_timeout = '200ms';
SELECT salesforce_fdw.create_dataset('right_one', 'lake', target => 'crm.right_one', path => 'shared/below/',
	query => 'SELECT id FROM raw.account');
SQL
	like($err, qr/lock timeout/, 'a second writer of definitions waits');
	# Readers do not: a run of another data set goes on.
	is( $node->safe_psql('one',
			"SET lock_timeout = '200ms'; SELECT count(*) FROM salesforce_fdw.lineage('accounts')"),
		'3', 'readers of definitions do not wait');
	$first->query_safe('COMMIT');
	($status, $out, $err) = $node->psql('one', <<'SQL');
SELECT salesforce_fdw.create_dataset('right_one', 'lake', target => 'crm.right_one', path => 'shared/below/',
	query => 'SELECT id FROM raw.account');
SQL
	like($err, qr/overlaps with folder .* of data set "left_one"/,
		'and finds the folder taken');

	# Claim: whoever has read a definition keeps it from changing until its end.
	$first->query_safe("BEGIN; SELECT count(*) FROM salesforce_fdw.lineage('accounts');");
	($status, $out, $err) = $node->psql('one', <<'SQL', @as_etl);
SET lock_timeout = '200ms';
SELECT salesforce_fdw.alter_dataset('accounts', sorted_by => '{}');
SQL
	like($err, qr/lock timeout/, 'alter_dataset waits for a reader of the definition');
	$first->query_safe('COMMIT');
	$first->quit;
}

# Claim: nothing of a definition that fails stays behind.
$node->psql('one', <<'SQL', @as_etl);
SELECT salesforce_fdw.create_dataset('half', 'lake', target => 'crm.half',
	query => 'SELECT id FROM raw.account', sorted_by => '{nothing}');
SQL
is( $node->safe_psql('one', <<'SQL'), '|', 'a refused definition leaves no objects');
SELECT to_regclass('crm.half') || '', to_regclass('crm.half_definition') || ''
SQL

$node->stop;
done_testing();
