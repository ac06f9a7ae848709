# Claim: no request goes where it may not, whatever leads there: addresses in
# every spelling, names, names with several addresses, connections that another
# server opened, redirects, regions and proxies that somebody else says; TLS is
# verified; and no URL smuggles a host or a header.
use strict;
use utf8;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use Encode qw(encode);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = PostgreSQL::Test::Utils::tempdir();

# What a witness saw.
sub seen
{
	my ($witness) = @_;
	return slurp_file($witness->{log});
}

my $proxy = start_witness(500);
system_or_bail('cc', '-shared', '-fPIC', '-o', "$folder/slow_resolver.so",
	"$FindBin::RealBin/../preload/slow_resolver.c", '-ldl');
my $node = PostgreSQL::Test::Cluster->new('hostile_endpoints');
$node->init;
{
	# What the environment says of proxies and endpoints counts for nothing.
	local @ENV{qw(LD_PRELOAD http_proxy https_proxy ALL_PROXY AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3)} =
	  ("$folder/slow_resolver.so", ("http://127.0.0.1:$proxy->{port}") x 5);
	$node->start;
}
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');

# A foreign server with the endpoint and options given, and a table on it;
# returns the error of making them.
my $count = 0;
sub make_server
{
	my ($endpoint, $more) = @_;
	my $name = 's' . ++$count;
	my ($status, $out, $err) = $node->psql('postgres', <<"SQL");
\\set VERBOSITY verbose
\\set ON_ERROR_STOP 1
CREATE SERVER $name FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://some-bucket/', region 'us-east-1',
	endpoint '$endpoint', addressing 'path' $more);
CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
CREATE FOREIGN TABLE t_$name (id text) SERVER $name OPTIONS (path 'Account.csv', dialect 'csv');
SQL
	return $err;
}

# Read the table of the last server: rows or the error.
sub read_table
{
	my ($number) = @_;
	my ($status, $out, $err) = $node->psql('postgres', '\set VERBOSITY verbose' . "\nSELECT count(*) FROM t_s" . ($number // $count));
	return $status == 0 ? $out : $err;
}

# --- addresses in every spelling
my $target = start_witness(200);
for my $host ('127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost',
	'a.local.test', 'a.rebind.test', '0.0.0.0', '169.254.169.254', '2852039166', '0xA9FEA9FE', '[fd00:ec2::254]', '169.254.170.2')
{
	my $err = make_server("http://$host:$target->{port}", ", allow_http 'true'");
	$err = read_table() if $err eq '';
	like($err, qr/ERROR:  (42501|HV024|22023|08006): /, "an endpoint at $host is refused");
	unlike($err, qr/\Q$aws_secret\E/, '... without the keys') if $err =~ /08006/;
}
is(seen($target), '', 'and none of them was asked anything');

# --- a connection that a server with more rights has opened
make_server("http://localhost:$target->{port}", ", allow_http 'true', allow_local_endpoint 'true'");
my $allowed = $count;
make_server("http://localhost:$target->{port}", ", allow_http 'true'");
my ($status, $out, $err) = $node->psql('postgres',
	"\\set VERBOSITY sqlstate\nSELECT count(*) FROM t_s$allowed;\nSELECT count(*) FROM t_s$count;\n", on_error_stop => 0);
my @requests = split /\n/, seen($target);
cmp_ok(scalar(@requests), '>', 0, 'the one that may asks');
my $before = @requests;
like($err, qr/ERROR:  42501\s*\z/, 'the one that may not is refused, in the same session');
($status, $out, $err) = $node->psql('postgres', "SELECT count(*) FROM t_s$allowed;", on_error_stop => 0);
is(scalar(split /\n/, seen($target)), 2 * $before, 'and its request was not sent on the open connection');

# --- plain HTTP
$err = make_server("http://localhost:$target->{port}", ", allow_local_endpoint 'true'");
$err = read_table() if $err eq '';
like($err, qr/ERROR:  (HV024|22023): .*http/s, 'plain HTTP needs allow_http');
is(scalar(split /\n/, seen($target)), 2 * $before, 'and is not used without');

# --- redirects, and regions that are none
my $elsewhere = start_witness(200);
my $local = ", allow_http 'true', allow_local_endpoint 'true'";
for my $answer ([ 307, "Location: http://127.0.0.1:$elsewhere->{port}/" ],
	[ 301, "Location: http://127.0.0.1:$elsewhere->{port}/", 'x-amz-bucket-region: eu-west-1' ],
	[ 301, "x-amz-bucket-region: evil.test:$elsewhere->{port}/x" ],
	[ 400, 'x-amz-bucket-region: 127.0.0.1' ])
{
	my $witness = start_witness(@$answer);
	make_server("http://localhost:$witness->{port}", $local);
	like(read_table(), qr/ERROR:  \w+: .*\bstatus $answer->[0]\b/s, "an answer $answer->[0] is an error");
	my @asked = split /\n/, seen($witness);
	cmp_ok(scalar(@asked), '>=', 1, '... of the server that was asked');
	cmp_ok(scalar(@asked), '<=', 4, '... a few times at most');
}
is(seen($elsewhere), '', 'and nobody else was asked');

# --- TLS
my $certificates = "$folder/certificates";
mkdir $certificates;
system_or_bail($ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/certificates.py", $certificates);
my $ca = ", allow_local_endpoint 'true', tls_ca_file '$certificates/ca.pem'";
my $csv = "$folder/Account.csv";
append_to_file($csv, "Id\n1\n2\n");
for my $case ([ 'good', $ca, '2' ], [ 'good', ", allow_local_endpoint 'true'", 'refused' ], [ 'self', $ca, 'refused' ],
	[ 'expired', $ca, 'refused' ], [ 'other', $ca, 'refused' ])
{
	my ($certificate, $options, $expected) = @$case;
	my $server = start_s3(certificate => "$certificates/$certificate");
	s3($server, 'make', 'some-bucket', 'Enabled');
	s3($server, 'put', 'some-bucket', 'Account.csv', $csv);
	make_server("https://localhost:$server->{port}", $options);
	my $answer = read_table();
	my $with = $options eq $ca ? 'with its authority known' : 'with an authority that nobody knows';
	if ($expected eq 'refused')
	{
		like($answer, qr/ERROR:  08006: .*(certificate|SSL)/s, "TLS: $certificate, $with, is refused");
	}
	else
	{
		is($answer, $expected, "TLS: $certificate, $with, is read");
	}
	stop_s3($server);
}
is(seen($proxy), '', 'the proxies and endpoints of the environment were not asked');

# --- the proxy of an option is asked
make_server("http://s3.somewhere.test:$target->{port}", ", allow_http 'true', allow_local_endpoint 'true', proxy 'http://127.0.0.1:$proxy->{port}'");
read_table();
like(seen($proxy), qr{^GET http://s3\.somewhere\.test:$target->{port}/some-bucket}m, 'the proxy of an option is asked');

# --- URLs that smuggle
my $server = start_s3();
s3($server, 'make', 'smuggle', 'Enabled');
add_s3_server($node, 'postgres', $server, name => 'smuggle', location => 's3://smuggle/');
for my $url ('s3://smuggle@evil.test/x', 's3://evil.test#/x', 's3://smuggle:80/x', 's3://smuggle.evil/../smuggle/x', 's3:///x', 's3://smuggle')
{
	($status, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSELECT * FROM salesforce_fdw.copy_to('SELECT 1 AS a', '$url')");
	like($err, qr/ERROR:  \w{5}: /, "a copy to $url is refused");
}
is(s3($server, 'list', 'smuggle'), '', 'and none of them wrote anything');
my (%before, @written);
for my $key ('k?endpoint=evil&x=y', 'a b+c%2F=:@', "line\r\nHost: evil", 'ü/é', '..x/%2e%2e/y')
{
	(my $quoted = $key) =~ s/\\/\\\\/g;
	$quoted =~ s/\r/\\r/g;
	$quoted =~ s/\n/\\n/g;
	($status, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSELECT * FROM salesforce_fdw.copy_to('SELECT 1 AS a', E's3://smuggle/" . encode('UTF-8', $quoted) . ".parquet')");
	my @keys = @{ decode_json(s3($server, 'keys', 'smuggle')) };
	my $shown = encode('UTF-8', $quoted);
	is(join('|', grep { !$before{$_}++ } @keys), $status == 0 ? "$key.parquet" : '', "a key with $shown is written as it is, or refused");
	like($err, qr/\A\z|ERROR:  \w{5}: /, '... by an error') or diag $err;
	push @written, $key if $status == 0;
}
cmp_ok(scalar(@written), '>=', 3, 'most are written');
for my $bucket ('evil.com#', 'a..b', 'UPPER', 'x@y', '127.0.0.1', 'arn:aws:s3:::x', 'name--x-s3', 'xn--abc', "b\r\nHost: y")
{
	(my $quoted = $bucket) =~ s/\r\n/\\r\\n/;
	($status, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nCREATE SERVER refused FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location E's3://$quoted/')");
	like($err, qr/ERROR:  (HV024|22023|0A000): /, "no server has the bucket $quoted");
}

$node->stop;
done_testing();
