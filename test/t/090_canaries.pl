# After a run with purge, none of 200 strings planted in personal columns of
# the raw files is found anywhere: published folder, catalog, dump of the
# database, server log, data directory.  The search is seen to find things:
# file_fdw's error on the same file puts such strings into the log.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use File::Find;
use File::Basename;

my $generator = dirname(__FILE__) . '/../gen_salesforce.py';
my $lake = PostgreSQL::Test::Utils::tempdir();
mkdir "$lake/$_" foreach qw(raw transformed catalog);

system_or_bail('python3', $generator, "$lake/raw", '--account', '400r',
	'--opportunity', '400r', '--contact', '200r', '--lead', '50r', '--user',
	'60r', '--case', '100r', '--canaries', "$lake/canaries",
	'--canary-count', '200');
my @canaries = split /\n/, slurp_file("$lake/canaries");
unlink "$lake/canaries";
is(scalar(@canaries), 200, '200 canaries are planted');

# How many of the canaries stand in the files below a folder.
sub hits
{
	my ($folder) = @_;
	my %found;
	my $any = join '|', map { quotemeta } @canaries;
	find(
		{
			no_chdir => 1,
			wanted => sub {
				return unless -f $File::Find::name;
				my $text = slurp_file($File::Find::name);
				$found{$1} = 1 while $text =~ /($any)/g;
			}
		},
		$folder);
	return scalar(keys %found);
}

is(hits("$lake/raw"), 200, 'the raw files hold all of them');

my $node = PostgreSQL::Test::Cluster->new('canaries');
$node->init;
$node->append_conf('postgresql.conf', <<"CONF");
shared_preload_libraries = 'salesforce_fdw'
log_min_messages = debug1
log_error_verbosity = verbose
log_temp_files = 0
CONF
$node->start;
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

sub etl
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql('postgres', $sql, stdout => \$out, stderr => \$err,
		extra_params => [ '-U', 'etl' ]);
	return ($status, $out, $err);
}

my ($status, $out, $err) = etl('IMPORT FOREIGN SCHEMA salesforce FROM SERVER raw_exports INTO raw');
is($status, 0, 'every object is imported') or diag $err;
($status, $out, $err) = etl(<<'SQL');
SELECT salesforce_fdw.create_dataset('account_opportunity', destination => 'lake',
  path => 'bes/crm/salesforce/', source_schema => 'raw', target => 'crm.account_opportunity',
  accept => '{"Account.Name": "documented", "Opportunity.Name": "documented"}');
SQL
is($status, 0, 'the data set is created') or diag $err;

# A failing scan of a personal table: our error shows no value.
my $contact = slurp_file("$lake/raw/Contact.csv");
($status, $out, $err) = etl(<<'SQL');
ALTER FOREIGN TABLE raw.contact ALTER COLUMN email TYPE integer;
SELECT count(email) FROM raw.contact;
SQL
isnt($status, 0, 'a column declared with the wrong type fails');
unlike($err, qr/canary/, '... and the error shows no value');

($status, $out, $err) = etl(<<"SQL");
SELECT salesforce_fdw.alter_dataset('account_opportunity', purge => 'location', confirm => 'file://$lake/raw/');
CALL salesforce_fdw.run('account_opportunity');
SQL
is($status, 0, 'the run is closed') or diag $err;
my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM crm.account_opportunity');
cmp_ok($rows, '>', 300, "$rows rows are published");
ok(-s "$lake/transformed/bes/crm/salesforce/account_opportunity.parquet",
	'the Parquet file is there');

is(join(' ', glob("$lake/raw/*.csv")), '', 'the raw files are gone');
is(hits("$lake/raw"), 0, 'no canary is left in the raw folder');
is(hits("$lake/transformed"), 0, 'no canary is in the published folder');
is(hits("$lake/catalog"), 0, 'no canary is in the catalog');

my $dump = PostgreSQL::Test::Utils::tempdir();
command_ok([ 'pg_dumpall', '-d', $node->connstr('postgres'), '-f', "$dump/dump.sql" ],
	'the database is dumped');
is(hits($dump), 0, 'no canary is in the dump');
$node->safe_psql('postgres', 'CHECKPOINT');
is(hits($node->data_dir), 0, 'no canary is in the data directory');
my $log = PostgreSQL::Test::Utils::tempdir();
copy_log();
is(hits($log), 0, 'no canary is in the server log');

# The control: the same search finds what file_fdw writes.
append_to_file("$lake/Contact.csv", $contact);
my $columns = (split /\r\n/, $contact)[0];
my $list = join ', ', map { lc($_) . ($_ eq 'Email' ? ' integer' : ' text') } split /,/, $columns;
$node->safe_psql('postgres', <<"SQL");
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE contact_file ($list) SERVER files
  OPTIONS (filename '$lake/Contact.csv', format 'csv', header 'true');
SQL
isnt($node->psql('postgres', 'SELECT count(email) FROM contact_file'), 0,
	'file_fdw fails on the same column');
copy_log();
cmp_ok(hits($log), '>', 0, 'and its error leaves canaries in the server log');

sub copy_log
{
	append_to_file("$log/log", slurp_file($node->logfile));
	return;
}

$node->stop;
done_testing();
