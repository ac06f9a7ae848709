# Claim: over a network that is slow, jerky, cut, reset or silent a scan gives
# the same rows or error 08006, never other rows and no endless wait;
# and a whole run whose network breaks at any point, for a while or until it is
# mended, comes to its end by then or with the next CALL: the rows are right,
# everything raw is gone, no staged version and no upload is left.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(time usleep);

# No wait may be longer: five attempts of half a minute each, with what is
# waited between them; retries of a request end after five minutes anyway.
my $limit = 240;

my $s3 = start_s3(keep_alive => 1);
my $moto = start_moto();
my $folder = PostgreSQL::Test::Utils::tempdir();

# --- toxiproxy in front of both
my $program = $ENV{SFDW_TOXIPROXY} // die 'SFDW_TOXIPROXY does not name toxiproxy';
my $api = PostgreSQL::Test::Cluster::get_free_port();
my $tool = "$ENV{SFDW_PYTHON} $FindBin::RealBin/../../servers/toxics.py $api";
my %through;
AwsTest::wait_for_port($api, AwsTest::start_server("toxiproxy_$api", $program, '-host', '127.0.0.1', '-port', $api));
for my $upstream ([ s3 => $s3 ], [ glue => $moto ])
{
	my ($name, $server) = @$upstream;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	network("proxy $name $port $server->{port}");
	$through{$name} = { port => $port, endpoint => "http://127.0.0.1:$port" };
}

# Do something to the network.
sub network
{
	my (@commands) = @_;
	system("$tool $_") == 0 or die "toxics.py $_" for @commands;
	return;
}

my $node = PostgreSQL::Test::Cluster->new('broken_network');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');

# --- scans.  Four ranges: the first alone, then three at a time.
s3($s3, 'make', 'exports', 'Enabled');
open my $csv, '>', "$folder/Account.csv" or die $!;
print $csv "Id,Name\n";
my $rows = 0;
while (tell($csv) < 28 * 1024 * 1024)
{
	print $csv join('', map { sprintf "%d,row number %d %s\n", $rows + $_, $rows + $_, 'x' x 80 } 1 .. 1000);
	$rows += 1000;
}
close $csv;
s3($s3, 'put-all', 'exports', '', $folder, 'Account.csv');
add_s3_server($node, 'postgres', $through{s3}, name => 'exports', location => 's3://exports/');
# A scan stops at a row as long as the test holds a lock.
$node->safe_psql('postgres', <<'SQL');
CREATE FOREIGN TABLE account (id bigint, name text) SERVER exports OPTIONS (path 'Account.csv', dialect 'csv');
CREATE FUNCTION pause() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_lock_shared(1);
	PERFORM pg_advisory_unlock_shared(1);
	RETURN true;
END $$;
SQL
my $holder = $node->background_psql('postgres', timeout => 2 * $limit);

# Where the network breaks: before the scan, when the first range has arrived
# and the connection idles, and a second later, when three ranges are on their
# way, slowed down to take some seconds.  (toxiproxy hangs on a toxic for a
# connection that nobody reads from, so a scan does not stop there.)
my %row = (before => 0, idle => 1000, amid => 1000);
my $values = 'count(*), sum(id), sum(length(name))';
my $right = $node->safe_psql('postgres', "SELECT $values FROM account");
like($right, qr/^$rows\|/, 'a scan over a sound network');

# Scan while the network breaks: what came of it, rows or SQLSTATE, the seconds
# that it took after that, and the rows of a second scan in the same session.
sub scan
{
	my ($where, $heals_after, @breaks) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0, timeout => 2 * $limit);
	$session->query('\set VERBOSITY verbose');
	my $pid = $session->query('SELECT pg_backend_pid()');
	$holder->query_safe('SELECT pg_advisory_lock(1)');
	network(@breaks) if $where eq 'before';
	network('add s3 bandwidth downstream rate=2000') if $where eq 'amid';
	my $begun = time;
	$session->query_until(qr/begun/, "\\echo begun\nSELECT $values FROM account WHERE CASE WHEN id = $row{$where} THEN pause() ELSE true END;\n\\echo ended\n");
	if ($where ne 'before')
	{
		$node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $pid")
		  or die 'the scan has not come to the row';
		network(@breaks) if $where eq 'idle';
		$begun = time;
	}
	$holder->query_safe('SELECT pg_advisory_unlock(1)');
	if ($where eq 'amid')
	{
		usleep(1_000_000);
		network(@breaks);
	}
	network("heal-after $heals_after") if $heals_after;
	my $out = $session->query_until(qr/ended/, '');
	my $seconds = time - $begun;
	my $err = $session->{stderr};
	$session->{stderr} = '';
	network($heals_after ? 'wait-healed' : 'heal');
	my $again = $session->query("SELECT $values FROM account");
	my $answer = $err =~ /ERROR:  (\w{5}): / ? $1 : join(' ', $out =~ /^(\d+\|\d+\|\d+)$/m);
	diag($err) if $err ne '' && $answer ne '08006';
	$session->quit;
	return ($answer, $seconds, $again);
}

# What is done to the network, where, after how many seconds it is mended while
# the scan goes on, and what must come of it: 'rows', 'error', or 'either' when
# it depends on how soon one tries again.
my @scans = (
	[ 'latency of 100 to 300 ms',      [ 'add s3 latency downstream latency=200 jitter=100' ], 'before', 0, 'rows' ],
	[ 'latency of requests',           [ 'add s3 latency upstream latency=200 jitter=100' ],   'amid',   0, 'rows' ],
	[ '4 MB a second',                 [ 'add s3 bandwidth downstream rate=4000' ],            'before', 0, 'rows' ],
	[ 'slices of 1000 bytes',          [ 'add s3 slicer downstream average_size=1000 size_variation=500 delay=10' ], 'before', 0, 'rows' ],
	[ 'requests in slices of 10',      [ 'add s3 slicer upstream average_size=10 size_variation=5 delay=100' ],      'before', 0, 'rows' ],
	[ 'slow to close',                 [ 'add s3 slow_close downstream delay=2000', 'add s3 limit_data downstream bytes=12000000' ], 'before', 0, 'rows' ],
	[ 'cut every 12 MB',               [ 'add s3 limit_data downstream bytes=12000000' ],      'before', 0, 'rows' ],
	[ 'cut every 12 MB, from then on', [ 'add s3 limit_data downstream bytes=12000000' ],      'idle',   0, 'rows' ],
	[ 'cut every MB',                  [ 'add s3 limit_data downstream bytes=1000000' ],       'before', 0, 'error' ],
	[ 'cut every MB, from then on',    [ 'add s3 limit_data downstream bytes=1000000' ],       'idle',   0, 'error' ],
	[ 'cut among the headers',         [ 'add s3 limit_data downstream bytes=100' ],           'idle',   0, 'error' ],
	[ 'requests are cut',              [ 'add s3 limit_data upstream bytes=100' ],             'idle',   0, 'error' ],
	[ 'reset, for good',               [ 'add s3 reset_peer downstream timeout=0' ],           'before', 0, 'error' ],
	[ 'reset, for good',               [ 'add s3 reset_peer downstream timeout=0' ],           'amid',   0, 'error' ],
	[ 'reset after 20 ms',             [ 'add s3 reset_peer downstream timeout=20' ],          'idle',   0, 'either' ],
	[ 'reset for a second',            [ 'add s3 reset_peer downstream timeout=0' ],           'idle',   1, 'either' ],
	[ 'silent, closed after a second', [ 'add s3 timeout downstream timeout=1000' ],           'before', 0, 'error' ],
	[ 'silent, closed after a second', [ 'add s3 timeout downstream timeout=1000' ],           'amid',   0, 'error' ],
	[ 'silent for four seconds',       [ 'add s3 timeout downstream timeout=0' ],              'idle',   4, 'rows' ],
	[ 'silent for four seconds',       [ 'add s3 timeout downstream timeout=0' ],              'amid',   4, 'rows' ],
	[ 'requests lost, four seconds',   [ 'add s3 timeout upstream timeout=0' ],                'idle',   4, 'rows' ],
	[ 'away for a second',             [ 'disable s3' ],                                       'idle',   1, 'either' ],
	[ 'away for a second',             [ 'disable s3' ],                                       'amid',   1, 'either' ],
	[ 'away, for good',                [ 'disable s3' ],                                       'idle',   0, 'error' ],
	[ 'silent, for good',              [ 'add s3 timeout downstream timeout=0' ],              'idle',   0, 'error' ]);
my @table;
for my $case (@scans)
{
	my ($name, $breaks, $where, $heals_after, $outcome) = @$case;
	my ($answer, $seconds, $again) = scan($where, $heals_after, @$breaks);
	my $like = { rows => qr/^\Q$right\E$/, error => qr/^08006$/, either => qr/^(\Q$right\E|08006)$/ }->{$outcome};
	like($answer, $like, "scan: $name, $where: $outcome");
	cmp_ok($seconds, '<', $limit, '... and soon');
	is($again, $right, '... and then the session reads it again');
	push @table, sprintf 'scan   %-30s %-7s %-6s %6.1f s', $name, $where, $answer eq $right ? 'rows' : $answer, $seconds;
}
$holder->quit;

# --- whole runs
my $home = new_home();
my $world = 0;
my $exported = 500;
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
for my $day (0, 1)
{
	mkdir "$home/day$day";
	write_exports("$home/day$day", $day, rows => $exported);
}
sub export_day { s3($s3, 'put-all', 'raw', "$world/", "$home/day$_[0]", qw(Account.csv Opportunity.csv Contact.csv)); return }

# A database, folders and a catalog's table of its own, with a published day.
sub new_world
{
	$world++;
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w');
	make_world($node, 'w', $home, raw => "s3://raw/$world/", lake => "s3://lake/$world/", catalog => 'glue', create_database => 1,
		server_options => s3_options($through{s3}, $through{glue}),
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://raw/$world/'");
	glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "sales"}');
	export_day(0);
	my ($error, $out, $err) = call_run($node, 'w');
	die $err if $error ne '';
	$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'as of today'");
	export_day(1);
	return;
}

# CALL run(), with settings of the test build.
sub call_with
{
	my ($settings) = @_;
	return attempt($node, 'w', "LOAD 'salesforce_fdw'; $settings SET ROLE etl; CALL salesforce_fdw.run('sales');",
		user => $ENV{USER} // getpwuid($<));
}

# The rows of the published file, by another reader.
sub published
{
	my $file = "$home/published.parquet";
	unlink $file;
	s3($s3, 'get', 'lake', "$world/sales/sales.parquet", $file);
	my ($found) = run_command([ $ENV{SFDW_PYTHON}, '-c',
		'import sys, pyarrow.parquet as pq; '
		  . 'print("\n".join("|".join([r["accountid"], r["opportunityid"], r["stage"]]) '
		  . 'for r in pq.read_table(sys.argv[1]).to_pylist()))', $file ]);
	return $found;
}

sub is_complete
{
	my ($name) = @_;
	my @wrong;
	push @wrong, 'the published rows are others' if published() ne expected_rows(1, $exported);
	push @wrong, 'the target\'s rows are others' if published_rows($node, 'w') ne expected_rows(1, $exported);
	push @wrong, 'raw versions are left' if s3($s3, 'list', 'raw', "$world/") ne '';
	push @wrong, 'staged versions are left' if s3($s3, 'list', 'lake', "$world/") =~ /_staging/;
	push @wrong, 'an upload is left' if s3($s3, 'uploads', 'lake', "$world/") ne '';
	my $versions = () = s3($s3, 'list', 'lake', "$world/sales/sales.parquet") =~ /\|Version\|/g;
	push @wrong, "the object has $versions versions" if $versions != 2;
	my $found = decode_json(glue($moto, 'get_table', '{"DatabaseName": "crm_production", "Name": "sales"}'));
	push @wrong, 'the table is not registered' if ($found->{Table}{Description} // '') ne 'as of today';
	my ($state, $runs) = split /\|/, value($node, 'w', q{SELECT (SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1), (SELECT count(*) FROM salesforce_fdw.runs WHERE published_at IS NOT NULL)});
	push @wrong, "the state is $state" if $state ne 'closed';
	push @wrong, "$runs runs have published" if $runs != 2;
	diag("$name: $_") for @wrong;
	return !@wrong;
}

# The points of a clean run.
my $trace = "$folder/trace";
new_world();
my ($error, $out, $err) = call_with("SET salesforce_fdw.fault_trace = '$trace';");
is($error, '', 'a run over a sound network') or diag $err;
ok(is_complete('sound network'), '... is complete');
my @points = map { s/^\d+ //r } split /\n/, slurp_file($trace);
cmp_ok(scalar(@points), '>=', 25, '... and has at least 25 points');

# A run whose network is broken from the start or from a point on, until the
# test mends it or for some seconds.
my ($tried, $sound, $failed, $slowest) = (0, 0, 0, 0);
sub run_broken
{
	my ($name, $point, $heals_after, @breaks) = @_;
	new_world();
	push @breaks, "heal-after $heals_after" if $heals_after;
	my $settings = '';
	if ($point)
	{
		my $command = join ' && ', map { "$tool $_" } @breaks;
		$settings = "SET salesforce_fdw.fault_at = $point; SET salesforce_fdw.fault_action = 'sh:$command';";
	}
	else
	{
		network(@breaks);
	}
	my $begun = time;
	my ($first, $output, $message) = call_with($settings);
	my $seconds = time - $begun;
	my $whole = published();
	my @wrong;
	push @wrong, "SQLSTATE $first, $message" if $first !~ /^(08006)?$/;
	push @wrong, 'the published rows are neither day\'s' if $whole ne expected_rows(0, $exported) && $whole ne expected_rows(1, $exported);
	push @wrong, 'too late' if $seconds > $limit;
	network($heals_after ? 'wait-healed' : 'heal');
	my ($second, $output2, $message2) = call_run($node, 'w');
	push @wrong, "the next CALL ends with $second, $message2" if $second ne '';
	push @wrong, 'incomplete' unless is_complete($name);
	diag("$name: $_") for @wrong;
	$tried++;
	$failed++ if $first ne '';
	$sound++ unless @wrong;
	$slowest = $seconds if $seconds > $slowest;
	push @table, sprintf 'run    %-60s first CALL %-6s %6.1f s  %s', $name, $first || 'fine', $seconds, @wrong ? 'WRONG' : 'complete';
	return;
}

for my $case (
	[ 'latency of 20 to 60 ms', 'latency downstream latency=40 jitter=20' ],
	[ '20 KB a second', 'bandwidth downstream rate=20' ],
	[ '20 KB a second for requests', 'bandwidth upstream rate=20' ],
	[ 'answers in slices of 100 bytes', 'slicer downstream average_size=100 size_variation=50 delay=100' ],
	[ 'slow to close', 'slow_close downstream delay=500' ],
	[ 'cut every 20 KB', 'limit_data downstream bytes=20000' ],
	[ 'cut every 300 bytes', 'limit_data downstream bytes=300' ],
	[ 'requests cut every 20 KB', 'limit_data upstream bytes=20000' ],
	[ 'requests cut every 2 KB', 'limit_data upstream bytes=2000' ],
	[ 'reset after 30 ms', 'reset_peer downstream timeout=30' ],
	[ 'reset', 'reset_peer downstream timeout=0' ],
	[ 'silent, closed after a second', 'timeout downstream timeout=1000' ])
{
	my ($name, $toxic) = @$case;
	run_broken($name, 0, 0, map { "add $_ $toxic" } qw(s3 glue));
}
# From each point on, in turn: all that breaks it.
my @kinds = (
	[ 'away for a second', 1, 'disable s3', 'disable glue' ],
	[ 'away', 0, 'disable s3', 'disable glue' ],
	[ 'reset', 0, map { "add $_ reset_peer downstream timeout=0" } qw(s3 glue) ],
	[ 'silent for three seconds', 3, map { "add $_ timeout downstream timeout=0" } qw(s3 glue) ],
	[ 'answers cut for two seconds', 2, map { "add $_ limit_data downstream bytes=BYTES" } qw(s3 glue) ]);
for my $number (1 .. @points)
{
	my ($name, $heals_after, @breaks) = @{ $kinds[ $number % @kinds ] };
	# Among the headers, or within what follows them.
	my $bytes = 60 + 10 * $number;
	$name .= " at byte $bytes" if grep { s/BYTES/$bytes/ } @breaks;
	run_broken("$name, from $number $points[$number - 1]", $number, $heals_after, @breaks);
}
run_broken('silent, for good', int(@points / 3), 0, map { "add $_ timeout downstream timeout=0" } qw(s3 glue));
is($sound, $tried, "$tried runs over broken networks end well");
note("table: $_") for @table;
note(sprintf 'figure: %d of %d first CALLs ended with an error, the slowest took %.0f s', $failed, $tried, $slowest);

$node->stop;
done_testing();
