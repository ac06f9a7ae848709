# Claim: wherever a request stalls (name, connection, TLS, headers, body,
# upload, back-off), a cancel, a timeout and a termination take effect at once,
# with their own SQLSTATE, and leave no socket; and no request goes to a local
# address that was not allowed, whatever name leads there.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

# How often each stall is cancelled; a quarter of a second is the promise, and
# the machine that runs other tests beside this one gets some more.
my $times = $ENV{SFDW_ALL} ? 25 : 4;
my $limit_ms = $ENV{SFDW_SLOW} ? 30000 : $ENV{SFDW_ALL} ? 250 : 2000;
my $first_timeout = $ENV{SFDW_SLOW} ? '20s' : '1s';

my $folder = PostgreSQL::Test::Utils::tempdir();
system_or_bail('cc', '-shared', '-fPIC', '-o', "$folder/slow_resolver.so",
	"$FindBin::RealBin/../preload/slow_resolver.c", '-ldl');
my $node = PostgreSQL::Test::Cluster->new('http_waits');
$node->init;
$node->append_conf('postgresql.conf', "session_preload_libraries = 'salesforce_fdw'\nrestart_after_crash = off\n");
{
	local $ENV{LD_PRELOAD} = "$folder/slow_resolver.so";
	$node->start;
}
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');

# A server that stalls, and a foreign server and table on it.
my @stallers;
sub stall
{
	my ($where, %with) = @_;
	my $port = 1;
	if ($where ne 'dns')
	{
		my ($in, $out) = ('', '');
		my $staller = IPC::Run::start([ 'python3', "$FindBin::RealBin/../servers/stall.py", $where ],
			'<', \$in, '>', \$out, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
		$staller->pump until $out =~ /(\d+)\n/;
		$port = $1;
		push @stallers, $staller;
	}
	my $host = $where eq 'dns' ? 's3.stall.test' : $with{host} // '127.0.0.1';
	my $scheme = $where eq 'tls' ? 'https' : 'http';
	my $name = $with{name} // $where;
	my $local = $with{forbidden} ? 'false' : 'true';
	$node->safe_psql('postgres', <<"SQL");
CREATE SERVER s_$name FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://bucket-$name/', region 'us-east-1',
	endpoint '$scheme://$host:$port', allow_http 'true', allow_local_endpoint '$local', addressing 'path');
CREATE USER MAPPING FOR CURRENT_USER SERVER s_$name OPTIONS (access_key_id 'AKIASFDWTESTKEY00001', secret_access_key 'x');
CREATE FOREIGN TABLE t_$name (id text) SERVER s_$name OPTIONS (path 'Account.csv', dialect 'csv');
SQL
	return;
}

# What stalls there: a statement that writes for uploads, one that reads else.
sub statement
{
	my ($where) = @_;
	return "COPY (SELECT md5(g::text) FROM generate_series(1, 200000) g) TO 's3://bucket-upload/x.parquet' (FORMAT parquet, compression 'none')"
	  if $where eq 'upload';
	return "SELECT count(*) FROM t_$where";
}

# Sockets that a process has.
sub sockets
{
	my ($pid) = @_;
	return scalar grep { (readlink($_) // '') =~ /^socket:/ } glob "/proc/$pid/fd/*";
}

# Whether a process still runs; one that ended may stay a zombie for a while,
# when its parent is gone and nobody asks for it.
sub runs
{
	my ($pid) = @_;
	open my $stat, '<', "/proc/$pid/stat" or return 0;
	my $line = <$stat> // return 0;
	return $line !~ /\) [ZX] /;
}

my $killer = $node->background_psql('postgres');
my @where = qw(dns syn tls header body upload busy);
my @table;
for my $where (@where)
{
	stall($where);
	my $victim = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $victim->query_safe('SELECT pg_backend_pid()');
	$victim->query('\set VERBOSITY sqlstate');
	# What the library itself needs is there after its first request.
	$victim->query("SET statement_timeout = '$first_timeout'");
	$victim->query("SELECT count(*) FROM t_$where");
	$victim->query('SET statement_timeout = 0');
	$victim->{stderr} = '';
	usleep(5_500_000) if $where eq 'dns';
	my $sockets = sockets($pid);
	my ($slowest, $cancelled) = (0, 0);
	for (1 .. $times)
	{
		$victim->query_until(qr/begun/, "\\echo begun\n" . statement($where) . ";\n");
		usleep(300_000);
		my $start = time;
		$killer->query_safe("SELECT pg_cancel_backend($pid)");
		$victim->query('SELECT 1');
		my $ms = 1000 * (time - $start);
		$slowest = $ms if $ms > $slowest;
		$cancelled++ if $victim->{stderr} =~ /ERROR:  57014/;
		$victim->{stderr} = '';
	}
	is($cancelled, $times, "$where: every cancel says so");
	cmp_ok($slowest, '<', $limit_ms, "$where: and takes effect at once");
	# A thread that resolves a name cannot be stopped; it is waited for by none.
	usleep(5_500_000) if $where eq 'dns';
	is(sockets($pid), $sockets, "$where: no socket is left");
	is($victim->query('SELECT 42'), '42', "$where: the session goes on");
	push @table, sprintf '%-7s %d of %d cancelled, slowest %.0f ms', $where, $cancelled, $times, $slowest;

	my $begun = time;
	$victim->query("SET statement_timeout = '300ms'");
	$victim->query(statement($where));
	my $timeout_ms = 1000 * (time - $begun) - 300;
	like($victim->{stderr}, qr/ERROR:  57014/, "$where: statement_timeout is kept");
	cmp_ok($timeout_ms, '<', $limit_ms, "$where: and soon");
	$victim->{stderr} = '';
	$victim->query('SET statement_timeout = 0');

	$victim->query_until(qr/begun/, "\\echo begun\n" . statement($where) . ";\n");
	usleep(300_000);
	$begun = time;
	$killer->query_safe("SELECT pg_terminate_backend($pid)");
	usleep(10_000) while runs($pid) && time - $begun < 60;
	cmp_ok(1000 * (time - $begun), '<', $limit_ms, "$where: a termination ends the backend");
	eval { $victim->quit };
}
note("table: $_") for @table;

# --- addresses that were not allowed: by number, by name, by another form
my $listener = 0;
for my $host (qw(127.0.0.1 localhost 2130706433 evil.local.test 169.254.169.254))
{
	my $name = 'forbidden' . ++$listener;
	my ($status, $out, $err) = (0, '', '');
	eval { stall('header', name => $name, host => $host, forbidden => 1); 1 } or do { pass("$host is refused by its text"); next };
	($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT count(*) FROM t_$name");
	like($err, qr/ERROR:  (42501|22023): /, "$host is refused") or diag($err);
}

# --- postmaster death
my $orphan = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $orphan->query_safe('SELECT pg_backend_pid()');
$orphan->query_until(qr/begun/, "\\echo begun\n" . statement('header') . ";\n");
usleep(300_000);
my $postmaster = $node->{_pid};
kill 'KILL', $postmaster;
my $start = time;
usleep(10_000) while runs($pid) && time - $start < 60;
cmp_ok(1000 * (time - $start), '<', $limit_ms, 'a backend whose postmaster is gone ends');
$node->{_pid} = undef;
eval { $orphan->quit };
eval { $killer->quit };
$_->kill_kill for @stallers;

done_testing();
