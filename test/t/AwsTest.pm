# What the tests on S3 share: a server that checks signatures and keeps
# versions, started on a free loopback port in a folder of its own and stopped
# at the end, AWS's own client to look at it from outside, and the options of a
# foreign server on it.
package AwsTest;
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use File::Basename qw(dirname);
use IO::Socket::INET;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(usleep);

our @EXPORT = qw(start_faults start_witness start_gate set_gate gate_log start_keys set_keys keys_log set_rules requests start_s3 s3_is_minio start_moto glue add_s3_user stop_s3 s3 s3_options add_s3_server $aws_key $aws_secret);

# Synthetic keys, of the shape of real ones.
our $aws_key    = 'AKIASFDWTESTKEY00001';
our $aws_secret = 'sfdwTestSecret/0123456789+abcdefghijklmn';
$ENV{SFDW_TEST_KEY}    = $aws_key;
$ENV{SFDW_TEST_SECRET} = $aws_secret;

my $here = abs_path(dirname(__FILE__));
my %pids;

# Start a program; its output goes to a file beside the test's logs.
sub start_server
{
	my ($name, @command) = @_;
	my $log = "$PostgreSQL::Test::Utils::log_path/$name.log";
	my $pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		open STDOUT, '>>', $log      or die "$log: $!";
		open STDERR, '>&', \*STDOUT or die $!;
		open STDIN,  '<', '/dev/null' or die $!;
		exec @command or die "$command[0]: $!";
	}
	$pids{$pid} = 1;
	return $pid;
}

# Wait until something listens on a port.
sub wait_for_port
{
	my ($port, $pid) = @_;
	for (1 .. 1200)
	{
		return
		  if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
		die "the server on port $port has ended"
		  if waitpid($pid, 1) == $pid;
		usleep(50_000);
	}
	die "no server on port $port";
}

# Whether the S3 server of the tests is MinIO, the second opinion.  A test asks
# only where MinIO differs from AWS, and says how.
sub s3_is_minio { return defined $ENV{SFDW_MINIO} }

# Start MinIO, which is ready some time after it listens.
sub start_minio
{
	my (%with) = @_;
	my $folder = $with{folder} // abs_path(PostgreSQL::Test::Utils::tempdir());
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $scheme = defined $with{certificate} ? 'https' : 'http';
	mkdir "$folder/$_" for qw(data certs);
	system_or_bail('cp', "$with{certificate}.pem", "$folder/certs/public.crt") if defined $with{certificate};
	system_or_bail('cp', "$with{certificate}.key", "$folder/certs/private.key") if defined $with{certificate};
	local @ENV{qw(MINIO_ROOT_USER MINIO_ROOT_PASSWORD MINIO_REGION MINIO_DOMAIN)} = ($aws_key, $aws_secret, 'us-east-1', 'localhost');
	# Nothing goes out; encryption needs a key, here 32 zero bytes.
	local @ENV{qw(MINIO_BROWSER MINIO_UPDATE MINIO_KMS_SECRET_KEY)} = ('off', 'off', 'key:' . 'A' x 43 . '=');
	my $pid = start_server("minio_$port", $ENV{SFDW_MINIO}, 'server', '--quiet', '--certs-dir', "$folder/certs",
		'--address', "127.0.0.1:$port", "$folder/data");
	wait_for_port($port, $pid);
	my $endpoint = "$scheme://127.0.0.1:$port";
	system_or_bail($ENV{SFDW_PYTHON}, '-c', <<'PYTHON', "$endpoint/minio/health/live");
import ssl, sys, time, urllib.request
for _ in range(600):
    try:
        urllib.request.urlopen(sys.argv[1], timeout=10, context=ssl._create_unverified_context())
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit("MinIO does not get ready")
PYTHON
	return { pid => $pid, port => $port, folder => $folder, endpoint => $endpoint };
}

# Start versitygw, or MinIO if SFDW_MINIO names it; with folder => PATH on what
# an earlier one left, with certificate => PATH over TLS (PATH.pem and PATH.key),
# with keep_alive => 1 over connections that stay open, as MinIO's and AWS's do.
sub start_s3
{
	my (%with) = @_;
	return start_minio(%with) if s3_is_minio();
	my $program = $ENV{SFDW_VERSITYGW}
	  // die 'SFDW_VERSITYGW does not name the S3 server';
	my $folder = $with{folder} // abs_path(PostgreSQL::Test::Utils::tempdir());
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my @tls = defined $with{certificate} ? ('--cert', "$with{certificate}.pem", '--key', "$with{certificate}.key") : ();
	my @stays = $with{keep_alive} ? '--keep-alive' : ();
	mkdir "$folder/$_" for qw(data versions iam);
	local $ENV{ROOT_ACCESS_KEY} = $aws_key;
	local $ENV{ROOT_SECRET_KEY} = $aws_secret;
	my $pid = start_server("s3_$port", $program, '--port', "127.0.0.1:$port",
		'--region', 'us-east-1', '--virtual-domain', 'localhost', '--iam-dir', "$folder/iam",
		'--health', '/health', '--quiet', @stays, @tls, 'posix', '--versioning-dir',
		"$folder/versions", "$folder/data");
	wait_for_port($port, $pid);
	return { pid => $pid, port => $port, folder => $folder,
		endpoint => (@tls ? 'https' : 'http') . "://127.0.0.1:$port" };
}

# A second user of an S3 server, who may do what bucket policies allow.  MinIO's
# come by a protocol of its own, which is not spoken here.
sub add_s3_user
{
	my ($server, $key, $secret) = @_;
	die 'no second user on MinIO' if s3_is_minio();
	system_or_bail($ENV{SFDW_VERSITYGW}, 'admin', '-a', $aws_key, '-s', $aws_secret,
		'-er', $server->{endpoint}, 'create-user', '-a', $key, '-s', $secret, '-r', 'user');
	return;
}

# Start moto: Glue, STS and the metadata service; its state is empty.
sub start_moto
{
	my $bin = ($ENV{SFDW_VENV} // die 'SFDW_VENV does not name the Python environment') . '/bin';
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	local $ENV{MOTO_PORT} = $port;
	my $pid = start_server("moto_$port", "$bin/python", "$here/../servers/moto_aws.py", '-H', '127.0.0.1', '-p', $port);
	wait_for_port($port, $pid);
	return { pid => $pid, port => $port, endpoint => "http://127.0.0.1:$port" };
}

# Ask Glue from outside: an operation and its arguments in JSON; the answer.
sub glue
{
	my ($server, $operation, $arguments) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ $ENV{SFDW_PYTHON}, "$here/../servers/gluetool.py", $server->{endpoint},
		$operation, $arguments ], '>', \$out, '2>', \$err) or die "gluetool $operation: $err";
	chomp $out;
	return $out;
}

# Start one of test/servers that prints the port that it listens on.
sub start_printing
{
	my ($server, $name, $program, @words) = @_;
	my $port_file = PostgreSQL::Test::Utils::tempdir() . '/port';
	my $pid = start_server($name, 'sh', '-c', 'exec python3 "$@" >"$0"',
		$port_file, "$here/../servers/$program", @words);
	usleep(20_000) until -s $port_file || waitpid($pid, 1) == $pid;
	($server->{port}) = slurp_file($port_file) =~ /(\d+)/ or die "$program has ended";
	$server->{endpoint} = "http://127.0.0.1:$server->{port}";
	$server->{pid} = $pid;
	return $server;
}

# Start a server that answers everything with a status and headers, and notes who
# asks (test/servers/witness.py).
my $witnesses = 0;
sub start_witness
{
	my (@answer) = @_;
	my $log = PostgreSQL::Test::Utils::tempdir() . '/requests.log';
	append_to_file($log, '');
	return start_printing({ log => $log }, 'witness_' . ++$witnesses, 'witness.py', $log, @answer);
}

# Start a server that fails by rules (test/servers/faults.py) before one that
# listens on a port; with headers => 1 it notes the headers of requests, too.
sub start_faults
{
	my ($upstream, %with) = @_;
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my $faults = { rules => "$folder/rules.json", log => "$folder/requests.log" };
	$faults->{headers} = "$folder/headers.log" if $with{headers};
	set_rules($faults);
	return start_printing($faults, "faults_$upstream", $with{program} // 'faults.py', $upstream, $faults->{rules}, $faults->{log},
		$faults->{headers} // $with{config} // ());
}

# Replace a JSON file in one step.
sub write_json
{
	my ($path, $what) = @_;
	open my $file, '>', "$path.new" or die $!;
	print $file encode_json($what);
	close $file;
	rename "$path.new", $path or die $!;
	return;
}

# Start a gate (test/servers/gate.py), which judges who asks a server, and fails
# by rules as well.
sub start_gate
{
	my ($upstream, %config) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . '/gate.json';
	write_json($path, \%config);
	return { %{ start_faults($upstream, program => 'gate.py', config => $path) }, config => $path };
}
sub set_gate { my ($gate, %config) = @_; return write_json($gate->{config}, \%config) }

# Who asked it, and what came of it, a line a request, in the order in which
# they came; forgotten with that.
sub gate_log
{
	my ($gate) = @_;
	my $path = "$gate->{log}.gate";
	return () if !-e $path;
	my @lines = split /\n/, slurp_file($path);
	unlink $path;
	my %number = map { $_ => /(\d+)$/ } @lines;
	return sort { $number{$a} <=> $number{$b} } @lines;
}

# Start the services that hand out keys (test/servers/keys.py).
sub start_keys
{
	my (%config) = @_;
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my $keys = { config => "$folder/keys.json", log => "$folder/keys.log" };
	write_json($keys->{config}, \%config);
	return start_printing($keys, 'keys', 'keys.py', $keys->{config}, $keys->{log});
}
sub set_keys { my ($keys, %config) = @_; return write_json($keys->{config}, \%config) }

# What they were asked, a line a request; forgotten with that.
sub keys_log
{
	my ($keys) = @_;
	return () if !-e $keys->{log};
	my @lines = split /\n/, slurp_file($keys->{log});
	unlink $keys->{log};
	return @lines;
}

# Give it rules, and forget what it was asked.
sub set_rules
{
	my ($faults, @rules) = @_;
	write_json($faults->{rules}, \@rules);
	for my $log (grep { defined } @$faults{qw(log headers)})
	{
		open my $file, '>', $log or die $!;
	}
	return;
}

# How many requests it was asked since then that are alike.
sub requests
{
	my ($faults, $like) = @_;
	return scalar grep { /$like/ } split /\n/, slurp_file($faults->{log});
}

# Stop one server.
sub stop_s3
{
	my ($server) = @_;
	kill 'TERM', $server->{pid};
	waitpid $server->{pid}, 0;
	delete $pids{ $server->{pid} };
	return;
}

# MinIO lists the uploads of one key alone, and names them by a hash of bucket
# and key: those that a test began itself are known; any other on its disk is
# told of whatever bucket a test asks.
sub minio_uploads
{
	my ($server, $bucket, $prefix) = @_;
	my @found;
	for my $hash (map { m{([^/]+)/[^/]+$} } glob "$server->{folder}/data/.minio.sys/multipart/*/*")
	{
		my ($of, $key) = @{ $server->{begun}{$hash} // [ $bucket, ($prefix // '') . "a key of hash $hash" ] };
		push @found, $key if $of eq $bucket && index($key, $prefix // '') == 0;
	}
	return join "\n", sort @found;
}

# Do something to a bucket from outside (test/servers/s3tool.py); its output.
sub s3
{
	my ($server, @words) = @_;
	return minio_uploads($server, @words[ 1 .. $#words ]) if s3_is_minio() && $words[0] eq 'uploads';
	$server->{begun}{ sha256_hex("$words[1]/$words[2]") } = [ @words[ 1, 2 ] ] if $words[0] eq 'begin';
	my $python = $ENV{SFDW_PYTHON} // die 'SFDW_PYTHON does not name a Python with boto3';
	my $out = '';
	my $err = '';
	IPC::Run::run([ $python, "$here/../servers/s3tool.py", $server->{endpoint}, @words ],
		'>', \$out, '2>', \$err) or die "s3tool @words: $err";
	chomp $out;
	return $out;
}

# The options of a foreign server whose requests go there.
sub s3_options
{
	my ($server, $moto) = @_;
	my $more = '';
	$more = "glue_endpoint '$moto->{endpoint}', " if defined $moto;
	return "${more}region 'us-east-1', endpoint '$server->{endpoint}', allow_http 'true', "
	  . "allow_local_endpoint 'true', addressing 'path'";
}

# A foreign server of a wrapper, and a mapping for everybody named.
sub add_s3_server
{
	my ($node, $database, $server, %with) = @_;
	my $wrapper = $with{wrapper} // 'salesforce_fdw';
	my $more    = $with{more} // '';
	my $sql = "CREATE SERVER $with{name} FOREIGN DATA WRAPPER $wrapper OPTIONS "
	  . "(location '$with{location}', " . s3_options($server, $with{moto}) . "$more);\n";
	$sql .= "CREATE USER MAPPING FOR $_ SERVER $with{name} OPTIONS "
	  . "(access_key_id '$aws_key', secret_access_key '$aws_secret');\n"
	  for @{ $with{users} // ['CURRENT_USER'] };
	$node->safe_psql($database, $sql);
	return;
}

END
{
	my $status = $?;
	for my $pid (keys %pids)
	{
		kill 'TERM', $pid;
		waitpid $pid, 0;
	}
	$? = $status;
}

1;
