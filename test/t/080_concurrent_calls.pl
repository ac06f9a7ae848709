# Claim: of 20 CALLs of a data set at the same moment exactly one proceeds, and
# the 19 others are refused at once, naming the process that has it; on folders
# and on a bucket with Glue.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $rounds = $ENV{SFDW_ALL} ? 50 : 3;
my $calls = 20;

my $server = start_s3();
my $moto = start_moto();
my %home = map { $_ => new_home() } qw(folders bucket);
my $node = PostgreSQL::Test::Cluster->new('concurrent');
$node->init;
$node->append_conf('postgresql.conf', 'max_connections = 60');
$node->start;
$node->safe_psql('postgres', "CREATE DATABASE $_") for sort keys %home;
write_exports("$_/raw", 1) for values %home;
make_world($node, 'folders', $home{folders});
s3($server, 'make', $_, 'Enabled') for qw(raw lake);
s3($server, 'put', 'raw', "bes/$_.csv", "$home{bucket}/raw/$_.csv") for qw(Account Opportunity);
make_world($node, 'bucket', $home{bucket}, raw => 's3://raw/bes/', lake => 's3://lake/', catalog => 'glue',
	create_database => 1, server_options => s3_options($server, $moto),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");

# A session that begins its CALL when the gate opens.
sub start_call
{
	my ($database) = @_;
	my %session = (out => '', err => '');
	$session{run} = IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr($database), '-U', 'etl',
			'-v', 'VERBOSITY=verbose', '-c', 'SELECT pg_backend_pid()',
			'-c', 'SELECT pg_advisory_xact_lock_shared(1)',
			'-c', "CALL salesforce_fdw.run('sales', force => true)" ],
		'<', \undef, '>', \$session{out}, '2>', \$session{err});
	return \%session;
}

# One round: (how many proceeded, how many were refused and named that one).
sub round_in
{
	my ($database, $gate) = @_;
	$gate->query_safe('SELECT pg_advisory_lock(1)');
	my @sessions = map { start_call($database) } 1 .. $calls;
	$node->poll_query_until($database,
		"SELECT count(*) = $calls FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND NOT granted")
	  or die 'the sessions do not wait';
	# The target is locked, so that whoever proceeds is still at it meanwhile.
	$gate->query_safe('BEGIN; LOCK TABLE crm.sales; SELECT pg_advisory_unlock(1)');
	$node->poll_query_until($database,
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE usename = 'etl' AND state <> 'idle'")
	  or die 'others still wait';
	$gate->query_safe('COMMIT');
	$_->{run}->finish for @sessions;
	my @winners = grep { $_->{err} !~ /ERROR/ } @sessions;
	my ($winner) = @winners ? $winners[0]{out} =~ /^(\d+)$/m : (0);
	my @refused = grep {
		$_->{err} =~ /ERROR:  55P03: data set "sales" is being run by another session\nDETAIL:  Process $winner has it/
	} @sessions;
	diag(join "\n", map { $_->{err} } @sessions) if @winners != 1 || @refused != $calls - 1;
	return (scalar(@winners), scalar(@refused));
}

for my $database (sort keys %home)
{
	my $gate = $node->background_psql($database);
	my ($proceeded, $named) = (0, 0);
	for (1 .. $rounds)
	{
		my ($winners, $refused) = round_in($database, $gate);
		$proceeded++ if $winners == 1;
		$named++ if $refused == $calls - 1;
	}
	$gate->quit;
	is($proceeded, $rounds, "$database: exactly one of $calls CALLs proceeded, $rounds times of $rounds");
	is($named, $rounds, "$database: and every other one named its process");
	is(value($node, $database, 'SELECT count(*) FROM salesforce_fdw.runs'), $rounds, "$database: that many runs");
	is(value($node, $database, "SELECT count(*) FROM salesforce_fdw.runs WHERE state = 'closed'"),
		$rounds, "$database: all closed");
	is(value($node, $database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0, "$database: no lock is left");
}
$node->stop;
done_testing();
