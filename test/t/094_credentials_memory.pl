# Claim: a secret key that a service handed out stands once in the backend's
# memory while it is at hand, and nowhere once it is forgotten: not in the
# answer that it came in, nor in what was made of it on the way; and no token
# stands in what libraries have freed.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $s3 = start_s3();
my $home = new_home();
s3($s3, 'make', 'raw', 'Enabled');
write_text("$home/Account.csv", "Id\n1\n2\n");
s3($s3, 'put', 'raw', 'Account.csv', "$home/Account.csv");
my %known = map { ("ASIA$_" => { secret => "secretOf$_/0123456789", token => "tokenOf$_/0123" }) } qw(INSTANCE CONTAINER ROLE WEB);
sub pair { my ($name) = @_; return { id => "ASIA$name", %{ $known{"ASIA$name"} }, is_dated => 1 } }
my $keys = start_keys(
	sts => { AssumeRole => pair('ROLE'), AssumeRoleWithWebIdentity => pair('WEB') },
	instance => { role => 'exports', keys => pair('INSTANCE') },
	container => { authorization => 'authorizationOfCONTAINER', keys => pair('CONTAINER') });
my $gate = start_gate($s3->{port}, keys => \%known, root => [ $aws_key, $aws_secret ]);
write_text("$home/token", 'identityOfWEB.token');
write_text("$home/authorization", 'authorizationOfCONTAINER');

my $node = PostgreSQL::Test::Cluster->new('credentials_memory');
$node->init;
$node->append_conf('postgresql.conf', "session_preload_libraries = 'salesforce_fdw'");
{
	local %ENV = (%ENV, AWS_WEB_IDENTITY_TOKEN_FILE => "$home/token", AWS_ROLE_ARN => 'arn:aws:iam::123456789012:role/web',
		AWS_CONTAINER_CREDENTIALS_FULL_URI => "$keys->{endpoint}/container", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE => "$home/authorization");
	$node->start;
}
my %options = (imds => "'imds'", container => "'container'", web_identity => "'web_identity'", role => "'container', role_arn 'arn:aws:iam::123456789012:role/r'");
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw;' . slurp_file("$FindBin::RealBin/../modules/functions.sql") . join '', map {
	"CREATE SERVER $_ FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/', " . s3_options($gate)
	  . ", sts_endpoint '$keys->{endpoint}', metadata_endpoint '$keys->{endpoint}', credentials $options{$_});"
	  . "CREATE FOREIGN TABLE t_$_ (id text) SERVER $_ OPTIONS (path 'Account.csv', dialect 'csv');" } sort keys %options);

# How often texts stand in a session's memory; they are sent inverted.
sub found
{
	my ($session, @texts) = @_;
	return map { scalar $session->query("SELECT test_memory('\\x" . unpack('H*', ~$_) . "')") } @texts;
}

my %of = (imds => [ 'INSTANCE', 'tokenOfINSTANCE/', 'session-of-the-metadata-service' ], container => [ 'CONTAINER', 'tokenOfCONTAINER/', 'authorizationOfCONTAINER' ],
	web_identity => [ 'WEB', 'tokenOfWEB/', 'identityOfWEB' ], role => [ 'ROLE', 'tokenOfROLE/', 'tokenOfCONTAINER/' ]);
for my $source (sort keys %of)
{
	my ($name, @tokens) = @{ $of{$source} };
	my @secrets = $source eq 'role' ? map { "secretOf$_/" } qw(ROLE CONTAINER) : ("secretOf$name/");
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	is($session->query("SELECT count(*) FROM t_$source"), '2', "$source: a session reads");
	is(join(' ', found($session, @secrets)), $source eq 'role' ? '1 0' : '1', '... and has the secret key once; none of what a role was assumed with');
	$node->safe_psql('postgres', "ALTER SERVER $source OPTIONS (SET region 'us-east-1')");
	$session->query('SELECT count(*) FROM pg_class');
	is(join(' ', found($session, @secrets)), join(' ', map { 0 } @secrets), '... and nowhere, when the server was altered');
	is(join(' ', found($session, @tokens)), join(' ', map { 0 } @tokens), '... nor any token, in what libraries have freed either');
	$session->quit;
}

$node->stop;
done_testing();
