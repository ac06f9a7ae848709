# Claim: wherever a request stalls (name, connection, TLS, headers, body,
# upload, a part of one, back-off, metadata service), a cancel, a timeout, a
# termination and the postmaster's death take effect at once, with their own
# SQLSTATE, and leave no socket and no upload; and no request goes to a local
# address that was not allowed, whatever name leads there.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

# How often each stall is cancelled; a quarter of a second is the promise, and
# the machine that runs other tests beside this one gets some more.
my $times = $ENV{SFDW_ALL} ? 25 : 4;
my $others = $ENV{SFDW_ALL} ? 3 : 1;
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

# A program that stalls; its port.
my @stallers;
sub start_staller
{
	my ($where) = @_;
	my ($in, $out) = ('', '');
	my $staller = IPC::Run::start([ 'python3', "$FindBin::RealBin/../servers/stall.py", $where ],
		'<', \$in, '>', \$out, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$staller->pump until $out =~ /(\d+)\n/;
	push @stallers, $staller;
	return $1;
}

# A foreign server and table on it.
sub make_table
{
	my ($name, $endpoint, $more) = @_;
	$more //= "allow_local_endpoint 'true'";
	$node->safe_psql('postgres', <<"SQL");
CREATE SERVER s_$name FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://bucket-$name/', region 'us-east-1',
	endpoint '$endpoint', allow_http 'true', addressing 'path', $more);
CREATE USER MAPPING FOR CURRENT_USER SERVER s_$name OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
CREATE FOREIGN TABLE t_$name (id text) SERVER s_$name OPTIONS (path 'Account.csv', dialect 'csv');
SQL
	return;
}

# The second part of an upload to a real server stalls.
my ($s3, $faults);
sub stall_part
{
	$s3 = start_s3();
	$faults = start_faults($s3->{port});
	s3($s3, 'make', 'bucket-part', 'Enabled');
	set_rules($faults, { match => 'partNumber=2', do => 'stall' });
	make_table('part', $faults->{endpoint});
	return;
}

my %stall = (
	dns => sub { make_table('dns', 'http://s3.stall.test:1') },
	tls => sub { make_table('tls', 'https://127.0.0.1:' . start_staller('tls')) },
	part => \&stall_part,
	metadata => sub {
		my $port = start_staller('header');
		make_table('metadata', 'http://127.0.0.1:1', "allow_local_endpoint 'true', credentials 'imds', metadata_endpoint 'http://127.0.0.1:$port'");
	});
for my $where (qw(syn header body upload busy))
{
	$stall{$where} = sub { make_table($where, 'http://127.0.0.1:' . start_staller($where)) };
}

# What stalls there: a statement that writes for uploads, one that reads else.
sub statement
{
	my ($where) = @_;
	my %rows = (upload => 200000, part => 700000);
	return "COPY (SELECT md5(g::text) FROM generate_series(1, $rows{$where}) g) TO 's3://bucket-$where/x.parquet' (FORMAT parquet, compression 'none')"
	  if $rows{$where};
	return "SELECT count(*) FROM t_$where";
}

# Begin the statement, and wait until it stalls; for a part, that is known.
sub begin
{
	my ($session, $where) = @_;
	set_rules($faults, { match => 'partNumber=2', do => 'stall' }) if $where eq 'part';
	$session->query_until(qr/begun/, "\\echo begun\n" . statement($where) . ";\n");
	if ($where eq 'part')
	{
		my $tries = 0;
		usleep(50_000) until requests($faults, qr/ stall$/) || ++$tries == 1200;
	}
	usleep(300_000);
	return;
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
my @where = qw(dns syn tls header body upload part busy metadata);
my @table;

# A session that has made a request, so that what the library needs is there.
sub victim
{
	my ($where) = @_;
	my $victim = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $victim->query_safe('SELECT pg_backend_pid()');
	$victim->query('\set VERBOSITY sqlstate');
	$victim->query("SET statement_timeout = '$first_timeout'");
	$victim->query("SELECT count(*) FROM t_$where");
	$victim->query('SET statement_timeout = 0');
	$victim->{stderr} = '';
	return ($victim, $pid);
}

# How long it takes until something has happened.
sub ms_until
{
	my ($done) = @_;
	my $begun = time;
	usleep(5_000) until $done->() || time - $begun > 60;
	return 1000 * (time - $begun);
}

sub largest { my ($most) = sort { $b <=> $a } @_; return $most }

sub cancel
{
	my ($where, $victim, $pid) = @_;
	my ($cancelled, @ms) = (0);
	# A thread that resolves a name cannot be stopped; it is waited for by none.
	usleep(5_500_000) if $where eq 'dns';
	my $sockets = sockets($pid);
	for (1 .. $times)
	{
		begin($victim, $where);
		my $start = time;
		$killer->query_safe("SELECT pg_cancel_backend($pid)");
		$victim->query('SELECT 1');
		push @ms, 1000 * (time - $start);
		$cancelled++ if $victim->{stderr} =~ /ERROR:  57014/;
		$victim->{stderr} = '';
	}
	is($cancelled, $times, "$where: every cancel says so");
	cmp_ok(largest(@ms), '<', $limit_ms, "$where: and takes effect at once");
	usleep(5_500_000) if $where eq 'dns';
	# The abort's connection may be kept for the next request, and is no more than one.
	cmp_ok(sockets($pid), '<=', $sockets + ($where eq 'part' ? 1 : 0), "$where: no socket is left");
	is(s3($s3, 'uploads', 'bucket-part'), '', "$where: no upload is left") if $where eq 'part';
	is($victim->query('SELECT 42'), '42', "$where: the session goes on");
	return sprintf '%d of %d cancelled, slowest %3.0f ms', $cancelled, $times, largest(@ms);
}

# Of a part the time goes from when it has stalled: the timeout is the last
# that a session has.
sub time_out
{
	my ($where, $victim) = @_;
	my $timeout = $where eq 'part' ? 4000 : 300;
	my @ms;
	for (1 .. $others)
	{
		set_rules($faults, { match => 'partNumber=2', do => 'stall' }) if $where eq 'part';
		$victim->query("SET statement_timeout = $timeout");
		my $begun = time;
		$victim->query(statement($where));
		push @ms, 1000 * (time - $begun) - $timeout;
		like($victim->{stderr}, qr/ERROR:  57014/, "$where: statement_timeout is kept");
		$victim->{stderr} = '';
		$victim->query('SET statement_timeout = 0');
	}
	cmp_ok(largest(@ms), '<', $limit_ms, "$where: and soon");
	is(s3($s3, 'uploads', 'bucket-part'), '', "$where: no upload is left by it") if $where eq 'part';
	return sprintf '%d timeouts, slowest %3.0f ms', $others, largest(@ms);
}

sub terminate
{
	my ($where, $victim, $pid) = @_;
	my @ms;
	for my $number (1 .. $others)
	{
		begin($victim, $where);
		$killer->query_safe("SELECT pg_terminate_backend($pid)");
		push @ms, ms_until(sub { !runs($pid) });
		eval { $victim->quit };
		($victim, $pid) = victim($where) if $number < $others;
	}
	cmp_ok(largest(@ms), '<', $limit_ms, "$where: a termination ends the backend");
	is(s3($s3, 'uploads', 'bucket-part'), '', "$where: no upload is left by it") if $where eq 'part';
	return sprintf '%d terminations, slowest %3.0f ms', $others, largest(@ms);
}

for my $where (@where)
{
	$stall{$where}->();
	my ($victim, $pid) = victim($where);
	my $cancels = cancel($where, $victim, $pid);
	# So many requests may have used up what a backend may try again.
	$victim->quit;
	($victim, $pid) = victim($where);
	my $timeouts = time_out($where, $victim);
	push @table, sprintf '%-8s %s, %s, %s', $where, $cancels, $timeouts, terminate($where, $victim, $pid);
}
note("table: $_") for @table;

# --- an abort that leaves a part, and one that is not answered
for my $case ([ 'an abort after which parts are there still', { match => 'partNumber=2', do => 'stall' }, { match => '^DELETE ', nth => 1, do => 'status', code => 204 } ],
	[ 'an abort that is refused once', { match => 'partNumber=2', do => 'stall' }, { match => '^DELETE ', nth => 1, do => 'status', code => 503 } ],
	[ 'an abort that is lost once', { match => 'partNumber=2', do => 'stall' }, { match => '^DELETE ', nth => 1, do => 'drop' } ])
{
	my ($what, @rules) = @$case;
	my ($victim, $pid) = victim('part');
	set_rules($faults, @rules);
	$victim->query_until(qr/begun/, "\\echo begun\n" . statement('part') . ";\n");
	my $tries = 0;
	usleep(50_000) until requests($faults, qr/ stall$/) || ++$tries == 1200;
	usleep(300_000);
	$killer->query_safe("SELECT pg_cancel_backend($pid)");
	like($victim->query('SELECT 1') . $victim->{stderr}, qr/57014/, "$what: the upload is cancelled");
	is(s3($s3, 'uploads', 'bucket-part'), '', '... and no upload is left');
	cmp_ok(requests($faults, qr/ DELETE /), '>=', 2, '... after more than one abort');
	$victim->{stderr} = '';
	$victim->quit;
}

# --- addresses that were not allowed: by number, by name, by another form
my $listener = 0;
my $port = start_staller('header');
for my $host (qw(127.0.0.1 localhost 2130706433 evil.local.test 169.254.169.254))
{
	my $name = 'forbidden' . ++$listener;
	eval { make_table($name, "http://$host:$port", "allow_local_endpoint 'false'"); 1 } or do { pass("$host is refused by its text"); next };
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT count(*) FROM t_$name");
	like($err, qr/ERROR:  (42501|22023): /, "$host is refused") or diag($err);
}

# --- postmaster death, in all of the stalls at once
my %orphans = map { $_ => [ victim($_) ] } @where;
begin($orphans{$_}[0], $_) for @where;
is((grep { runs($orphans{$_}[1]) } @where), @where, 'as many backends wait');
kill 'KILL', $node->{_pid};
my $start = time;
my %ended;
while (%ended < @where && time - $start < 60)
{
	$ended{$_} //= 1000 * (time - $start) for grep { !runs($orphans{$_}[1]) } @where;
	usleep(5_000);
}
cmp_ok($ended{$_} // 60_000, '<', $limit_ms, "$_: a backend whose postmaster is gone ends") for @where;
note(sprintf 'table: postmaster gone: %d of %d ended, the slowest after %.0f ms', scalar(keys %ended), scalar(@where), largest(values %ended));
$node->{_pid} = undef;
eval { $_->quit } for $killer, map { $_->[0] } values %orphans;
$_->kill_kill for @stallers;

done_testing();
