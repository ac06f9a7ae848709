# Of 200 strings planted in personal columns of the raw files none is found
# anywhere they may not be: published folder, catalog, dump of the database,
# server log, data directory, what the client was shown.  So after every way
# that a run can end: refused by a detector, failed in a cast of a planted
# value, failed in the decoding of one, closed with its raw files purged.  The
# search is seen to find things: file_fdw's error on the same file puts such
# strings into the log and before the client.
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use CanaryTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $generator = dirname(__FILE__) . '/../gen_salesforce.py';
my $lake      = abs_path(PostgreSQL::Test::Utils::tempdir());
mkdir "$lake/$_" foreach qw(raw transformed catalog);
my $planted;

# A night's export, with the same canaries each time.
sub export_raw
{
	my (@more) = @_;
	system_or_bail(
		'python3', $generator, "$lake/new",
		qw(--account 400r --opportunity 400r --contact 200r --lead 50r),
		qw(--user 60r --case 100r --canary-count 200),
		'--canaries', "$lake/canaries", @more);
	$planted = split /\n/, slurp_file("$lake/canaries");
	unlink "$lake/canaries";
	rename $_, "$lake/raw/" . basename($_) or die "$_: $!"
	  foreach glob "$lake/new/*.csv";
	return;
}

# How many different ones stand in a text, or in the files below a folder; a
# part of one counts as one more.
my $canary = 'canary-[a-z0-9_-]*|anary-';
sub hits_in { my @found = canaries_in($canary, @_); return scalar @found }
sub hits { my @found = canaries_below($canary, @_); return scalar @found }

my $node = PostgreSQL::Test::Cluster->new('planted');
$node->init;
$node->append_conf('postgresql.conf', <<"CONF");
shared_preload_libraries = 'salesforce_fdw'
log_min_messages = debug1
log_error_verbosity = verbose
log_statement = all
log_temp_files = 0
autovacuum = off
CONF
# The log of an earlier execution of this file may be there still.
my $log_start = -s $node->logfile // 0;
$node->start;
my $shown = '';

# Search every place where a canary may not be.
sub nowhere
{
	my ($after) = @_;
	my $dump = PostgreSQL::Test::Utils::tempdir();
	command_ok([ 'pg_dumpall', '-d', $node->connstr('postgres'), '-f', "$dump/dump.sql" ],
		"$after: the cluster is dumped");
	$node->safe_psql('postgres', 'CHECKPOINT');
	is(hits("$lake/transformed"), 0, '... no canary is in the published folder');
	is(hits("$lake/catalog"), 0, '... nor in the catalog');
	is(hits($dump), 0, '... nor in the dump');
	is(hits($node->data_dir), 0, '... nor in the data directory');
	is(hits_in(slurp_file($node->logfile, $log_start)), 0, '... nor in the server log');
	is(hits_in($shown), 0, '... nor in what the client was shown');
	return;
}

# SQL as the owner of the job: (SQLSTATE or '', messages).
sub etl
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql(
		'postgres', "\\set VERBOSITY verbose\n$sql",
		stdout       => \$out,
		stderr       => \$err,
		extra_params => [ '-U', 'etl' ]);
	$shown .= "$out\n$err\n";
	my ($state) = $err =~ /ERROR:  ([0-9A-Z]{5}):/;
	return ($state // ($status == 0 ? '' : 'failed'), $err);
}

export_raw('--plant-email');
is($planted, 200, '200 canaries are planted');
is(hits("$lake/raw"), 200, 'the search finds all of them in the raw files');

$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE EXTENSION file_fdw;
CREATE ROLE etl LOGIN;
CREATE SCHEMA raw AUTHORIZATION etl;
CREATE SCHEMA crm AUTHORIZATION etl;
GRANT salesforce_fdw_operator TO etl;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw
  OPTIONS (location 'file://$lake/raw/');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw
  OPTIONS (location 'file://$lake/transformed/', catalog 'file://$lake/catalog/', database 'crm');
GRANT USAGE ON FOREIGN SERVER raw_exports, lake TO etl;
SQL
my ($state, $err) = etl(<<'SQL');
IMPORT FOREIGN SCHEMA salesforce FROM SERVER raw_exports INTO raw;
SELECT salesforce_fdw.create_dataset('account_opportunity', destination => 'lake',
  path => 'bes/crm/salesforce/', source_schema => 'raw', target => 'crm.account_opportunity',
  accept => '{"Account.Name": "organisation name", "Opportunity.Name": "service name"}');
SQL
is($state, '', 'every object is imported, and the data set created') or diag $err;

# A scan that fails in a value.
($state, $err) = etl(<<'SQL');
ALTER FOREIGN TABLE raw.contact ALTER COLUMN email TYPE integer;
SELECT count(email) FROM raw.contact;
SQL
is($state, '22P02', 'a column declared with the wrong type fails');
like($err, qr/Contact\.csv": record 1, byte \d+, column "email"/, '... and says where');

# A run that a detector refuses.
($state, $err) = etl("CALL salesforce_fdw.run('account_opportunity')");
is($state, 'SF003', 'a run is refused');
nowhere('a refused run');

# Runs that fail in an expression over planted values: PostgreSQL's own
# messages would show them.  The column must be accepted to be cast at all.
my %failing = (
	failing_cast => [ '22P02', 'a.description::integer AS description' ],
	failing_date => [ '22007', 'a.description::date AS description' ]);
foreach my $name (sort keys %failing)
{
	my ($expected, $expression) = @{ $failing{$name} };
	($state, $err) = etl(<<"SQL");
SELECT salesforce_fdw.create_dataset('$name', destination => 'lake', target => 'crm.$name',
  query => 'SELECT a.id, $expression FROM raw.account a',
  accept => '{"Account.Description": "to see it fail"}');
SQL
	is($state, '', "$name is defined") or diag $err;
	($state, $err) = etl("SELECT * FROM salesforce_fdw.dry_run('$name')");
	is($state, $expected, '... its rehearsal fails in a value') or diag $err;
	($state, $err) = etl("CALL salesforce_fdw.run('$name')");
	is($state, $expected, '... and its run fails in a value');
	($state, $err) = etl("SELECT salesforce_fdw.materialize('$name')");
	is($state, $expected, '... and so does materialize') or diag $err;
}
nowhere('runs that fail in a cast');

# A run that fails in the decoding of a field.
($state, $err) = etl(<<'SQL');
ALTER FOREIGN TABLE raw.opportunity ALTER COLUMN nextstep TYPE numeric;
SELECT salesforce_fdw.create_dataset('failing_field', destination => 'lake', target => 'crm.failing_field',
  query => 'SELECT o.id, o.nextstep FROM raw.opportunity o',
  accept => '{"Opportunity.NextStep": "to see it fail"}');
CALL salesforce_fdw.run('failing_field');
SQL
is($state, '22P02', 'a run fails in the decoding of a field');
nowhere('a run that fails in a field');

# The next night's export: the run is closed, and the raw files are gone.
my $contact = slurp_file("$lake/raw/Contact.csv");
export_raw();
($state, $err) = etl(<<"SQL");
SELECT salesforce_fdw.drop_dataset(name) FROM salesforce_fdw.dataset WHERE name LIKE 'failing%';
SELECT salesforce_fdw.alter_dataset('account_opportunity', purge => 'location', confirm => 'file://$lake/raw/');
CALL salesforce_fdw.run('account_opportunity');
SQL
is($state, '', 'the run is closed') or diag $err;
my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM crm.account_opportunity');
cmp_ok($rows, '>', 300, "$rows rows are published");
ok(-s "$lake/transformed/bes/crm/salesforce/account_opportunity.parquet",
	'the Parquet file is there');
is(join(' ', glob("$lake/raw/*")), '', 'the raw files are gone');
($state, $err) = etl(<<'SQL');
ANALYZE crm.account_opportunity;
TABLE crm.account_opportunity;
TABLE salesforce_fdw.run_status;
TABLE salesforce_fdw.run_findings;
TABLE salesforce_fdw.run_events;
SELECT * FROM salesforce_fdw.check_runs();
SELECT salesforce_fdw.evidence(run) FROM salesforce_fdw.runs;
SQL
is($state, '', 'the target is analysed, and the ledger read');
cmp_ok($node->safe_psql('postgres',
		"SELECT count(*) FROM pg_stats WHERE tablename = 'account_opportunity'"),
	'>', 0, '... so that there are statistics');
is(hits($lake), 0, 'no canary is left below the locations');
nowhere('a closed run with purge');

# The control: the same search finds what file_fdw shows of the same file.
append_to_file("$lake/Contact.csv", $contact);
my $columns = (split /\r\n/, $contact)[0];
my $list = join ', ', map { lc($_) . ($_ eq 'Email' ? ' integer' : ' text') } split /,/, $columns;
$node->safe_psql('postgres', <<"SQL");
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE contact_file ($list) SERVER files
  OPTIONS (filename '$lake/Contact.csv', format 'csv', header 'true');
SQL
my ($control, $message) = (0, '');
$control = $node->psql('postgres', 'SELECT count(email) FROM contact_file',
	stderr => \$message);
isnt($control, 0, 'file_fdw fails on the same column');
cmp_ok(hits_in($message), '>', 0, '... its error shows the client canaries');
cmp_ok(hits_in(slurp_file($node->logfile, $log_start)), '>', 0, '... and the server log');
$node->safe_psql('postgres', 'CREATE TABLE copied AS SELECT lastname FROM contact_file; CHECKPOINT');
cmp_ok(hits($node->data_dir), '>', 0,
	'... and a copy of a raw column is found in the data directory');

$node->stop;
done_testing();
