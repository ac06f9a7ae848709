# Claim: three exports of a day in a bucket with versions can each be read as of
# their time and compared; a version that is gone, purged or deleted otherwise,
# is never replaced by an older one; a run reads what it has pinned, whatever
# the session looks at.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use File::Find;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $server = start_s3();
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('snapshots');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\n");
$node->start;
s3($server, 'make', $_, 'Enabled') for qw(raw lake);
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home,
	raw => 's3://raw/day/', lake => 's3://lake/',
	server_options => s3_options($server),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");

# S3 counts in seconds: the next export is one later at least.
sub moment
{
	sleep 1;
	return $node->safe_psql('w', 'SELECT now()');
}

# versitygw gives a version that is replaced the time of that; S3 and MinIO keep
# the one at which it was written, which versitygw has in the version's id, a
# number of milliseconds in front.
sub keep_times
{
	return if s3_is_minio();
	find(sub {
		my ($digits) = /^([0-9A-HJKMNP-TV-Z]{10})[0-9A-HJKMNP-TV-Z]{16}$/ or return;
		my $time = 0;
		$time = $time * 32 + index('0123456789ABCDEFGHJKMNPQRSTVWXYZ', $_) for split //, $digits;
		utime $time / 1000, $time / 1000, $_ or die "$_: $!";
	}, "$server->{folder}/versions");
	return;
}

# The exports of a day, and the moment when they are there.
sub export_day
{
	my ($day, %with) = @_;
	write_exports("$home/raw", $day, %with);
	sleep 1;
	s3($server, 'put', 'raw', "day/$_.csv", "$home/raw/$_.csv") for qw(Account Opportunity Contact);
	keep_times();
	return moment();
}

# A statement as of a time, as etl: SQLSTATE, output, messages.
sub as_of
{
	my ($time, $sql) = @_;
	return attempt($node, 'w', "SET salesforce_fdw.snapshot = '$time';\n$sql");
}

# What psql prints with headings.
sub table_of
{
	my ($sql) = @_;
	my $out = '';
	IPC::Run::run([ 'psql', '-X', '-q', '-P', 'pager=off', '-d', $node->connstr('w'), '-U', 'etl', '-c', $sql ], '>&', \$out);
	return $out;
}

my $both = 'SELECT string_agg(DISTINCT stagename, $$, $$), count(*), count(DISTINCT a.id) FROM raw.opportunity o JOIN raw.account a ON a.id = o.accountid;';
my $before = moment();
my @at = map { export_day($_->[0], rows => $_->[1]) } [ 1, 7 ], [ 2, 8 ], [ 3, 6 ];
my ($state, $out, $err);

# --- each as of its time
for my $day (1 .. 3)
{
	my $rows = (7, 8, 6)[ $day - 1 ];
	($state, $out, $err) = as_of($at[ $day - 1 ], $both);
	is("$state:$out", ":Day $day|$rows|$rows", "as of the export $day it is read, all tables of a statement") or diag($err);
}
is($node->safe_psql('w', "SET ROLE etl; $both"), 'Day 3|6|6', 'without a snapshot the newest is read');
($state, $out, $err) = as_of($before, $both);
is($state, '58P01', 'before the first there was none');
like($err, qr{object "s3://raw/day/\w+\.csv" did not exist at \S+ \S+\nDETAIL:  The oldest version of it that is known was written at}, '... which is said');
($state, $out, $err) = as_of($at[0], 'EXPLAIN (ANALYZE, VERBOSE, TIMING off, SUMMARY off) SELECT id FROM raw.account');
like($out, qr/Snapshot: \Q$at[0]\E\n *Version: \S+\n/, 'EXPLAIN says so, and which version it is');
my $version = $node->safe_psql('w', "SET ROLE etl; SELECT version_id FROM salesforce_fdw.object_versions('raw_exports', 'Account.csv') ORDER BY last_modified LIMIT 1");
like($out, qr/Version: \Q$version\E\n/, '... the oldest');

# --- a statement that reads a table twice asks once which version it reads
my $counted = start_faults($server->{port});
$node->safe_psql('w', "ALTER SERVER raw_exports OPTIONS (SET endpoint '$counted->{endpoint}')");
($state, $out, $err) = as_of($at[1], 'SELECT count(*) FROM raw.account a JOIN raw.account b USING (id);');
is($out, 8, 'a table joined with itself') or diag($err);
# (S3's listing of versions for the plan, which is another moment.)
is(requests($counted, qr{prefix=day%2FAccount\.csv&versions=}), 2, '... is listed once for all its scans');
$node->safe_psql('w', "ALTER SERVER raw_exports OPTIONS (SET endpoint '$server->{endpoint}')");

# --- a cursor goes on with what it began, whatever is set meanwhile
($state, $out, $err) = as_of($at[0], "BEGIN; DECLARE c CURSOR FOR SELECT stagename FROM raw.opportunity;
	SET salesforce_fdw.snapshot = '$at[1]'; SELECT DISTINCT stagename FROM raw.opportunity; FETCH c; COMMIT;");
is($out, "Day 2\nDay 1", 'a cursor reads the snapshot that it was opened in') or diag($err);

# --- what can be gone back to
my $list = "SELECT at, objects, bytes, changed, is_complete FROM salesforce_fdw.snapshots('raw_exports')";
note("table: snapshots\n" . table_of($list));
sub listed { return $node->safe_psql('w', "SET ROLE etl; WITH l AS ($list) $_[0]") }
is(listed('SELECT at FROM l'), listed('SELECT at FROM l ORDER BY at DESC'), 'snapshots() lists the newest first');
is( join('; ', map { listed("SELECT string_agg(DISTINCT c, ',' ORDER BY c) FROM l, unnest(changed) AS c WHERE at > '$_->[0]' AND at <= '$_->[1]'") } [ $before, $at[0] ], [ $at[0], $at[1] ], [ $at[1], $at[2] ]),
	join('; ', ('Account.csv,Contact.csv,Opportunity.csv') x 3), '... each export with its objects');
is(listed('SELECT is_complete, objects FROM l LIMIT 1'), 't|3', '... and the last is complete');
is( listed("SELECT bytes = (SELECT sum(size) FROM salesforce_fdw.object_versions('raw_exports') WHERE is_latest) FROM l LIMIT 1"),
	't', '... with the bytes of what is current');
is( listed("SELECT bool_and(is_complete = (SELECT count(DISTINCT c) = 2 FROM l AS e, unnest(e.changed) AS c WHERE e.at <= l.at AND c IN ('Account.csv', 'Opportunity.csv'))) FROM l"),
	't', 'a moment is complete once both tables have their file');

# --- what changed between them
sub diff_of { return $node->safe_psql('w', "SET ROLE etl; SELECT * FROM salesforce_fdw.diff($_[0])") }
note("table: diff between the exports\n" . table_of(<<"SQL"));
SELECT d.since, d.until, t.relation, f.* FROM (VALUES ('$at[0]'::timestamptz, '$at[1]'::timestamptz), ('$at[1]', '$at[2]'), ('$at[2]', NULL)) AS d (since, until),
	(VALUES ('raw.account'::regclass), ('raw.opportunity')) AS t (relation), salesforce_fdw.diff(t.relation, d.since, d.until) AS f ORDER BY 1, 3
SQL
is(diff_of("'raw.opportunity', '$at[0]', '$at[1]'"), '1|0|7|0', 'a row more, and the stage of all is another');
is(diff_of("'raw.account', '$at[1]', '$at[2]'"), '0|2|0|6', 'two rows less, the others as they were');
is(diff_of("'raw.account', '$at[0]'"), '0|1|0|6', 'until now');
is( $node->safe_psql('w', "SET ROLE etl; SELECT key, change, columns FROM salesforce_fdw.diff_rows('raw.opportunity', '$at[1]', '$at[2]') WHERE change <> 'changed' OR key LIKE '006000000000001%'"),
	"006000000000001AAA|changed|{stagename}\n006000000000007AAA|removed|\n006000000000008AAA|removed|", 'diff_rows() tells which');
note("table: diff_rows\n" . table_of("SELECT * FROM salesforce_fdw.diff_rows('raw.opportunity', '$at[1]', '$at[2]')"));

# --- a run has its own versions
my $set = "SET salesforce_fdw.snapshot = '$at[0]';\n";
is( $node->safe_psql('w', "SET ROLE etl; $set SELECT detail FROM salesforce_fdw.dry_run('sales') WHERE section = 'rows'"),
	'6 rows would be stored: 6 added, 0 changed, 0 removed', 'a dry run looks at the current versions');
is($node->safe_psql('w', "SET ROLE etl; $set SELECT rows FROM salesforce_fdw.materialize('sales')"), 6, 'so does materialize()');
($state, $out, $err) = call_run($node, 'w', before => $set);
is($state, '', 'a run in a session that looks at the first export') or diag($err);
is(published_rows($node, 'w'), expected_rows(3, 6), '... publishes the newest');
my $first_run = value($node, 'w', 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');

# --- a version that is gone is not replaced by the one before it
my $id = $node->safe_psql('w', "SET ROLE etl; SELECT version_id FROM salesforce_fdw.object_versions('raw_exports', 'Opportunity.csv') ORDER BY last_modified OFFSET 1 LIMIT 1");
s3($server, 'delete', 'raw', 'day/Opportunity.csv', $id);
my $stage = 'SELECT DISTINCT stagename FROM raw.opportunity;';
($state, $out, $err) = as_of($at[1], $stage);
is($state, 'SF001', 'a version that somebody deleted, and a run had listed');
like($err, qr{version of object "s3://raw/day/Opportunity\.csv" that was current at \Q$at[1]\E is gone\nDETAIL:  It was written at \S+ \S+ and listed by a run}, '... is said to be gone');
is((as_of($at[$_], $stage))[1], 'Day ' . ($_ + 1), 'the one ' . ($_ ? 'after' : 'before') . ' it is read') for 0, 2;
is((attempt($node, 'w', "SELECT * FROM salesforce_fdw.diff('raw.opportunity', '$at[0]', '$at[1]')"))[0], 'SF001', 'it cannot be compared');
is( listed("SELECT bool_or(is_complete) FROM l WHERE at <= '$at[1]' AND at >= (SELECT max(at) FROM l WHERE at <= '$at[1]' AND 'Opportunity.csv' = ANY (changed))"),
	'f', 'snapshots() has nothing complete of then');
$node->safe_psql('w', 'CREATE SCHEMA then_raw AUTHORIZATION etl');
($state, $out, $err) = as_of($at[1], ' IMPORT FOREIGN SCHEMA salesforce FROM SERVER raw_exports INTO then_raw; SELECT relname FROM pg_class WHERE relnamespace = \'then_raw\'::regnamespace ORDER BY 1;');
is("$state:$out", ":account\ncontact", 'IMPORT leaves it out') or diag($err);
like($err, qr{WARNING: .*1 object below "s3://raw/day/" is left out: what it was at \Q$at[1]\E cannot be read any more\nDETAIL:  The first of them is "Opportunity\.csv"}, '... with a warning');

# --- a delete marker
s3($server, 'mark', 'raw', 'day/Account.csv');
keep_times();
my $marked = moment();
($state, $out, $err) = as_of($marked, 'SELECT * FROM raw.account');
is($state, '58P01', 'what was deleted then');
like($err, qr{object "s3://raw/day/Account\.csv" did not exist at \Q$marked\E\nDETAIL:  It was deleted at}, '... is said to have been');

# --- a purge
my $fourth = export_day(4);
$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge => 'inputs', confirm => 's3://raw/day/')");
($state, $out, $err) = call_run($node, 'w', before => $set);
is($state, '', 'a run that purges') or diag($err);
my $run = value($node, 'w', 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
my $fifth = export_day(5);
is((as_of($fifth, $stage))[1], 'Day 5', 'the next export is read');
for ($at[0], $at[2], $fourth)
{
	($state, $out, $err) = as_of($_, $stage);
	is($state, 'SF001', 'what is purged is not');
	like($err, qr{Opportunity\.csv" that was current at \Q$_\E is gone\nDETAIL:  It was written at \S+ \S+, and run "(?:$run|$first_run)" purged it at \d{4}-}, '... the message names the run');
}
($state, $out, $err) = as_of($marked, 'SELECT * FROM raw.account');
like($err, qr{Account\.csv" did not exist at \Q$marked\E\nDETAIL:  It was deleted at}, 'a delete marker that is purged was one all the same');
($state, $out, $err) = as_of("run:$run", $stage);
is($state, 'SF001', 'the pins of the run are gone with them');
is(listed("SELECT count(*) > 0 FROM l WHERE is_complete AND at > '$fourth'"), 't', 'the last export is complete');
is(listed("SELECT count(*) FROM l WHERE is_complete AND at <= '$fourth'"), 0, '... and no other');
note("table: snapshots after the purge\n" . table_of($list));
note("table: as of each after the purge\n" . join('', map { table_of("SET salesforce_fdw.snapshot = '$_'; $stage") } @at, $fourth, $fifth));

$node->stop;
done_testing();
