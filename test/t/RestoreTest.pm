# What the tests of restored and copied databases share: a copy of each kind,
# started beside its original, and what a CALL there may not change.
package RestoreTest;
use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

our @EXPORT = qw(new_primary dump_elsewhere base_backup copy_of_files start_standby promote take_over is_refused steps);

my $copies = 0;

# A cluster that others are copied from, with an empty database w.
sub new_primary
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 1);
	$node->append_conf('postgresql.conf', "fsync = off\nwal_keep_size = '256MB'");
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE w');
	return $node;
}

# Another cluster, into which a dump of database w is loaded.
sub dump_elsewhere
{
	my ($node) = @_;
	my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
	my $other = PostgreSQL::Test::Cluster->new('dump_' . ++$copies);
	$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('w') ], 'the database is dumped');
	$other->init;
	$other->append_conf('postgresql.conf', 'fsync = off');
	$other->start;
	$other->safe_psql('postgres', 'CREATE DATABASE w');
	$other->safe_psql('postgres', 'CREATE ROLE etl LOGIN');
	$other->command_ok([ 'psql', '-Xqv', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $other->connstr('w') ], '... and loaded into another cluster');
	$other->safe_psql('w', 'GRANT salesforce_fdw_operator TO etl');
	return $other;
}

# A copy by pg_basebackup, not started yet.
sub base_backup
{
	my ($node, %with) = @_;
	my $name = 'copy_' . ++$copies;
	my $copy = PostgreSQL::Test::Cluster->new($name);
	$node->backup($name, backup_options => [ '--checkpoint=fast' ]);
	$copy->init_from_backup($node, $name, %with);
	return $copy;
}

# A copy of the stopped cluster's files, not started yet.
sub copy_of_files
{
	my ($node) = @_;
	my $name = 'files_' . ++$copies;
	my $copy = PostgreSQL::Test::Cluster->new($name);
	$node->stop;
	$node->backup_fs_cold($name);
	$copy->init_from_backup($node, $name);
	$node->start;
	return $copy;
}

# A standby that has all that the primary has.
sub start_standby
{
	my ($node) = @_;
	my $standby = base_backup($node, has_streaming => 1);
	$standby->start;
	$node->wait_for_catchup($standby);
	return $standby;
}

# Promote it, alone.
sub promote
{
	my ($standby) = @_;
	$standby->promote;
	$standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'not promoted';
	return;
}

sub take_over
{
	my ($node, %with) = @_;
	return attempt($node, $with{database} // 'w', ($with{before} // '') . "SELECT salesforce_fdw.take_over('sales', 'a test')", %with);
}

# Take so many steps of a CALL, in a session that ends then.
sub steps
{
	my ($node, $count) = @_;
	my ($state, $out, $err) = attempt($node, 'w', "SELECT salesforce_fdw.run_begin('sales', false);\n"
		  . "SELECT salesforce_fdw.run_next('sales');\n" x $count);
	is($state, '', "$count steps of a run") or diag $err;
	return value($node, 'w', 'SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
}

# A database that is not the owner: its CALL is refused for a reason, everything
# that could change something as well, and $world, which says all that there is
# outside, says the same before and after.
sub is_refused
{
	my ($node, $name, $reason, $world, %with) = @_;
	my $database = $with{database} // 'w';
	my $before = $world->();
	my ($state, $out, $err) = attempt($node, $database, "CALL salesforce_fdw.run('sales')");
	is($state, 'SF007', "$name: a CALL is refused") or diag $err;
	like($err, qr/DETAIL: .*$reason/, '... with the reason');
	like($err, qr/HINT: .*SELECT salesforce_fdw\.take_over\('sales', 'why'\);/, '... and what to type');
	is(value($node, $database, 'SELECT sqlstate, action FROM salesforce_fdw.run_status'), q{SF007|SELECT salesforce_fdw.take_over('sales', 'why');},
		'... as run_status has it');
	is((attempt($node, $database, "CALL salesforce_fdw.run('sales', force => true)"))[0], 'SF007', '... a forced one, too');
	($state, $out, $err) = attempt($node, $database, "SELECT verdict || ' ' || detail FROM salesforce_fdw.dry_run('sales') WHERE section = 'owner'");
	like($out, qr/^refused .*$reason.*SELECT salesforce_fdw\.take_over/s, '... a dry run says so') or diag $err;
	my $run = value($node, $database, "SELECT run FROM salesforce_fdw.runs WHERE state IN ('closed', 'purge_pending') ORDER BY number DESC LIMIT 1");
	is((attempt($node, $database, "SELECT salesforce_fdw.rollback('sales', '$run')"))[0], 'SF007', '... nothing is rolled back') if !$with{is_open};
	is((attempt($node, $database, "SELECT * FROM salesforce_fdw.retract('sales', '{$run}', 'x')"))[0], 'SF007', '... nor retracted') if !$with{is_open};
	is($world->(), $before, '... and nothing outside has changed');
	return;
}

1;
