# Claim: more versions than a page of a listing, or a batch of deletions, has are
# all listed, deleted and proved, over a real server: a purge of inputs alone
# proves itself by three pages; the rest goes in three batches, and an input that
# is replaced while the first of them is under way survives, and is the next run's.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(time);

my ($keys, $versions, $markers) = (205, 10, 20);
my $s3 = start_s3();
my $faults = start_faults($s3->{port});
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('many_versions');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
make_world($node, 'postgres', $home, raw => 's3://raw/day/', lake => 's3://lake/', server_options => s3_options($faults),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'", purge => "'inputs'", confirm => "'s3://raw/day/'");
write_exports("$home/raw", 1);
my $started = time;
s3($s3, 'put-all', 'raw', 'day/', "$home/raw", qw(Account.csv Opportunity.csv));
s3($s3, 'put', 'raw', 'day/old/Account.csv', "$home/raw/Account.csv");
s3($s3, 'put-many', 'raw', 'day/old/', $keys, $versions, $markers);
# A neighbour, which nothing of this is about.
s3($s3, 'put', 'raw', 'dayz.csv', "$home/raw/Account.csv");
my $all = $keys * $versions + $markers + 3;
is(scalar(split /\n/, s3($s3, 'list', 'raw', 'day/')), $all, "$all versions");
note(sprintf 'figure: %.1f s to make them', time - $started);

my $list = ' GET /raw/\?\S*versions=';
my $delete = ' POST /raw/\?delete=';

# What the ledger has of the first run: listed, deleted and proved.
sub ledger
{
	return value($node, 'postgres', "SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE purge_outcome = 'deleted'), count(purge_proved))
		FROM salesforce_fdw.run_inputs WHERE number = 1");
}

# --- the inputs alone
set_rules($faults);
my $begun = time;
my ($state, $out, $err) = call_run($node, 'postgres');
is($state, '', 'a run that purges its inputs') or diag $err;
is(ledger(), "$all 2 2", '... has listed all, and purged two');
is(requests($faults, $list), 6, '... by three pages before and three after');
is(scalar(split /\n/, s3($s3, 'list', 'raw', 'day/')), $all - 2, '... and the others are there');
note(sprintf 'figure: %.1f s for a run that lists %d versions twice', time - $begun, $all);

# --- the whole location; Account.csv is written anew in the middle
$node->safe_psql('postgres', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 's3://raw/day/')");
write_exports("$home/raw", 2, rows => 0);
my $version = "$home/version";
my $tool = "SFDW_TEST_KEY='$aws_key' SFDW_TEST_SECRET='$aws_secret' $ENV{SFDW_PYTHON} $FindBin::RealBin/../servers/s3tool.py $s3->{endpoint}";
my $overwrite = join '; ', map { "$tool put raw day/$_ $home/raw/" . (split '/')[-1] . " >>$version" } qw(old/Account.csv Account.csv Opportunity.csv);
set_rules($faults, { match => '^POST /raw/\?delete=', nth => 1, do => 'run', command => $overwrite });
$begun = time;
($state, $out, $err) = call_run($node, 'postgres');
note(sprintf 'figure: %.1f s to purge %d versions, the overwriting of three files included', time - $begun, $all - 2);
is(requests($faults, $delete), 3, 'the rest goes in three batches');
is(ledger(), join(' ', ($all) x 3), '... and each is deleted and proved');
is(value($node, 'postgres', "SELECT concat_ws(' ', state, purge_scope, purged_at IS NOT NULL) FROM salesforce_fdw.runs WHERE number = 1"), 'closed location t', '... so that the run has purged all');
my @new = split /\n/, slurp_file($version);
is(scalar(@new), 3, 'three files were replaced during the first batch');
is(s3($s3, 'list', 'raw', 'day/') =~ s/\|\d+\|/|/gr, join("\n", map { "day/$_.csv|Version|latest" } qw(Account Opportunity old/Account)),
	'... of which the new versions alone are there');
is(value($node, 'postgres', "SELECT count(*) FROM salesforce_fdw.run_inputs WHERE number = 1 AND version_id = ANY ('{" . join(',', @new) . "}')"), 0,
	'... and the first run does not know them');
is($state, 'SF004', 'the next run finds them, and refuses the empty export') or diag $err;
is(value($node, 'postgres', "SELECT string_agg(key, ' ' ORDER BY key) FROM salesforce_fdw.run_inputs WHERE number = 2 AND version_id = ANY ('{" . join(',', @new) . "}')"),
	'Account.csv Opportunity.csv old/Account.csv', '... which it has listed');
isnt(s3($s3, 'list', 'raw', 'dayz.csv'), '', 'the neighbour is there');

$node->stop;
done_testing();
