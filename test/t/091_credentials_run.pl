# Claim: a whole run works with the keys of each source, session tokens and
# keys that expire in its midst included: each that a service calls expired is
# replaced once, and those that soon will be are replaced before.  And no key
# and no token of any source stands in the server's log, in a statistic while
# the run goes on or after it, in a message, or in a table of the extension.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $home = new_home();
my ($clock, $at_point, $seen) = map { "$home/$_" } qw(clock at_point seen);
my $s3 = start_s3();
my $moto = start_moto();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);

# --- the canaries: a secret and a token for each pair, and what is shown for them
my (%known, @canaries);
sub pair
{
	my ($name) = @_;
	my ($id, $secret, $token) = ('ASIA' . uc $name, "canarySecret/$name+01234567", "canaryToken/$name");
	$known{$id} = { secret => $secret, token => $token };
	push @canaries, $secret, $token;
	return { id => $id, secret => $secret, token => $token, is_dated => 1 };
}
sub lasting { my ($pair) = @_; return "$pair->{token}.0." . (time + 86400) }
my %pair = map { $_ => pair($_) } qw(mapping environment profile role web container instance);
push @canaries, 'canaryIdentity', 'canaryAuthorization', 'session-of-the-metadata-service';

my $keys = start_keys(clock => $clock,
	instance => { role => 'exports', keys => $pair{instance} },
	container => { authorization => 'canaryAuthorization', keys => $pair{container} },
	sts => { AssumeRole => $pair{role}, AssumeRoleWithWebIdentity => $pair{web} });
my @judged = (keys => \%known, clock => $clock);
my $gate = start_gate($s3->{port}, @judged, root => [ $aws_key, $aws_secret ]);
my $glue = start_gate($moto->{port}, @judged);
my $sts = start_gate($keys->{port}, @judged);
# How many requests a token is good for; as many as are asked without a number.
sub good_for
{
	my @uses = map { (uses => $_) } @_;
	set_gate($gate, @judged, root => [ $aws_key, $aws_secret ], @uses);
	set_gate($glue, @judged, @uses);
	return;
}

# --- the machine: its environment has all sources, a server's option says which
mkdir "$home/aws";
write_text("$home/aws/credentials", "[plain]\naws_access_key_id = $pair{profile}{id}\naws_secret_access_key = $pair{profile}{secret}\naws_session_token = " . lasting($pair{profile}) . "\n");
write_text("$home/aws/config", "[profile chained]\nrole_arn = arn:aws:iam::123456789012:role/chained\nsource_profile = plain\n");
write_text("$home/aws/token", 'canaryIdentity.token');
my $node = PostgreSQL::Test::Cluster->new('credentials_run');
$node->init;
$node->append_conf('postgresql.conf', <<"CONF");
fsync = off
shared_preload_libraries = 'pg_stat_statements, salesforce_fdw'
log_statement = all
log_min_messages = debug1
log_error_verbosity = verbose
salesforce_fdw.fault_clock = '$clock'
salesforce_fdw.fault_point = 'storage.promote before'
salesforce_fdw.fault_action = 'sh:sh $at_point'
CONF
# The log of an earlier execution of this file may be there still.
my $log_start = -s $node->logfile // 0;
{
	local %ENV = (%ENV, HOME => "$home/nobody",
		AWS_ACCESS_KEY_ID => $pair{environment}{id}, AWS_SECRET_ACCESS_KEY => $pair{environment}{secret}, AWS_SESSION_TOKEN => lasting($pair{environment}),
		AWS_CONFIG_FILE => "$home/aws/config", AWS_SHARED_CREDENTIALS_FILE => "$home/aws/credentials",
		AWS_WEB_IDENTITY_TOKEN_FILE => "$home/aws/token", AWS_ROLE_ARN => 'arn:aws:iam::123456789012:role/web',
		AWS_CONTAINER_CREDENTIALS_FULL_URI => "$keys->{endpoint}/container", AWS_CONTAINER_AUTHORIZATION_TOKEN => 'canaryAuthorization');
	$node->start;
}
# What is in the mapping stands in its DDL, which nobody writes down here.
$node->safe_psql('postgres', 'CREATE DATABASE w');
$node->safe_psql('postgres', "ALTER ROLE CURRENT_USER SET log_statement = 'none'; ALTER ROLE CURRENT_USER SET pg_stat_statements.track_utility = off");
my $options = s3_options($gate, $glue) . ", credentials 'user_mapping', sts_endpoint '$sts->{endpoint}', metadata_endpoint '$keys->{endpoint}'";
my $mapping = "access_key_id '$pair{mapping}{id}', secret_access_key '$pair{mapping}{secret}', session_token '" . lasting($pair{mapping}) . q{'};
make_world($node, 'w', $home, raw => 's3://raw/crm/', lake => 's3://lake/', catalog => 'glue', create_database => 1,
	server_options => $options, mapping => $mapping,
	purge => "'location'", confirm => "'s3://raw/crm/'");
# A file that no run purges, on a server of its own.
my @servers = qw(raw_exports lake steady);
write_exports("$home/raw", 0);
s3($s3, 'put', 'raw', 'steady/Account.csv', "$home/raw/Account.csv");
$node->safe_psql('w', "CREATE SERVER steady FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/steady/', " . $options . ");
	CREATE USER MAPPING FOR etl SERVER steady OPTIONS ($mapping);
	CREATE FOREIGN TABLE steady (id text) SERVER steady OPTIONS (path 'Account.csv', dialect 'csv'); GRANT SELECT ON steady TO etl; GRANT USAGE ON FOREIGN SERVER steady TO etl");
$node->safe_psql('w', 'CREATE EXTENSION pg_stat_statements; GRANT salesforce_fdw_server_credentials, salesforce_fdw_read, salesforce_fdw_write TO etl; CREATE ROLE onlooker LOGIN; GRANT pg_read_all_stats TO onlooker');

# What statistics show, to be looked at in the midst of each run.
my @views = qw(pg_stat_activity pg_stat_statements pg_backend_memory_contexts pg_prepared_statements pg_stat_progress_copy pg_locks pg_cursors pg_user_mappings);
my $look = "psql -XAtq -U onlooker -d '" . $node->connstr('w') . "' " . join(' ', map { "-c 'SELECT v FROM $_ v'" } @views) . ">>$seen\n";
my $day = 0;
my $shown = '';

# The next day's run, at whose point commands are run: what was asked by whom.
sub run_day
{
	my ($what, $signer, @commands) = @_;
	write_exports("$home/raw", ++$day, no_contact => 1);
	s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", qw(Account.csv Opportunity.csv));
	write_text($at_point, join "\n", $look, @commands);
	write_text($clock, '0');
	gate_log($_) for $gate, $glue;
	keys_log($keys);
	my ($state, $out, $err) = call_run($node, 'w');
	$shown .= $out . $err;
	is($state, '', "$what: a whole run") or diag $err;
	is(published_rows($node, 'w'), expected_rows($day), '... has published the day');
	my @lines = (gate_log($gate), gate_log($glue));
	is(scalar(grep { !/^\Q$signer->{id}\E / } @lines), 0, '... all of whose ' . @lines . ' requests its keys have signed');
	cmp_ok(scalar(@lines), '>=', 15, '... to S3 and Glue');
	return @lines;
}
# Those of the gates' lines that tell of a refusal by the gate.
sub refused { return grep { !/^\S+ \S+ \d+ / } @_ }
sub numbers { my %number = map { (split / /)[1] => 1 } @_; return keys %number }
# How often a source gave keys.
sub given { return scalar grep { /^Assume|GET \S+\/exports$|GET \/container/ } keys_log($keys) }
sub use_source
{
	my ($source) = @_;
	$node->safe_psql('w', "ALTER SERVER $_ OPTIONS (SET credentials '$source')") for @servers;
	return;
}

# --- sources whose keys stay
for my $case ([ user_mapping => 'mapping' ], [ environment => 'environment' ], [ 'profile:plain' => 'profile' ])
{
	my ($source, $name) = @$case;
	use_source($source);
	my @lines = run_day($source, $pair{$name});
	is(join("\n", refused(@lines)), '', '... none of them refused');
}

# --- sources whose keys expire: in the midst of the run, several times
my @expiring = ([ 'profile:chained' => 'role' ], [ web_identity => 'web' ], [ container => 'container' ], [ imds => 'instance' ], [ user_mapping => 'role' ]);
for my $case (@expiring)
{
	my ($source, $name) = @$case;
	my $what = $source eq 'user_mapping' ? 'user_mapping with a role' : $source;
	use_source($source);
	$node->safe_psql('w', "ALTER SERVER $_ OPTIONS (ADD role_arn 'arn:aws:iam::123456789012:role/reader', ADD external_id 'outside')") for $source eq 'user_mapping' ? @servers : ();
	good_for(5);
	my @lines = run_day($what, $pair{$name});
	good_for();
	my @expired = refused(@lines);
	is(join(' ', grep { !/ ExpiredToken(Exception)? / } @expired), '', '... of which ' . @expired . ' were refused, as expired alone');
	cmp_ok(scalar(numbers(@expired)), '>=', 2, '... with several tokens');
	my $given = given();
	# The two servers have keys of their own.
	is($given, 2 + numbers(@expired), '... each of which was replaced once');
	note("figure: $what: keys asked for $given times, " . @expired . ' requests refused as expired, ' . @lines . ' in all');

	# --- nothing expires, but soon would: asked ahead, a quarter of an hour before
	write_text($clock, 0);
	my $session = $node->background_psql('w', on_error_stop => 0, extra_params => [ '-U', 'etl' ]);
	gate_log($gate);
	my @asked;
	for my $seconds (0, 2600, 2800, 5300, 5600)
	{
		write_text($clock, $seconds);
		$session->query('SELECT count(*) FROM steady') eq '7' or diag $session->{stderr};
		push @asked, given();
	}
	$session->quit;
	is("@asked", '1 0 1 0 1', '... and keys of an hour are asked for anew after 45 minutes');
	is(join("\n", refused(gate_log($gate))), '', '... so that none has expired');
}
$node->safe_psql('w', "ALTER SERVER $_ OPTIONS (DROP role_arn, DROP external_id)") for @servers;

# --- a run that takes long: its keys are replaced while it stands
use_source('imds');
my @lines = run_day('imds, 50 minutes in the midst', $pair{instance}, "echo 3000 >$clock");
is(join("\n", refused(@lines)), '', '... and nothing has expired');
is(scalar(numbers(@lines)), given(), '... since keys were asked for before');
cmp_ok(scalar(numbers(@lines)), '>=', 3, '... by then');

# --- an upload in parts, and a scan with several requests in flight
write_text($clock, 0);
open my $csv, '>', "$home/raw/Account.csv" or die $!;
print $csv "Id,Name,CreatedDate\n", map { sprintf "%d,%s,\n", $_, 'x' x 100 } 1 .. 300_000;
close $csv;
s3($s3, 'put', 'raw', 'crm/Account.csv', "$home/raw/Account.csv");
for my $work ([ 'a scan', 2, '300000', "SELECT count(*) FROM raw.account" ],
	[ 'an upload', 3, '800000', q{SELECT * FROM salesforce_fdw.copy_to('SELECT g, md5(g::text) FROM generate_series(1, 800000) g', 's3://lake/big.parquet', '{"compression": "none"}')} ])
{
	my ($what, $uses, $expected, $sql) = @$work;
	good_for($uses);
	keys_log($keys);
	gate_log($gate);
	my ($state, $out, $err) = attempt($node, 'w', $sql);
	is($out, $expected, "$what whose keys expire after $uses requests comes to its end") or diag $err;
	@lines = gate_log($gate);
	my @expired = refused(@lines);
	cmp_ok(scalar(@expired), '>=', 1, '... ' . @expired . ' of ' . @lines . ' requests were refused');
	is(given(), 1 + numbers(@expired), '... and each token was replaced once, however many requests had it');
	cmp_ok(scalar(grep { /partNumber=/ } @expired), '>=', 1, '... some of them parts') if $what eq 'an upload';
	good_for();
}
is(s3($s3, 'uploads', 'lake'), '', 'no upload is left');

# --- messages: refusals that show all that was signed, keys that are refused for good
$known{ASIAINSTANCE}{secret} = 'another';
good_for();
for my $sql ('SELECT count(*) FROM raw.account', "CALL salesforce_fdw.run('sales', force => true)", q{SELECT * FROM salesforce_fdw.whoami('lake')})
{
	my ($state, $out, $err) = attempt($node, 'w', $sql);
	$shown .= $out . $err;
	isnt($state, '', 'an error of keys that are wrong');
}
$known{ASIAINSTANCE} = { secret => $canaries[0], token => 'another' };
good_for(0);
my ($state, $out, $err) = attempt($node, 'w', 'SELECT count(*) FROM raw.account');
$shown .= $out . $err;
like($err, qr/InvalidToken/, '... and of a token that is wrong');

# --- the search
my $tables = $node->safe_psql('w', q{SELECT string_agg(format('SELECT t::text FROM %s t', c.oid::regclass), ' UNION ALL ') FROM pg_class c
	WHERE relnamespace = 'salesforce_fdw'::regnamespace AND relkind IN ('r', 'v')});
my %place = (
	'the server log' => slurp_file($node->logfile, $log_start),
	'a statistic during a run' => slurp_file($seen),
	'a statistic after it' => join('', map { $node->safe_psql('w', "SELECT v FROM $_ v", extra_params => [ '-U', 'onlooker' ]) } @views),
	'a message' => $shown,
	'a table or view of the extension' => $node->safe_psql('w', $tables));
for my $place (sort keys %place)
{
	cmp_ok(length $place{$place}, '>', 200, "$place: has text");
	is(join(' ', grep { index($place{$place}, $_) >= 0 } @canaries), '', '... and no canary');
}
like($place{'a statistic during a run'}, qr/CALL salesforce_fdw\.run/, 'what was looked at during a run has the run');
like($place{'the server log'}, qr/repeating \w+ of \S+ in 0 ms: expired credentials/, 'the log has told of keys that expired');
like(join('', @{ [ $node->safe_psql('w', 'SELECT * FROM pg_user_mappings') ] }), qr/\Q$canaries[0]\E/, 'the search finds what is there: the mapping, seen by its owner');
note('figure: ' . @canaries . ' canaries looked for in ' . join(', ', map { length($place{$_}) . " bytes of $_" } sort keys %place));

$node->stop;
done_testing();
