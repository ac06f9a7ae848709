# Claim: what another session alters counts for the next request, not for the
# next statement: a mapping or a server that is altered, or a mapping that is
# dropped, while a run, a scan or an upload goes on.  The change is made by a
# command at a fault point or before a request is passed on, so at no time but
# that one.
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
my $s3 = start_s3();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
my %known = map { ("AKIA$_" => { secret => "secretOf$_/0123456789" }) } qw(OLD NEW IMDS);
my $keys = start_keys(instance => { role => 'exports', keys => { id => 'AKIAIMDS', secret => $known{AKIAIMDS}{secret} } });
my $gate = start_gate($s3->{port}, keys => \%known, root => [ $aws_key, $aws_secret ]);

my $node = PostgreSQL::Test::Cluster->new('credentials_changes');
$node->init;
my $change = "$home/change";
$node->append_conf('postgresql.conf', <<"CONF");
fsync = off
session_preload_libraries = 'salesforce_fdw'
salesforce_fdw.fault_point = 'storage.promote before'
salesforce_fdw.fault_action = 'sh:sh $change'
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE w');
sub mapping { my ($id) = @_; return "access_key_id '$id', secret_access_key '$known{$id}{secret}'" }
make_world($node, 'w', $home, raw => 's3://raw/crm/', lake => 's3://lake/', catalog => "file://$home/catalog/",
	server_options => s3_options($gate) . ", credentials 'user_mapping', metadata_endpoint '$keys->{endpoint}'", mapping => mapping('AKIAOLD'));
$node->safe_psql('w', 'GRANT salesforce_fdw_read, salesforce_fdw_write TO etl');
open my $csv, '>', "$home/Account.csv" or die $!;
print $csv "Id,Name,CreatedDate\n", map { sprintf "%d,%s,\n", $_, 'x' x 100 } 1 .. 300_000;
close $csv;
s3($s3, 'put', 'raw', 'large/Account.csv', "$home/Account.csv");
$node->safe_psql('w', "CREATE SERVER large FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/large/', " . s3_options($gate) . ", credentials 'user_mapping', metadata_endpoint '$keys->{endpoint}');
	CREATE FOREIGN TABLE large (id text) SERVER large OPTIONS (path 'Account.csv', dialect 'csv'); GRANT SELECT ON large TO etl; GRANT USAGE ON FOREIGN SERVER large TO etl;
	CREATE USER MAPPING FOR etl SERVER large OPTIONS (access_key_id 'AKIAOLD', secret_access_key 'x')");
write_exports("$home/raw", 1);
s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", qw(Account.csv Opportunity.csv));

my @servers = qw(raw_exports lake large);
sub set_mappings { my ($id) = @_; return map { "ALTER USER MAPPING FOR etl SERVER $_ OPTIONS (SET access_key_id '$id', SET secret_access_key '$known{$id}{secret}')" } @servers }
my %altered = (
	'ALTER USER MAPPING' => [ join('; ', set_mappings('AKIANEW')), 'AKIANEW' ],
	'ALTER SERVER' => [ join('; ', map { "ALTER SERVER $_ OPTIONS (SET credentials 'imds')" } @servers), 'AKIAIMDS' ],
	'ALTER SERVER to what the user may not' => [ join('; ', 'REVOKE salesforce_fdw_server_credentials FROM etl', map { "ALTER SERVER $_ OPTIONS (SET credentials 'imds')" } @servers), '42501' ],
	'DROP USER MAPPING' => [ join('; ', map { "DROP USER MAPPING FOR etl SERVER $_" } @servers), '42704' ]);

my $log_from;

# Everything as it was; the change is ready to be made by another session.
sub prepare
{
	my ($sql) = @_;
	$node->safe_psql('w', join('; ', 'SET client_min_messages = warning; GRANT salesforce_fdw_server_credentials TO etl', (map { "ALTER SERVER $_ OPTIONS (SET credentials 'user_mapping')" } @servers),
		(map { "CREATE USER MAPPING IF NOT EXISTS FOR etl SERVER $_ OPTIONS (access_key_id 'x', secret_access_key 'x')" } @servers), set_mappings('AKIAOLD')));
	write_text($change, "test -e $change.made || psql -XAtq -v ON_ERROR_STOP=1 -d '" . $node->connstr('w') . qq{' -c "$sql" && touch $change.made\n});
	unlink "$change.made";
	$log_from = -s $node->logfile;
	set_rules($gate);
	gate_log($gate);
	return;
}

# Who has signed requests, in order, each once as long as it stays the same.
sub signers
{
	my @ids = map { (split / /)[0] } gate_log($gate);
	return join ' ', grep { defined } map { $_ == 0 || $ids[$_] ne $ids[ $_ - 1 ] ? $ids[$_] : undef } 0 .. $#ids;
}

# What it comes to: a success with the other keys, or an error of that SQLSTATE
# after which nothing more was signed.
sub is_heard
{
	my ($what, $by, $state, $err) = @_;
	ok(-e "$change.made", "$what: the change was made on the way");
	if ($by =~ /^AKIA/)
	{
		is($state, '', '... it comes to its end') or diag $err;
		is(signers(), "AKIAOLD $by", '... and every request after the change has the other keys');
	}
	else
	{
		is($state, $by, '... it ends with an error') or diag $err;
		is(signers(), 'AKIAOLD', '... and no request has other keys');
	}
	return;
}

my $upload = q{SELECT * FROM salesforce_fdw.copy_to('SELECT g, md5(g::text) FROM generate_series(1, 800000) g', 's3://lake/big.parquet', '{"compression": "none"}')};
for my $how (sort keys %altered)
{
	my ($sql, $by) = @{ $altered{$how} };

	# a run, at a point between two of its requests
	prepare($sql);
	my ($state, $out, $err) = call_run($node, 'w', force => 1);
	is_heard("$how in a run", $by, $state, $err);

	# a scan, before its first range; an upload, before its second part
	for my $work ([ 'a scan', 'SELECT count(*) FROM large', 'GET \S+versionId=', 1 ], [ 'an upload', $upload, 'partNumber=', 2 ])
	{
		my ($what, $query, $match, $nth) = @$work;
		prepare($sql);
		set_rules($gate, { match => $match, nth => $nth, do => 'run', command => "sh $change" });
		($state, $out, $err) = attempt($node, 'w', $query);
		is_heard("$how in $what", $by, $state, $err);
	}
	like(slurp_file($node->logfile, $log_from), qr{LOG:  could not abort the unfinished upload of "s3://lake/big\.parquet"}, '... and the log tells of the upload that nobody has keys for')
	  if $by !~ /^AKIA/;
}

$node->stop;
done_testing();
