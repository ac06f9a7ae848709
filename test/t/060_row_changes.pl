# Rows added, changed and removed: the counts of a materialization against what
# the two contents say, for keys that are unique, missing and repeated.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $days = $ENV{SFDW_SLOW} ? 5 : 40;
my $raw = PostgreSQL::Test::Utils::tempdir();
my $lake = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('row_changes');
$node->init;
$node->start;

# Write rows of id, account and name as the export of opportunities.
sub write_rows
{
	my (@rows) = @_;
	open(my $file, '>:raw', "$raw/Opportunity.csv") or die $!;
	print $file "Id,AccountId,Name\r\n";
	print $file join(',', @$_), "\r\n" for @rows;
	close($file);
	return;
}

write_rows();
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE ROLE etl LOGIN;
GRANT salesforce_fdw_operator TO etl;
CREATE SCHEMA raw AUTHORIZATION etl;
CREATE SCHEMA crm AUTHORIZATION etl;
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$raw/', dialect 'cds');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$lake/');
GRANT USAGE ON FOREIGN SERVER raw, lake TO etl;
SET ROLE etl;
CREATE FOREIGN TABLE raw.opportunity (id text, accountid text, name text)
	SERVER raw OPTIONS (object 'Opportunity', dialect 'cds');
SELECT salesforce_fdw.create_dataset(name, destination => 'lake', target => 'crm.' || name,
	query => query, accept => '{"Opportunity.Name": "service"}', gates => '{"min_rows": 0, "max_shrink": 1}')
	FROM (VALUES ('keyed', 'SELECT id, name FROM raw.opportunity'),
		('keyless', 'SELECT accountid, name FROM raw.opportunity')) AS d (name, query);
SQL

# Materialize a data set; its counts of rows added, changed and removed.
sub materialize
{
	my ($name, $settings) = @_;
	return $node->safe_psql('postgres', ($settings // '') . "SET ROLE etl;
		SELECT added, changed, removed FROM salesforce_fdw.materialize('$name')");
}

# What these counts are by hand: rows are [key, rest].
sub count_changes
{
	my ($before, $after) = @_;
	my (%left, %keys, @counts);
	$left{"$_->[0]|$_->[1]"}++ for @$after;
	for my $row (@$before)
	{
		my $text = "$row->[0]|$row->[1]";
		$left{$text} ? $left{$text}-- : $keys{ $row->[0] }[0]++;
	}
	for my $text (grep { $left{$_} } keys %left)
	{
		my ($key) = split(/\|/, $text);
		$keys{$key}[1] += $left{$text};
	}
	@counts = (0, 0, 0);
	for my $key (values %keys)
	{
		my ($gone, $new) = map { $_ // 0 } @$key[ 0, 1 ];
		my $both = $gone < $new ? $gone : $new;
		$counts[0] += $new - $both;
		$counts[1] += $both;
		$counts[2] += $gone - $both;
	}
	return join('|', @counts);
}

# A record id of a number.
sub id
{
	my ($number) = @_;
	return sprintf('006A%011d', $number);
}

my $account = '001A00000000002IAA';

# --- by hand ----------------------------------------------------------------
my @first = map { [ id($_), $account, "Service $_" ] } 1 .. 5;
write_rows(@first);
is(materialize('keyed'), '5|0|0', 'a first content is all added');
is(materialize('keyed'), '0|0|0', 'the same content is no change');
write_rows(reverse @first);
is(materialize('keyed'), '0|0|0', 'nor is another order');
write_rows([ id(1), $account, 'Service 1' ], [ id(2), $account, 'Another' ], [ id(9), $account, 'Service 3' ]);
is(materialize('keyed'), '1|1|3', 'one id is new, one has another name, three are gone');
is(materialize('keyless'), '3|0|0', 'another data set has a content of its own');
write_rows([ id(7), $account, 'Service 1' ], [ id(2), $account, 'New' ]);
is(materialize('keyless'), '1|0|2', 'without an id, another name is a row gone and a row added');
write_rows();
is(materialize('keyed'), '0|0|3', 'and everything may be removed');
materialize('keyless');

# --- random contents, ids repeated ------------------------------------------
srand(20);
my (@before, $wrong);
for my $day (1 .. $days)
{
	my @rows = map { [ id(int(rand(12))), $account, 'Service ' . int(rand(4)) ] } 1 .. int(rand(30));
	my @now = map { [ $_->[0], $_->[2] ] } @rows;
	write_rows(@rows);
	my $expected = count_changes(\@before, \@now);
	my $got = materialize('keyed');
	$wrong .= "day $day: $got, not $expected\n" if $got ne $expected;
	@before = @now;
}
is($wrong, undef, "$days random contents with repeated ids are counted right");
is(count_changes([ [ 1, 'a' ], [ 1, 'b' ] ], [ [ 1, 'b' ], [ 1, 'c' ], [ 2, 'a' ] ]), '1|1|0', '... by a count that is right');

# --- more than fits into memory ---------------------------------------------
write_rows();
materialize('keyed');
my $many = $ENV{SFDW_SLOW} ? 5_000 : 60_000;
write_rows(map { [ id($_), $account, "Service $_" ] } 1 .. $many);
is(materialize('keyed'), "$many|0|0", "$many rows");
write_rows(map { [ id($_), $account, $_ % 10 ? "Service $_" : 'Changed' ] } 11 .. $many + 7);
my $temporary = "SELECT temp_bytes > 1000000 FROM pg_stat_database WHERE datname = 'postgres'";
$node->safe_psql('postgres', 'SELECT pg_stat_reset()');
is(materialize('keyed', "SET work_mem = '64kB'; "), '7|' . ($many / 10 - 1) . '|10', 'counted through temporary files');
ok($ENV{SFDW_SLOW} || $node->poll_query_until('postgres', $temporary), '... of more than a megabyte');

# The counts stand in the ledger, in dry_run() and in the evidence.
write_rows([ id(11), $account, 'Service 11' ], [ id(1), $account, 'Service 1' ]);
my $sql = "SET ROLE etl; SET client_min_messages = error;
SELECT detail FROM salesforce_fdw.dry_run('keyed') WHERE section = 'rows';
CALL salesforce_fdw.run('keyed');
SELECT rows_added, rows_changed, rows_removed FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1;
SELECT e->'rows_added', e->'rows_changed', e->'rows_removed' FROM salesforce_fdw.runs,
	salesforce_fdw.evidence(run) e ORDER BY number DESC LIMIT 1";
my $removed = $many + 7 - 10 - 1;
is( $node->safe_psql('postgres', $sql),
	"2 rows would be stored: 1 added, 0 changed, $removed removed\n1|0|$removed\n1|0|$removed",
	'a dry run, the ledger and the evidence say the same');

done_testing();
