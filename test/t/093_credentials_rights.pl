# Claim: keys are those of the user whose right a statement goes by, whoever
# has sent it: nobody comes by the machine's keys, or by somebody else's
# mapping, through a function, a view, a prepared statement, or keys that the
# backend still has at hand; and the session's name at AWS is that user's.
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
my %known = map { ("AKIA$_" => { secret => "secretOf$_/0123456789" }) } qw(MACHINE MEMBER OUTSIDER ROLE);
my $keys = start_keys(sts => { AssumeRole => { id => 'AKIAROLE', secret => $known{AKIAROLE}{secret} } });
my $gate = start_gate($s3->{port}, keys => \%known, root => [ $aws_key, $aws_secret ]);

my $node = PostgreSQL::Test::Cluster->new('credentials_rights');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nsession_preload_libraries = 'salesforce_fdw'");
{
	local %ENV = (%ENV, AWS_ACCESS_KEY_ID => 'AKIAMACHINE', AWS_SECRET_ACCESS_KEY => $known{AKIAMACHINE}{secret});
	$node->start;
}
# Three servers: the machine's keys, the same with a role, each user's mapping.
my $options = "(location 's3://raw/', " . s3_options($gate) . ", sts_endpoint '$keys->{endpoint}', credentials";
my @tables = qw(machine role mapped);
my $all = join ', ', @tables;
sub mapping { my ($user, $id) = @_; return "CREATE USER MAPPING FOR $user SERVER mapped OPTIONS (access_key_id '$id', secret_access_key '$known{$id}{secret}');" }
$node->safe_psql('postgres', <<"SQL" . mapping('member', 'AKIAMEMBER') . mapping('outsider', 'AKIAOUTSIDER') . join '', map { "CREATE FOREIGN TABLE $_ (id text) SERVER $_ OPTIONS (path 'Account.csv', dialect 'csv'); GRANT SELECT ON $_ TO PUBLIC;" } @tables);
CREATE EXTENSION salesforce_fdw;
CREATE ROLE member LOGIN; CREATE ROLE outsider LOGIN; CREATE ROLE stranger LOGIN;
GRANT salesforce_fdw_read, salesforce_fdw_write TO member, outsider, stranger;
GRANT salesforce_fdw_server_credentials TO member;
GRANT ALL ON SCHEMA public TO PUBLIC;
CREATE SERVER machine FOREIGN DATA WRAPPER salesforce_fdw OPTIONS $options 'environment');
CREATE SERVER role FOREIGN DATA WRAPPER salesforce_fdw OPTIONS $options 'chain', role_arn 'arn:aws:iam::123456789012:role/r');
CREATE SERVER mapped FOREIGN DATA WRAPPER salesforce_fdw OPTIONS $options 'user_mapping');
GRANT USAGE ON FOREIGN SERVER $all TO PUBLIC;
SQL

# SQL of a user: its SQLSTATE, and with whose keys requests were signed.
sub by
{
	my ($user, $sql) = @_;
	gate_log($gate);
	my ($state, $out, $err) = attempt($node, 'postgres', $sql, user => $user);
	my %ids = map { (split / /)[0] => 1 } gate_log($gate);
	return join ' ', $state || 'fine', sort keys %ids;
}
sub statement { my ($table) = @_; return "SELECT count(*) FROM $table" }

# --- each by himself
is(by('member', statement('machine')), 'fine AKIAMACHINE', 'a member has the machine\'s keys');
is(by('member', statement('role')), 'fine AKIAROLE', '... and a role that they may assume');
is(by('member', statement('mapped')), 'fine AKIAMEMBER', '... and those of the own mapping');
is(by('outsider', statement($_)), '42501', "an outsider has none of the server \"$_\"") for qw(machine role);
is(by('outsider', statement('mapped')), 'fine AKIAOUTSIDER', '... but those of the own mapping');
is(by('stranger', statement('mapped')), '42704', 'who has no mapping has no keys');

# --- objects of each kind, made by each user over each table
my $super = $node->safe_psql('postgres', 'SELECT current_user');
for my $owner (qw(member outsider))
{
	for my $table (@tables)
	{
		my $name = "${owner}_$table";
		my ($state, $out, $err) = attempt($node, 'postgres', <<"SQL", user => $owner);
CREATE FUNCTION definer_$name() RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM $table); END';
CREATE FUNCTION invoker_$name() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM $table); END';
CREATE FUNCTION copier_$name() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS
	\$\$ SELECT rows FROM salesforce_fdw.copy_to('SELECT 1 AS one', 's3://raw/$name.parquet', jsonb_build_object('server', '$table')) AS t(rows) \$\$;
CREATE FUNCTION whoami_$name() RETURNS text SECURITY DEFINER LANGUAGE sql AS \$\$ SELECT source FROM salesforce_fdw.whoami('$table') \$\$;
CREATE FUNCTION list_$name() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS \$\$ SELECT count(*) FROM salesforce_fdw.object_versions('$table') \$\$;
CREATE VIEW view_$name AS SELECT count(*) AS n FROM $table;
CREATE VIEW invoked_$name WITH (security_invoker) AS SELECT count(*) AS n FROM $table;
CREATE MATERIALIZED VIEW stored_$name AS SELECT count(*) AS n FROM $table WITH NO DATA;
GRANT SELECT ON view_$name, invoked_$name TO PUBLIC;
SQL
		is($err, '', "$owner makes functions and views over \"$table\"");
	}
}
# Whose keys: for each table those of the user whose right it is.
my %of = (member => { machine => 'fine AKIAMACHINE', role => 'fine AKIAROLE', mapped => 'fine AKIAMEMBER' },
	outsider => { machine => '42501', role => '42501', mapped => 'fine AKIAOUTSIDER' });
my @attempts = (
	# what is called, in SQL; whose right it is
	[ 'a SECURITY DEFINER function', 'SELECT definer_%s()', 'owner' ],
	[ 'a SECURITY INVOKER function', 'SELECT invoker_%s()', 'caller' ],
	[ 'a view', 'SELECT n FROM view_%s', 'owner' ],
	[ 'a security_invoker view', 'SELECT n FROM invoked_%s', 'caller' ],
	[ 'a listing in a SECURITY DEFINER function', 'SELECT list_%s()', 'owner' ],
	[ 'an upload in a SECURITY DEFINER function', 'SELECT copier_%s()', 'owner' ],
	[ 'a function in a view\'s query', 'SELECT definer_%s() + n FROM (SELECT 1 AS n) AS q', 'owner' ]);
my ($tried, $refused) = (0, 0);
for my $attempt (@attempts)
{
	my ($what, $sql, $right) = @$attempt;
	for my $pair ([ 'member', 'outsider' ], [ 'outsider', 'member' ])
	{
		my ($owner, $caller) = @$pair;
		for my $table (@tables)
		{
			my $expected = $of{ $right eq 'owner' ? $owner : $caller }{$table};
			is(by($caller, sprintf $sql, "${owner}_$table"), $expected, "$what of the $owner, for the $caller, over \"$table\"");
			$tried++;
			$refused++ if $expected eq '42501';
		}
	}
}
note("figure: $tried ways to the keys by somebody else's object, $refused of them refused");
is(by($super, "REFRESH MATERIALIZED VIEW stored_outsider_$_"), $of{outsider}{$_}, "a superuser who refreshes the outsider's view has the outsider's right over \"$_\"") for @tables;
is(by('member', "SELECT whoami_outsider_$_()"), '42501', "whoami tells the outsider's function nothing of \"$_\"") for qw(machine role);

# --- to become the member, or to have objects that are the member's
for my $sql ('SET ROLE member', 'ALTER VIEW view_outsider_machine OWNER TO member', 'ALTER FUNCTION definer_outsider_machine() OWNER TO member',
	'GRANT salesforce_fdw_server_credentials TO outsider', 'CREATE OR REPLACE FUNCTION definer_member_machine() RETURNS bigint LANGUAGE sql AS \'SELECT 1::bigint\'',
	q{ALTER SERVER mapped OPTIONS (SET credentials 'environment')}, q{CREATE USER MAPPING FOR PUBLIC SERVER machine}, q{ALTER USER MAPPING FOR member SERVER mapped OPTIONS (SET access_key_id 'x')})
{
	my ($state, $out, $err) = attempt($node, 'postgres', $sql, user => 'outsider');
	is($state, '42501', "an outsider may not: $sql") or diag $err;
}
is($node->safe_psql('postgres', 'SELECT count(umoptions) FROM pg_user_mappings', extra_params => [ '-U', 'outsider' ]), '1', 'of the mappings the outsider sees the own one');

# --- one backend, several users: keys at hand, plans and cursors of another
my $as_both = "SET ROLE member; PREPARE p AS SELECT count(*) FROM %1\$s; EXECUTE p; EXECUTE p;\nSET ROLE outsider; %2\$s";
is(by($super, sprintf $as_both, 'machine', 'EXECUTE p'), '42501 AKIAMACHINE', 'a plan of the member\'s reads for the outsider with the outsider\'s right');
is(by($super, sprintf $as_both, 'mapped', 'EXECUTE p'), 'fine AKIAMEMBER AKIAOUTSIDER', '... and the outsider\'s mapping');
is(by($super, sprintf $as_both, 'role', statement('role')), '42501 AKIAROLE', 'keys at hand are no keys for the outsider');
is(by($super, sprintf $as_both, 'machine', q{SELECT * FROM salesforce_fdw.whoami('machine')}), '42501 AKIAMACHINE', '... nor for whoami');

# --- the session's name at AWS
keys_log($keys);
by('outsider', 'SELECT n FROM view_member_role');
like(join("\n", keys_log($keys)), qr/RoleSessionName=pg-postgres-member$/, 'a role is assumed in the name of the user whose keys they are');

$node->stop;
done_testing();
