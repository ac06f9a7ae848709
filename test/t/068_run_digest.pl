# An object at the final key that is not ours is hashed to see whether it has
# our bytes; an error while it is read ends the step and not the server.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run qw(start finish);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('run_digest');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);
my $file = "$home/lake/sales/sales.parquet";

write_exports("$home/raw", 1);
my ($state, undef, $err) = call_run($node, 'w');
is($state, '', 'the first run publishes') or diag($err);

# --- somebody's file, 4 GB without a block, is changed while it is hashed
unlink $file or die "$file: $!";
truncate_file($file, 4 << 30);
write_exports("$home/raw", 2);
my ($in, $out, $errors) =
  ("CALL salesforce_fdw.run('sales');\nSELECT 'still here';\n", '', '');
my $psql = start(
	[
		'psql', '-XAtq', '-d', $node->connstr('w'), '-U', 'etl',
		'-v', 'VERBOSITY=verbose'
	],
	'<', \$in, '>', \$out, '2>', \$errors);
$psql->pump while length $in;
ok( $node->poll_query_until(
		'w', "SELECT state = 'verified' FROM salesforce_fdw.runs
			ORDER BY number DESC LIMIT 1"),
	'the next step looks at the final key');
usleep(300_000);
truncate_file($file, 1);
$psql->finish;
like($errors, qr/ERROR:  SF001: /, 'the change while it is read is an error');
like($out, qr/still here/, 'the session goes on');

# --- and the run goes on from there
unlink $file or die "$file: $!";
($state, undef, $err) = call_run($node, 'w');
is($state, '', 'the next CALL publishes') or diag($err);
is(published_rows($node, 'w'), expected_rows(2), 'day 2 is published');

$node->stop;
done_testing();

# Make a file of that size without writing to it.
sub truncate_file
{
	my ($path, $size) = @_;
	open my $handle, '>>', $path or die "$path: $!";
	truncate $handle, $size or die "$path: $!";
	close $handle or die "$path: $!";
	return;
}
