# Claim: the server options use_dualstack and use_fips lead requests to the hosts
# that AWS has for them, in each of its partitions, and are refused before
# anything is sent where there is no such host; a region of another partition
# that an answer names is not followed.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('aws_hosts');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');
my $proxy = start_witness(403);

# A server of AWS's behind the proxy, which notes where it was to connect to.
my $count = 0;
sub make
{
	my ($options) = @_;
	my $name = 's' . ++$count;
	$node->safe_psql('postgres', "CREATE SERVER $name FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://some-bucket/', allow_local_endpoint 'true', $options);
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret')");
	return $name;
}

# The error of a statement, and the hosts that it led to.
sub lead
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	my $from = length slurp_file($proxy->{log});
	$node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$err);
	my %hosts = map { $_ => 1 } substr(slurp_file($proxy->{log}), $from) =~ /^CONNECT (\S+)/mg;
	return ($err, join ' ', sort keys %hosts);
}

my $list = "SELECT * FROM salesforce_fdw.object_versions('%s', '')";
my $who = "SELECT * FROM salesforce_fdw.whoami('%s')";
my ($dual, $fips) = ("use_dualstack 'true'", "use_fips 'true'");
for my $case (
	[ $list, 'ca-central-1', '', 'some-bucket.s3.ca-central-1.amazonaws.com:443' ],
	[ $list, 'ca-central-1', "use_dualstack 'false', use_fips 'false'", 'some-bucket.s3.ca-central-1.amazonaws.com:443' ],
	[ $list, 'ca-central-1', $dual, 'some-bucket.s3.dualstack.ca-central-1.amazonaws.com:443' ],
	[ $list, 'ca-central-1', $fips, 'some-bucket.s3-fips.ca-central-1.amazonaws.com:443' ],
	[ $list, 'us-gov-west-1', "$dual, $fips", 'some-bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com:443' ],
	[ $list, 'cn-north-1', $dual, 'some-bucket.s3.dualstack.cn-north-1.amazonaws.com.cn:443' ],
	[ $who, 'eu-west-1', "$dual, $fips", 'sts-fips.eu-west-1.api.aws:443' ],
	[ $who, 'us-gov-west-1', $fips, 'sts.us-gov-west-1.amazonaws.com:443' ])
{
	my ($sql, $region, $options, $host) = @$case;
	my $server = make(join ', ', "proxy 'http://127.0.0.1:$proxy->{port}'", "region '$region'", $options || ());
	my ($err, $hosts) = lead(sprintf $sql, $server);
	is($hosts, $host, "$region" . ($options ? ", $options" : '')) or diag $err;
	note("table: $region, " . ($options || 'no option') . ": $hosts");
}

for my $case (
	[ $list, "region 'cn-north-1', $fips", qr/S3 has no FIPS endpoint in this region/ ],
	[ $list, "region 'us-iso-east-1', $dual, $fips", qr/this region has no dual stack endpoint/ ],
	[ $who, "region 'us-isob-east-1', $dual", qr/this region has no dual stack endpoint/ ],
	[ $list, "region 'us-east-1', endpoint 'https://s3.example.com', $dual", qr/cannot be had with an endpoint of one's own/ ],
	[ $who, "region 'us-east-1', sts_endpoint 'https://sts.example.com', $fips", qr/cannot be had with an endpoint of one's own/ ])
{
	my ($sql, $options, $like) = @$case;
	my $server = make("proxy 'http://127.0.0.1:$proxy->{port}', $options");
	my ($err, $hosts) = lead(sprintf $sql, $server);
	like($err, qr/ERROR:  0A000: .*$like.*use_dualstack/s, "$options is refused");
	is($hosts, '', '... and nothing is sent');
}

# --- regions that answers name: each is asked once, and a second time only
# where its hint is followed.
for my $case ([ 'us-east-1', 'eu-west-1', 2 ], [ 'us-east-1', 'cn-north-1', 1 ], [ 'us-east-1', 'us-gov-west-1', 1 ],
	[ 'cn-north-1', 'cn-northwest-1', 2 ], [ 'cn-north-1', 'us-east-1', 1 ])
{
	my ($region, $named, $times) = @$case;
	my $witness = start_witness(301, "x-amz-bucket-region: $named");
	my $server = make("region '$region', endpoint 'http://localhost:$witness->{port}', allow_http 'true'");
	my ($err) = lead(sprintf $list, $server);
	like($err, qr/status 301/, "$region, and an answer that names $named");
	is(() = slurp_file($witness->{log}) =~ /^GET /mg, $times, $times == 1 ? '... is not followed' : '... is followed');
}

$node->stop;
done_testing();
