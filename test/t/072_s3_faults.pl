# Claim: faults of the network and the service lose nothing and double nothing.
# A scan through faults gives the same rows or an error; a write whose answer
# was lost is looked for, not repeated; what cannot be mended is an error with
# AWS's code and the request's id, and leaves no upload.
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
use Time::HiRes qw(time);

my $megabytes = $ENV{SFDW_ALL} ? 100 : 20;
my $scans = $ENV{SFDW_SLOW} ? 2 : $ENV{SFDW_ALL} ? 200 : 6;

my $s3 = start_s3();
my $folder = PostgreSQL::Test::Utils::tempdir();
my $proxy = start_faults($s3->{port});

my $node = PostgreSQL::Test::Cluster->new('s3_faults');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nsession_preload_libraries = 'salesforce_fdw'");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');

s3($s3, 'make', $_, 'Enabled') for qw(exports out);
s3($s3, 'make', 'plain');
open my $csv, '>', "$folder/Account.csv" or die $!;
print $csv "Id,Name\n";
my $rows = 0;
while (tell($csv) < $megabytes * 1024 * 1024)
{
	print $csv join('', map { sprintf "%d,row number %d %s\n", $rows + $_, $rows + $_, 'x' x 80 } 1 .. 1000);
	$rows += 1000;
}
close $csv;
s3($s3, 'put-all', $_, '', $folder, 'Account.csv') for qw(exports plain);
add_s3_server($node, 'postgres', $proxy, name => 'exports', location => 's3://exports/');
add_s3_server($node, 'postgres', $proxy, name => 'plain', location => 's3://plain/');
add_s3_server($node, 'postgres', $proxy, name => 'out', location => 's3://out/');
$node->safe_psql('postgres', "CREATE FOREIGN TABLE account (id bigint, name text) SERVER exports OPTIONS (path 'Account.csv', dialect 'csv');"
	. "CREATE FOREIGN TABLE plain (id bigint, name text) SERVER plain OPTIONS (path 'Account.csv', dialect 'csv')");

# Run SQL: its output, or its error.
sub answer
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	return $status == 0 ? $stdout : $stderr;
}
my $scan = 'SELECT count(*), sum(id), sum(length(name)) FROM account';
my $expected = sprintf '%d|%d|%d', $rows, $rows * ($rows + 1) / 2, 0;

# --- the server before the server is honest
my $direct = do {
	add_s3_server($node, 'postgres', $s3, name => 'direct', location => 's3://exports/');
	answer("CREATE FOREIGN TABLE direct (id bigint, name text) SERVER direct OPTIONS (path 'Account.csv', dialect 'csv'); SELECT count(*), sum(id), sum(length(name)) FROM direct") };
like($direct, qr/^$rows\|/, 'the file is read without the faulty server');
is(answer($scan), $direct, 'and through it, as long as it has no rules');
my $clean = requests($proxy, qr/GET/);
cmp_ok($clean, '>=', $megabytes / 8, "... in $clean requests");
is(requests($proxy, qr/ (?!pass)\w+$/), 0, '... none of which met a rule');

# --- each fault of one request for a range, and what becomes of it
my %body = map { $_ => "<Error><Code>$_</Code><Message>secret words</Message></Error>" }
  qw(InternalError SlowDown RequestTimeout AccessDenied NoSuchVersion NoSuchKey NoSuchBucket ExpiredToken PreconditionFailed);
my @transient = (
	[ 'status 500', { do => 'status', code => 500, body => $body{InternalError} } ],
	[ 'status 502 without a body', { do => 'status', code => 502 } ],
	[ 'SlowDown', { do => 'status', code => 503, body => $body{SlowDown}, headers => { 'x-amz-retry-after' => '100' } } ],
	[ 'RequestTimeout', { do => 'status', code => 400, body => $body{RequestTimeout} } ],
	[ 'a closed connection', { do => 'drop' } ],
	[ 'a lost answer', { do => 'lose' } ],
	[ 'half a body', { do => 'cut' } ],
	[ 'a length that is too long', { do => 'long' } ]);
for my $case (@transient)
{
	for my $times ($ENV{SFDW_ALL} ? (1, 2) : 1)
	{
		set_rules($proxy, { match => '^GET /exports/Account', nth => 2, times => $times, %{ $case->[1] } });
		is(answer($scan), $direct, "read: $case->[0], $times times, is tried again");
		is(requests($proxy, qr/GET/), $clean + $times, '... and nothing more is');
	}
}
my @errors = (
	[ 'status 500 for good', '08006', qr/status 500, code "InternalError", request id "FAULT0000"/, { do => 'status', code => 500, body => $body{InternalError} } ],
	[ 'AccessDenied', '42501', qr/status 403, code "AccessDenied", request id "FAULT0000".*s3:GetObjectVersion/s, { do => 'status', code => 403, body => $body{AccessDenied} } ],
	[ 'a version that is gone', 'SF001', qr/no longer has the version/, { do => 'status', code => 404, body => $body{NoSuchVersion} } ],
	[ 'a key that is gone', 'SF001', qr/no longer has the version/, { do => 'status', code => 404, body => $body{NoSuchKey} } ],
	[ 'a bucket that is gone', '42704', qr/bucket "exports" does not exist/, { do => 'status', code => 404, body => $body{NoSuchBucket} } ],
	[ 'another object', 'SF001', qr/no longer has the version/, { do => 'status', code => 412, body => $body{PreconditionFailed} } ],
	[ 'expired keys', '28000', qr/code "ExpiredToken"/, { do => 'status', code => 400, body => $body{ExpiredToken} } ],
	[ 'another ETag', 'SF001', qr/no longer has the version/, { do => 'etag' } ],
	[ 'the whole object', '08P01', qr/another status|longer than expected/, { do => 'whole' } ],
	[ 'no more connections', '08006', qr/No answer after 5 requests/, { do => 'drop' } ]);
for my $case (@errors)
{
	my ($what, $sqlstate, $like, $rule) = @$case;
	set_rules($proxy, { match => '^GET /exports/Account', nth => 2, times => 1000, %$rule });
	my $error = answer($scan);
	like($error, qr/ERROR:  $sqlstate: /, "read: $what is an error") or diag $error;
	like($error, $like, '... that says so');
	unlike($error, qr/secret words|Authorization|\Q$aws_key\E/i, '... and nothing of the request');
}
is(answer($scan =~ s/account/direct/r), $direct, 'after all that the file is read');

# --- one in twenty requests fails, somehow
my $same = 0;
my $retried = 0;
for my $seed (1 .. $scans)
{
	set_rules($proxy, map { { match => '', chance => 160, seed => "$seed/$_", %{ $transient[$_][1] } } } 0 .. $#transient);
	$same++ if answer($scan) eq $direct;
	$retried += requests($proxy, qr/ (?!pass)\w+$/);
}
is($same, $scans, "$scans scans of $megabytes MB through faults: the same rows each time");
note("figure: $retried requests failed on the way");

# --- an object that is replaced while it is read
append_to_file("$folder/other.csv", "Id,Name\n1,other\n");
for my $case ([ 'exports', 'account', 'old' ], [ 'plain', 'plain', 'SF001' ])
{
	my ($bucket, $table, $outcome) = @$case;
	for my $nth (2, 3)
	{
		s3($s3, 'put-all', $bucket, '', $folder, 'Account.csv');
		set_rules($proxy, { match => "^GET /$bucket/Account", nth => $nth, do => 'run',
			command => "$ENV{SFDW_PYTHON} $FindBin::RealBin/../servers/s3tool.py $s3->{endpoint} put $bucket Account.csv $folder/other.csv" });
		my $got = answer($scan =~ s/account/$table/r);
		if ($outcome eq 'old')
		{
			is($got, $direct, "replaced before request $nth: with versions the old one is read to its end");
		}
		else
		{
			like($got, qr/ERROR:  SF001: /, "replaced before request $nth: without versions that is an error");
		}
	}
}
s3($s3, 'put-all', 'exports', '', $folder, 'Account.csv');

# --- writes: one PUT, and a multipart upload of three parts
my %query = (
	small => 'SELECT g AS id FROM generate_series(1, 1000) g',
	large => "SELECT g AS id, md5(g::text) AS a, md5((g + 1)::text) AS b FROM generate_series(1, 320000) g");
my %operation = (
	small => { PutObject => '^PUT /out/\S+parquet$' },
	large => { CreateMultipartUpload => '^POST \S+\?uploads=', UploadPart => '^PUT \S+partNumber=2', CompleteMultipartUpload => '^POST \S+\?uploadId=' });
my @faults = (
	[ 'status 500', { do => 'status', code => 500, body => $body{InternalError} } ],
	[ 'SlowDown', { do => 'status', code => 503, body => $body{SlowDown} } ],
	[ 'a closed connection', { do => 'drop' } ],
	[ 'a lost answer', { do => 'lose' } ],
	[ 'half an answer', { do => 'cut' } ],
	[ 'an error within 200', { do => 'error200', code => 'InternalError' } ],
	[ 'an error within 200, and done', { do => 'error200', code => 'InternalError', done_first => JSON::PP::true } ]);
my $number = 0;
for my $size (qw(small large))
{
	for my $name (sort keys %{ $operation{$size} })
	{
		for my $fault (@faults)
		{
			next if $fault->[0] =~ /within 200/ && $name ne 'CompleteMultipartUpload';
			my $key = 'written' . ++$number . '.parquet';
			set_rules($proxy, { match => $operation{$size}{$name}, nth => 1, %{ $fault->[1] } });
			my $got = answer("SELECT * FROM salesforce_fdw.copy_to(\$\$$query{$size}\$\$, 's3://out/$key', '{\"compression\": \"none\"}')");
			is($got, $size eq 'small' ? 1000 : 320000, "write: $name, $fault->[0], comes to its end") or diag slurp_file($proxy->{log});
			cmp_ok(requests($proxy, qr/ (?!pass)\w+$/), '==', 1, '... having met the fault');
			my $versions = () = s3($s3, 'list', 'out', $key) =~ /\|Version\|/g;
			is($versions, 1, '... as one version');
			my $count = answer("SELECT sum(num_rows) FROM salesforce_fdw.parquet_file_metadata('s3://out/$key')");
			is($count, $got, '... with all its rows');
		}
	}
}
is(s3($s3, 'uploads', 'out'), '', 'no upload is left');
for my $name (sort keys %{ $operation{large} })
{
	set_rules($proxy, { match => $operation{large}{$name}, nth => 1, times => 1000, do => 'status', code => 403, body => $body{AccessDenied} });
	my $got = answer("SELECT * FROM salesforce_fdw.copy_to(\$\$$query{large}\$\$, 's3://out/never.parquet', '{\"compression\": \"none\"}')");
	like($got, qr/ERROR:  42501: .*$name.*s3:PutObject/s, "write: $name is not allowed") or diag $got;
	is(s3($s3, 'list', 'out', 'never') . s3($s3, 'uploads', 'out'), '', '... no object, no upload');
}

# --- clocks, regions
set_rules($proxy, { match => '^GET /exports', nth => 1, do => 'status', code => 403, body => '<Error><Code>RequestTimeTooSkewed</Code></Error>',
	headers => { Date => POSIX::strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(time + 3 * 3600)) } });
my $got = answer($scan);
like($got, qr/^\Q$direct\E$|RequestTimeTooSkewed/, 'a clock that is said to be wrong is corrected once, and here wrongly');
cmp_ok(requests($proxy, qr/GET/), '>=', 2, '... the request was signed anew');
set_rules($proxy, { match => '^GET /exports', nth => 1, do => 'status', code => 301, body => '<Error><Code>PermanentRedirect</Code></Error>',
	headers => { 'x-amz-bucket-region' => 'eu-west-1' } });
$got = answer($scan);
like($got, qr/ERROR:  \w+: /, 'a region that the server does not have is told');
cmp_ok(requests($proxy, qr/GET/), '<=', 4, '... after a few requests');

# --- a server that is not there
my $dead = PostgreSQL::Test::Cluster::get_free_port();
add_s3_server($node, 'postgres', { endpoint => "http://127.0.0.1:$dead" }, name => 'dead', location => 's3://dead/');
$node->safe_psql('postgres', "CREATE FOREIGN TABLE dead (id text) SERVER dead OPTIONS (path 'Account.csv', dialect 'csv')");
my $session = $node->background_psql('postgres', on_error_stop => 0);
my @seconds;
for (1 .. 30)
{
	my $begun = time;
	$session->query('SELECT count(*) FROM dead');
	push @seconds, time - $begun;
	last if $seconds[-1] < 0.05;
}
$session->query('\set VERBOSITY verbose');
$session->query('SELECT count(*) FROM dead');
like($session->{stderr}, qr/ERROR:  08006: .*No answer after/s, 'a server that is not there is told');
cmp_ok($seconds[0], '<', 10, '... within seconds');
cmp_ok($seconds[-1], '<', 0.5, '... and at once when the quota of retries is used up, after ' . @seconds . ' statements');
$session->quit;

$node->stop;
done_testing();
