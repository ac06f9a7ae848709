# Claim: each source of keys works, and is for those alone who have the role;
# what a source says wrongly is an error that names it; and no key of any source
# stands in a log, a statistic, a message or the ledger.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use POSIX ();
use Test::More;

my $folder = PostgreSQL::Test::Utils::tempdir();

# --- an S3 server that knows a user for each source; a service that hands out keys
my $s3 = start_s3();
s3($s3, 'make', 'exports', 'Enabled');
append_to_file("$folder/Account.csv", "Id\n1\n2\n");
s3($s3, 'put', 'exports', 'Account.csv', "$folder/Account.csv");
my %secret;
my $users = 0;
sub add_user
{
	my ($name) = @_;
	my $id = sprintf 'AKIACANARY%02d%s', ++$users, uc $name;
	$secret{$name} = "canarySecret/$name+0123456789";
	add_s3_user($s3, $id, $secret{$name});
	return { id => $id, secret => $secret{$name} };
}
my %keys = map { $_ => add_user($_) } qw(mapping environment plain assumed web instance second container);
append_to_file("$folder/policy.json", encode_json({ Version => '2012-10-17', Statement => [ {
	Effect => 'Allow', Principal => { AWS => [ map { $_->{id} } values %keys ] }, Action => 's3:*',
	Resource => [ 'arn:aws:s3:::exports', 'arn:aws:s3:::exports/*' ] } ] }));
s3($s3, 'rule', 'exports', "$folder/policy.json");

my ($config, $log) = ("$folder/keys.json", "$folder/keys.log");
my %services = (
	instance => { role => 'exports-role', keys => $keys{instance} },
	container => { authorization => 'canaryAuthorization', keys => $keys{container} },
	sts => { AssumeRole => $keys{assumed}, AssumeRoleWithWebIdentity => $keys{web} });
sub set_services
{
	my (%with) = @_;
	my %now = (%services, %with);
	open my $file, '>', "$config.new" or die $!;
	print $file encode_json(\%now);
	close $file;
	rename "$config.new", $config or die $!;
	return;
}
sub asked { my $text = slurp_file($log); open my $file, '>', $log; return $text }
set_services();
append_to_file($log, '');
my ($in, $out) = ('', '');
my $service = IPC::Run::start([ 'python3', "$FindBin::RealBin/../servers/keys.py", $config, $log ],
	'<', \$in, '>', \$out, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
$service->pump until $out =~ /(\d+)\n/;
my $url = "http://127.0.0.1:$1";

# --- shared files and tokens
mkdir "$folder/aws";
append_to_file("$folder/aws/credentials", "[plain]\naws_access_key_id = $keys{plain}{id}\naws_secret_access_key = $keys{plain}{secret}\n");
append_to_file("$folder/aws/config", <<"INI");
[default]
region = ca-central-1
[profile chained]
role_arn = arn:aws:iam::123456789012:role/chained
source_profile = plain
external_id = outside
role_session_name = nightly
[profile token]
role_arn = arn:aws:iam::123456789012:role/token
web_identity_token_file = $folder/token
[profile program]
credential_process = /bin/false
[profile half]
aws_access_key_id = $keys{plain}{id}
INI
append_to_file("$folder/token", "canaryIdentity.token\n");

# --- a cluster; its environment can be changed
my $node = PostgreSQL::Test::Cluster->new('credentials');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'pg_stat_statements, salesforce_fdw'
log_statement = all
log_min_messages = debug1
CONF
sub start_with
{
	my (%variables) = @_;
	$node->stop if $node->{_pid};
	local %ENV = (%ENV, HOME => "$folder/nobody", %variables);
	$node->start;
	return;
}
start_with();
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION salesforce_fdw;
CREATE EXTENSION pg_stat_statements;
CREATE ROLE member LOGIN; CREATE ROLE outsider LOGIN;
GRANT salesforce_fdw_read TO member, outsider;
GRANT salesforce_fdw_server_credentials TO member;
SQL
my $count = 0;
sub make_server
{
	my ($credentials, $more) = @_;
	my $name = 's' . ++$count;
	my $options = s3_options($s3) . ", credentials '$credentials', sts_endpoint '$url', metadata_endpoint '$url'" . ($more // '');
	$node->safe_psql('postgres', <<"SQL");
CREATE SERVER $name FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://exports/', $options);
CREATE FOREIGN TABLE t_$name (id text) SERVER $name OPTIONS (path 'Account.csv', dialect 'csv');
GRANT USAGE ON FOREIGN SERVER $name TO member, outsider;
GRANT SELECT ON t_$name TO member, outsider;
SQL
	$node->safe_psql('postgres', "CREATE USER MAPPING FOR PUBLIC SERVER $name OPTIONS (access_key_id '$keys{mapping}{id}', secret_access_key '$keys{mapping}{secret}')")
	  if $credentials eq 'user_mapping';
	return $name;
}
my $errors = '';
sub read_as
{
	my ($user, $name) = @_;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT count(*) FROM t_$name", extra_params => [ '-U', $user ]);
	$errors .= $err;
	return $status == 0 ? $out : $err;
}

# --- the mapping, alone and with a role
my $name = make_server('user_mapping');
is(read_as('outsider', $name), '2', 'user_mapping: works for everybody with a mapping');
is(asked(), '', '... and nobody is asked for keys');
$name = make_server('user_mapping', ", role_arn 'arn:aws:iam::123456789012:role/reader', external_id 'ext', role_session_name 'me'");
is(read_as('outsider', $name), '2', 'user_mapping with a role: works');
is(asked(), "AssumeRole by $keys{mapping}{id} ExternalId=ext RoleArn=arn:aws:iam::123456789012:role/reader RoleSessionName=me\n",
	'... the role is assumed with the mapping\'s keys');

# --- the environment
$name = make_server('environment');
like(read_as('member', $name), qr/ERROR:  28000: .*AWS_ACCESS_KEY_ID is not set/s, 'environment: an error names the variable that is missing');
start_with(AWS_ACCESS_KEY_ID => $keys{environment}{id});
like(read_as('member', $name), qr/ERROR:  28000: .*only one of/si, 'environment: half a pair is told');
start_with(AWS_ACCESS_KEY_ID => $keys{environment}{id}, AWS_SECRET_ACCESS_KEY => $keys{environment}{secret});
is(read_as('member', $name), '2', 'environment: works');
like(read_as('outsider', $name), qr/ERROR:  42501: .*salesforce_fdw_server_credentials/s, '... for those alone who have the role');
my $chain = make_server('chain');
is(read_as('member', $chain), '2', 'chain: takes the environment first');
like(read_as('outsider', $chain), qr/ERROR:  42501: /, '... for members alone');

# --- whose right counts: the owner's of a view; a role that is revoked
$node->safe_psql('postgres', "CREATE VIEW through AS SELECT count(*) AS n FROM t_$name; ALTER VIEW through OWNER TO member; GRANT SELECT ON through TO outsider;"
	. "CREATE VIEW around AS SELECT count(*) AS n FROM t_$name; ALTER VIEW around OWNER TO outsider; GRANT SELECT ON around TO member");
is($node->safe_psql('postgres', 'SELECT n FROM through', extra_params => [ '-U', 'outsider' ]), '2', 'a member\'s view reads with the member\'s right');
my ($status, $stdout, $stderr) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT n FROM around", extra_params => [ '-U', 'member' ]);
like($stderr, qr/ERROR:  42501: /, 'an outsider\'s view has no more right than the outsider');
my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'member' ]);
is($session->query("SELECT count(*) FROM t_$name"), '2', 'a session of a member reads');
$node->safe_psql('postgres', 'REVOKE salesforce_fdw_server_credentials FROM member');
$session->query("SELECT count(*) FROM t_$name");
like($session->{stderr}, qr/permission denied to use the credentials/, '... and no longer when the role is revoked');
$node->safe_psql('postgres', 'GRANT salesforce_fdw_server_credentials TO member');
$session->quit;

# --- profiles
start_with(AWS_CONFIG_FILE => "$folder/aws/config", AWS_SHARED_CREDENTIALS_FILE => "$folder/aws/credentials");
asked();
is(read_as('member', make_server('profile:plain')), '2', 'profile: its keys work');
is(read_as('member', make_server('profile:chained')), '2', 'profile: a role of it works');
is(asked(), "AssumeRole by $keys{plain}{id} ExternalId=outside RoleArn=arn:aws:iam::123456789012:role/chained RoleSessionName=nightly\n",
	'... assumed with its source\'s keys');
is(read_as('member', make_server('profile:token')), '2', 'profile: a token of a file works');
like(asked(), qr/^AssumeRoleWithWebIdentity by nobody RoleArn=\S+:role\/token RoleSessionName=pg-postgres-\w+ WebIdentityToken=canaryIdentity\.token$/m,
	'... sent without a signature');
like(read_as('member', make_server('profile:program')), qr/ERROR:  0A000: .*credential_process/s, 'profile: no program is run');
like(read_as('member', make_server('profile:half')), qr/ERROR:  28000: .*profile "half"/s, 'profile: half a pair is told');
like(read_as('member', make_server('profile:none')), qr/ERROR:  28000: .*profile "none" does not exist/s, 'profile: one that is missing is told');
is(read_as('member', $chain), '2', 'chain: a default profile without keys is passed over');
like(asked(), qr{^GET /latest/meta-data}m, '... for the instance');
start_with(AWS_CONFIG_FILE => "$folder/aws/config", AWS_SHARED_CREDENTIALS_FILE => "$folder/aws/credentials", AWS_PROFILE => 'plain');
is(read_as('member', $chain), '2', 'chain: the profile that AWS_PROFILE names');
is(asked(), '', '... and nobody else is asked');
POSIX::mkfifo("$folder/fifo", 0600) or die $!;
append_to_file("$folder/long", 'x' x (2 * 1024 * 1024));
for my $wrong ([ 'fifo', 'not a regular file' ], [ 'long', 'longer than' ], [ 'aws', 'not a regular file' ])
{
	start_with(AWS_SHARED_CREDENTIALS_FILE => "$folder/$wrong->[0]");
	like(read_as('member', make_server('profile:plain')), qr/ERROR:  28000: .*$wrong->[1]/s, "profile: a $wrong->[0] is not read");
	start_with(AWS_WEB_IDENTITY_TOKEN_FILE => "$folder/$wrong->[0]", AWS_ROLE_ARN => 'arn:aws:iam::123456789012:role/x');
	like(read_as('member', make_server('web_identity')), qr/ERROR:  28000: .*$wrong->[1]/s, "web_identity: nor as a token");
}

# --- web identity
asked();
$name = make_server('web_identity');
start_with();
like(read_as('member', $name), qr/ERROR:  28000: .*AWS_WEB_IDENTITY_TOKEN_FILE is not set/s, 'web_identity: an error names the variable');
start_with(AWS_WEB_IDENTITY_TOKEN_FILE => "$folder/token", AWS_ROLE_ARN => 'arn:aws:iam::123456789012:role/web', AWS_ROLE_SESSION_NAME => 'pod');
is(read_as('member', $name), '2', 'web_identity: works');
is(asked(), "AssumeRoleWithWebIdentity by nobody RoleArn=arn:aws:iam::123456789012:role/web RoleSessionName=pod WebIdentityToken=canaryIdentity.token\n",
	'... with the token, for the role');
set_services(sts => { AssumeRoleWithWebIdentity => { status => 403 } });
like(read_as('member', $name), qr/ERROR:  28000: .*AssumeRoleWithWebIdentity was answered with status 403/s, 'web_identity: a refusal is told');
set_services();

# --- the container
asked();
$name = make_server('container');
start_with();
like(read_as('member', $name), qr/ERROR:  28000: .*AWS_CONTAINER_CREDENTIALS/s, 'container: an error names the variables');
my @full = (AWS_CONTAINER_CREDENTIALS_FULL_URI => "$url/container");
start_with(@full, AWS_CONTAINER_AUTHORIZATION_TOKEN => 'canaryAuthorization');
is(read_as('member', $name), '2', 'container: works');
is(asked(), "GET /container\n", '... with the token that a variable has');
append_to_file("$folder/authorization", "canaryAuthorization\n");
start_with(@full, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE => "$folder/authorization");
is(read_as('member', $name), '2', 'container: works with a token in a file');
start_with(@full, AWS_CONTAINER_AUTHORIZATION_TOKEN => "x\r\nHost: evil");
like(read_as('member', $name), qr/ERROR:  28000: .*token/s, 'container: a token smuggles no header');
for my $evil ('http://10.255.255.1/keys', 'http://192.0.2.1/keys', 'http://evil.invalid/')
{
	start_with(AWS_CONTAINER_CREDENTIALS_FULL_URI => $evil);
	like(read_as('member', $name), qr/ERROR:  08006: .*(address|resolve)/si, "container: $evil is not asked");
}
asked();

# --- the instance: a service that answers wrongly; 091 has keys that expire
start_with();
$name = make_server('imds');
$session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'member' ]);
is($session->query("SELECT count(*) FROM t_$name"), '2', 'imds: works');
is(asked(), "PUT /latest/api/token\nGET /latest/meta-data/iam/security-credentials/\nGET /latest/meta-data/iam/security-credentials/exports-role\n",
	'... by version 2');
is($session->query("SELECT count(*) FROM t_$name"), '2', '... again');
is(asked(), '', '... with the same keys');
$session->quit;
for my $wrong ([ { body => '<html>login</html>' }, 'JSON' ], [ { %{ $keys{instance} }, code => 'AssumeRoleUnauthorizedAccess' }, 'no keys to give' ],
	[ { %{ $keys{instance} }, lifetime => -60 }, 'expired' ], [ { status => 404 }, 'status 404' ], [ { id => 'x' x 500, secret => 'y' }, 'too long' ],
	[ { body => '{"AccessKeyId": "AKIA"}' }, 'has no keys' ], [ { body => '{"a":' x 5000 }, 'JSON' ])
{
	set_services(instance => { role => 'exports-role', keys => $wrong->[0] });
	like(read_as('member', $name), qr/ERROR:  28000: .*$wrong->[1]/s, "imds: an answer that is wrong ($wrong->[1]) is told");
}
# The S3 server takes no session tokens, and says so of one that it gets.
set_services(instance => { role => 'exports-role', keys => { %{ $keys{second} }, token => 'canaryToken/second==' } });
like(read_as('member', $name), qr/ERROR:  28000: .*code "InvalidToken".*the keys that "imds" gives/s, 'imds: a session token is sent');
set_services(instance => { role => '../../x', keys => $keys{instance} });
like(read_as('member', $name), qr/ERROR:  28000: .*role/s, 'imds: a role that is none is not asked for');
set_services();
start_with(AWS_EC2_METADATA_DISABLED => 'true');
asked();
like(read_as('member', $name), qr/ERROR:  28000: .*AWS_EC2_METADATA_DISABLED/s, 'imds: can be switched off');
like(read_as('member', $chain), qr/ERROR:  28000: .*none of its sources/si, 'chain: nothing that is set up');
is(asked(), '', '... and nobody is asked');

# --- changes of servers and mappings count at once
$name = make_server('user_mapping');
$session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'outsider' ]);
is($session->query("SELECT count(*) FROM t_$name"), '2', 'a session reads with the mapping\'s keys');
$node->safe_psql('postgres', "ALTER USER MAPPING FOR PUBLIC SERVER $name OPTIONS (SET secret_access_key 'anotherSecret')");
$session->query("SELECT count(*) FROM t_$name");
like($session->{stderr}, qr/SignatureDoesNotMatch/, '... and with others once the mapping was altered');
$session->{stderr} = '';
$node->safe_psql('postgres', "ALTER SERVER $name OPTIONS (SET credentials 'imds')");
$session->query("SELECT count(*) FROM t_$name");
like($session->{stderr}, qr/permission denied to use the credentials/, '... and with none once the server was');
$session->quit;

# --- whoami, by moto's STS
my $moto = start_moto();
start_with(AWS_ACCESS_KEY_ID => $keys{environment}{id}, AWS_SECRET_ACCESS_KEY => $keys{environment}{secret});
my $options = s3_options($s3) . ", sts_endpoint '$moto->{endpoint}', credentials 'environment'";
$node->safe_psql('postgres', "CREATE SERVER me FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://exports/', $options);"
	. "CREATE SERVER role FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://exports/', $options, role_arn 'arn:aws:iam::123456789012:role/reader');"
	. 'GRANT USAGE ON FOREIGN SERVER me, role TO member');
my $answer = $node->safe_psql('postgres', "SELECT * FROM salesforce_fdw.whoami('me')", extra_params => [ '-U', 'member' ]);
like($answer, qr/^environment\|123456789012\|arn:aws:sts::123456789012:user\/moto\|\w+\|$/, 'whoami says source and ARN, and no expiry');
$answer = $node->safe_psql('postgres', "SELECT source, arn, expires_at > now() FROM salesforce_fdw.whoami('role')", extra_params => [ '-U', 'member' ]);
like($answer, qr{^environment, role "arn:aws:iam::123456789012:role/reader"\|arn:aws:sts::\d+:assumed-role/reader/pg-postgres-member\|t$},
	'whoami with a role: moto\'s STS takes the request') or diag $answer;
($status, $stdout, $stderr) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT * FROM salesforce_fdw.whoami('me')", extra_params => [ '-U', 'outsider' ]);
like($stderr, qr/ERROR:  42501: /, 'whoami needs USAGE');

# --- no key anywhere
my $everything = slurp_file($node->logfile) . $errors . $node->safe_psql('postgres', 'SELECT query FROM pg_stat_statements; SELECT * FROM pg_stat_activity');
my @found = grep { index($everything, $secret{$_}) >= 0 } grep { $_ ne 'mapping' } sort keys %secret;
is("@found", '', 'no secret key of the machine is in logs, statistics or messages');
is(join(' ', $everything =~ /canary(?:Token|Identity|Authorization)/g), '', 'and no token');
like($everything, qr/\Q$secret{mapping}\E/, 'the search finds what is there: the DDL of a mapping');

$node->stop;
$service->kill_kill;
done_testing();
