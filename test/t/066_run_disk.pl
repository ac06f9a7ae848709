# A disk that is full while a run writes its file leaves the run where it is,
# and yesterday's file in its place; with space again, the next CALL goes on.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use SmallDisk;
use Test::More;

my $canary = 'Qx7CANARY9zK';
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('run_disk');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');

# The lake is a disk of 1 MB that this server alone sees.
start_with_small_disk($node, "$home/lake", 1);
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);

sub newest
{
	my ($columns) = @_;
	return value($node, 'w',
		"SELECT $columns FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1");
}

# What the server sees in the lake.
sub sha256_in_lake
{
	return value($node, 'w',
		"SELECT encode(sha256(pg_read_binary_file('$home/lake/sales/sales.parquet')), 'hex')");
}

write_exports("$home/raw", 1);
is((call_run($node, 'w'))[0], '', 'day 1 is published');
my $first = newest('file_sha256');
is(sha256_in_lake(), $first, 'as recorded');
$node->safe_psql('w',
	"COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; dd if=/dev/zero of=$home/lake/filler bs=4k count=400 2> /dev/null; true'"
);
write_exports("$home/raw", 2);
write_text("$home/raw/Opportunity.csv",
	slurp_file("$home/raw/Opportunity.csv") =~ s/Day 2/$canary/r);
my ($state, $out, $err) = call_run($node, 'w');
is($state, '53100', 'a full disk is an error of its own');
like($err, qr/No space left on device/, 'whose message says why');
unlike($out . $err . slurp_file($node->logfile) . ledger_text($node, 'w'),
	qr/$canary/, 'and no value is shown');
is(newest('state, last_sqlstate'), 'materialized|53100', 'the run stays open');
is(sha256_in_lake(), $first, 'and the file of day 1 in its place');
$node->safe_psql('w', "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm $home/lake/filler'");
is((call_run($node, 'w'))[0], '', 'with space again the CALL goes on');
is(newest('state, attempt'), 'closed|2', 'with another attempt');
is(sha256_in_lake(), newest('file_sha256'), 'and day 2 is published');
is(published_rows($node, 'w'), expected_rows(2) =~ s/Day 2/$canary/r,
	'with its rows');
$node->stop;
done_testing();
