# Claim: over one raw location, a version is purged once every data set that
# reads its object has published it or a newer one, in whatever way it reads it:
# through views, partitioned parents, other schemas, servers and locations, and
# when its view is gone; never before, and never waiting for one that is dropped.
# On folders, and on a bucket with versions, where one data set is refused for
# days.  What no data set reads is counted, and told where it stays.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('several_datasets');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my ($home, $world) = ('', '');
my ($state, $out, $err);

# A world with day one's exports, in which "sales" purges its inputs.
sub begin
{
	my ($name, %with) = @_;
	($home, $world) = (new_home(), $name);
	$node->safe_psql('postgres', "CREATE DATABASE $world");
	make_world($node, $world, $home, purge => "'inputs'", confirm => "'file://$home/raw/'", %with);
	write_exports("$home/raw", 1);
	return;
}

sub as_etl
{
	my ($sql) = @_;
	$node->safe_psql($world, "SET ROLE etl; $sql");
	return;
}

# Another data set, "accounts", by that query.
sub add_accounts
{
	my ($query, $more) = @_;
	as_etl("SELECT salesforce_fdw.create_dataset('accounts', destination => 'lake', path => 'accounts/',
		target => 'crm.accounts', query => \$\$$query\$\$" . ($more // '') . ')');
	return;
}

sub call
{
	my ($name) = @_;
	($state, $out, $err) = attempt($node, $world, "CALL salesforce_fdw.run('$name')");
	return;
}
sub raw { return join ' ', files_below("$home/raw") }
sub status
{
	my ($name) = @_;
	return value($node, $world, "SELECT concat_ws(' ', state, reason) FROM salesforce_fdw.runs WHERE dataset = '$name' ORDER BY number DESC LIMIT 1");
}
sub plan_for
{
	my ($key) = @_;
	return value($node, $world, "SELECT verdict || ': ' || reason FROM salesforce_fdw.purge_plan('sales') WHERE key = '$key'");
}

# --- in whatever way the other one reads the file
my %ways = (
	directly => sub { add_accounts('SELECT a.id, a.createddate FROM raw.account a') },
	'a CTE' => sub { add_accounts('WITH x AS (SELECT id, createddate FROM raw.account) SELECT x.id, x.createddate FROM x') },
	'a view' => sub {
		as_etl('CREATE VIEW crm.v AS SELECT id, createddate FROM raw.account');
		add_accounts('SELECT v.id, v.createddate FROM crm.v');
	},
	'a view on a view' => sub {
		as_etl('CREATE VIEW crm.v AS SELECT id, createddate FROM raw.account; CREATE VIEW crm.w AS SELECT id, createddate FROM crm.v');
		add_accounts('SELECT w.id, w.createddate FROM crm.w');
	},
	'a partitioned table' => sub {
		as_etl("CREATE TABLE raw.parts (id text, createddate timestamp) PARTITION BY LIST (id);
			CREATE FOREIGN TABLE raw.part PARTITION OF raw.parts DEFAULT SERVER raw_exports OPTIONS (object 'Account', dialect 'cds')");
		add_accounts('SELECT p.id, p.createddate FROM raw.parts p');
	},
	'a parent among foreign tables' => sub {
		as_etl("CREATE FOREIGN TABLE raw.more () INHERITS (raw.account) SERVER raw_exports OPTIONS (object 'Account', dialect 'cds')");
		as_etl("CREATE FOREIGN TABLE raw.contact (id text OPTIONS (class 'id'), createddate timestamp OPTIONS (class 'system'))
			SERVER raw_exports OPTIONS (path 'None.csv', dialect 'cds')");
		as_etl("ALTER FOREIGN TABLE raw.more NO INHERIT raw.account; ALTER FOREIGN TABLE raw.more DROP COLUMN name;
			ALTER FOREIGN TABLE raw.more INHERIT raw.contact");
		write_text("$home/raw/None.csv", "Id,CreatedDate\r\n");
		add_accounts('SELECT c.id, c.createddate FROM raw.contact c');
	},
	'another schema and server' => sub {
		other_server("file://$home/raw/", 'Account.csv');
		add_accounts('SELECT a.id, a.createddate FROM other.account a');
	},
	'a server above it' => sub {
		other_server("file://$home/", 'raw/Account.csv');
		add_accounts('SELECT a.id, a.createddate FROM other.account a');
	},
	'a link to the folder' => sub {
		symlink "$home/raw", "$home/link" or die $!;
		other_server("file://$home/link/", 'Account.csv');
		add_accounts('SELECT a.id, a.createddate FROM other.account a');
	});

# Another schema, with a table over another server.
sub other_server
{
	my ($location, $path) = @_;
	$node->safe_psql($world, "CREATE SCHEMA other AUTHORIZATION etl;
		CREATE SERVER other_exports FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location '$location');
		GRANT USAGE ON FOREIGN SERVER other_exports TO etl");
	as_etl("CREATE FOREIGN TABLE other.account (id text, createddate timestamp) SERVER other_exports OPTIONS (path '$path', dialect 'cds')");
	return;
}

my $number = 0;
for my $way (sort keys %ways)
{
	begin('way_' . ++$number);
	if ($way eq 'a server above it')    # whose folder has no destination in it
	{
		my $lake = new_home();
		$node->safe_psql($world, "ALTER SERVER lake OPTIONS (SET location 'file://$lake/lake/', SET catalog 'file://$lake/catalog/')");
	}
	$ways{$way}->();
	is(plan_for('Account.csv'), 'keep: data set "accounts" has not published it yet', "read through $way: the plan keeps the file");
	call('sales');
	is($state, '', '... the run ends') or diag $err;
	like($err, qr/1 raw version is left: data set "accounts" has not published it yet/, '... and says for whom');
	like(raw(), qr/^Account\.csv /, '... it is there');
	is(status('sales'), 'purge_pending kept', '... and the purge pending');
	call('accounts');
	is($state, '', '... the other one publishes') or diag $err;
	call('sales');
	is(status('sales'), 'closed', '... then the purge goes on') or diag $err;
	unlike(raw(), qr/Account\.csv/, '... and it is gone');
}

# --- one that never ran and is dropped
begin('dropped');
$ways{directly}->();
call('sales');
is(status('sales'), 'purge_pending kept', 'kept for a data set that never runs');
as_etl("SELECT salesforce_fdw.drop_dataset('accounts')");
call('sales');
is(status('sales'), 'closed', '... until that is dropped');
is(raw(), 'Contact.csv', '... and then it is gone');

# --- one whose view is gone: what it reads is what it read, or not known
begin('lost');
$ways{directly}->();
as_etl('DROP VIEW crm.accounts_definition');
is(plan_for('Opportunity.csv'), 'keep: what data set "accounts" reads is not known: its view is gone', 'the view of one that never ran is gone: it may read anything');
call('sales');
is(raw(), 'Account.csv Contact.csv Opportunity.csv', '... and everything is kept');
like($err, qr/2 raw versions are left: what data set "accounts" reads is not known/, '... which is said');
is(status('sales'), 'purge_pending kept', '... and the purge pending');
as_etl("SELECT salesforce_fdw.alter_dataset('accounts', query => 'SELECT a.id, a.createddate FROM raw.account a')");
call('sales');
is(raw(), 'Account.csv Contact.csv', '... until it has one again');
call('accounts');
call('sales');
is(raw(), 'Contact.csv', '... and has published');

begin('lost_later');
$ways{directly}->();
call('accounts');
as_etl('DROP VIEW crm.accounts_definition');
call('sales');
is(raw(), 'Contact.csv', 'the view of one that has published is gone: it read one file, and has published it');
write_exports("$home/raw", 2);
call('sales');
is(raw(), 'Account.csv Contact.csv', '... of which the next version is kept for it');
is(plan_for('Account.csv'), 'keep: data set "accounts" has not published it yet', '... as the plan says');

# --- what was taken back is not published
begin('retracted');
$ways{directly}->();
call('accounts');
as_etl("SELECT salesforce_fdw.retract('accounts', (SELECT array_agg(run) FROM salesforce_fdw.runs WHERE dataset = 'accounts'), 'a test')");
call('sales');
is(raw(), 'Account.csv Contact.csv', 'a version whose run was retracted is kept');
attempt($node, $world, "CALL salesforce_fdw.run('accounts', force => true)");
call('sales');
is(raw(), 'Contact.csv', '... until it is published again');

# --- each one's delay counts
begin('delayed');
add_accounts('SELECT a.id, a.createddate FROM raw.account a', ", purge => 'inputs', purge_after => '1 hour', confirm => 'file://$home/raw/'");
call('accounts');
is(status('accounts'), 'purge_pending deferred', 'one that defers its purge');
call('sales');
like($err, qr/1 raw version is left: data set "accounts" keeps it until \d{4}-/, '... keeps the file from that of another');
is(raw(), 'Account.csv Contact.csv', '... but no other');
as_etl("SELECT salesforce_fdw.alter_dataset('accounts', purge_after => '0')");
call('sales');
is(raw(), 'Contact.csv', '... and lets it go with its delay');
call('accounts');
is(status('accounts'), 'closed', '... which it notices');

# --- both purge: whoever comes last deletes
begin('two_purge');
add_accounts('SELECT a.id, a.createddate FROM raw.account a', ", purge => 'location', confirm => 'file://$home/raw/'");
call('accounts');
is(status('accounts'), 'purge_pending kept', 'two that purge: the first waits for the second');
is(raw(), 'Account.csv Opportunity.csv', '... and has deleted what nobody reads');
is(value($node, $world, "SELECT string_agg(DISTINCT purge_detail, ',') FROM salesforce_fdw.run_inputs WHERE purge_outcome = 'kept'"),
	'data set "sales" has not published it yet', '... with the reason for each');
call('sales');
is(status('sales'), 'closed', '... which deletes what is left');
is(raw(), '', '... all of it');
call('accounts');
is(status('accounts'), 'closed', '... and the first one ends');

# --- incremental exports: whoever reads them, nobody purges them
begin('pieces');
as_etl("CREATE FOREIGN TABLE raw.contact (id text) SERVER raw_exports OPTIONS (object 'Contact', dialect 'cds', export 'incremental')");
($state, $out, $err) = attempt($node, $world, "SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 'file://$home/raw/')");
is($state, '22023', 'a location with incremental exports is not purged');
like($err, qr/Foreign table "contact" reads incremental exports/, '... though the data set does not read them');
call('sales');
is(raw(), 'Contact.csv', '... its inputs are');
as_etl("CREATE FOREIGN TABLE raw.pieces (id text) SERVER raw_exports OPTIONS (object 'Account', dialect 'cds', export 'incremental')");
write_exports("$home/raw", 2);
call('sales');
like($err, qr/cannot be purged: foreign table "pieces" reads incremental exports/, 'an input that another table reads as incremental is not');
is(raw(), 'Account.csv Contact.csv Opportunity.csv', '... and nothing is deleted');

# --- what nobody reads
sub unread
{
	return value($node, $world, "SELECT concat_ws(' ', (SELECT unread_objects FROM salesforce_fdw.runs WHERE dataset = 'sales' ORDER BY number DESC LIMIT 1),
		(SELECT salesforce_fdw.evidence(run) -> 'purge' ->> 'unread_objects' FROM salesforce_fdw.runs WHERE dataset = 'sales' ORDER BY number DESC LIMIT 1),
		(SELECT value FROM salesforce_fdw.metrics() WHERE metric = 'salesforce_fdw_unread_raw_objects' AND labels ->> 'dataset' = 'sales'),
		(SELECT status FROM salesforce_fdw.check_runs() WHERE check_name = 'unread' AND dataset = 'sales'),
		(SELECT count(*) FROM salesforce_fdw.run_events WHERE event = 'unread'))");
}
my $counted = "SELECT verdict || ' ' || item FROM salesforce_fdw.dry_run('sales') WHERE section = 'unread'";
begin('unread');
write_text("$home/raw/Case.csv", "Id\r\n");
is(value($node, $world, $counted), 'warn 2 raw objects', 'what no data set reads: a dry run counts it');
call('sales');
like($err, qr/WARNING:  01000: 2 raw objects are read by no data set and stay\nDETAIL:  The first is "file:\S+\/Case\.csv"\.  Data set "sales" purges its inputs alone\./, '... a run warns of it');
is(unread(), '2 2 2 warning 1', '... and it is noted, in evidence, for monitoring, as an event');
as_etl("CREATE FOREIGN TABLE raw.contact (id text) SERVER raw_exports OPTIONS (object 'Contact', dialect 'cds')");
add_accounts('SELECT c.id FROM raw.contact c');
write_exports("$home/raw", 2);
call('sales');
is(unread(), '1 1 1 warning 2', '... but for what another data set reads');
as_etl("SELECT salesforce_fdw.alter_dataset('accounts', purge => 'location', confirm => 'file://$home/raw/')");
write_exports("$home/raw", 3);
call('sales');
is(unread(), '1 1 1 warning 2', 'where another one purges it, a run does not warn');
unlike($err, qr/read by no data set/, '... of it');
as_etl("SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 'file://$home/raw/')");
write_exports("$home/raw", 4);
write_text("$home/raw/Case.csv", "Id,Name\r\n");
is(value($node, $world, $counted), 'count 1 raw object', 'nor when it is purged with the others');
call('sales');
is(unread(), '1 1 1 ok 2', '... and it is counted all the same');
is(raw(), 'Contact.csv', '... and gone');

# --- on a bucket, through two servers of which one is above the other, and one
# data set that is refused for days
my $s3 = start_s3();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
sub put_day
{
	my ($day) = @_;
	write_exports("$home/raw", $day);
	s3($s3, 'put-all', 'raw', 'bes/crm/', "$home/raw", qw(Account.csv Opportunity.csv Contact.csv));
	return;
}

# How many versions of each file there are.
sub versions
{
	my %count;
	$count{ (split /\|/)[0] =~ s/^bes\/crm\/|\.csv$//gr }++ for split /\n/, s3($s3, 'list', 'raw', 'bes/');
	return join ' ', map { "$_:$count{$_}" } sort keys %count;
}
my $keys = "access_key_id '$aws_key', secret_access_key '$aws_secret'";
begin('bucket', raw => 's3://raw/bes/crm/', lake => 's3://lake/', server_options => s3_options($s3),
	mapping => $keys, confirm => "'s3://raw/bes/crm/'");
$node->safe_psql($world, "CREATE SCHEMA other AUTHORIZATION etl;
	CREATE SERVER wide FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/bes/', " . s3_options($s3) . ");
	GRANT USAGE ON FOREIGN SERVER wide TO etl; CREATE USER MAPPING FOR etl SERVER wide OPTIONS ($keys)");
as_etl("CREATE FOREIGN TABLE other.account (id text, createddate timestamp) SERVER wide OPTIONS (path 'crm/Account.csv', dialect 'cds')");
add_accounts('SELECT a.id, a.createddate FROM other.account a', ", gates => '{\"min_rows\": 1000}', purge => 'location', confirm => 's3://raw/bes/'");
for my $day (1 .. 3)
{
	put_day($day);
	call('sales');
	is($state, '', "day $day in a bucket: the first data set publishes") or diag $err;
	is(status('sales'), 'purge_pending kept', '... and keeps what the second needs');
	is(published_rows($node, $world), expected_rows($day), '... but is not held back');
	is(versions(), "Account:$day Contact:$day", '... every version of it, and nothing else of its own');
	call('accounts');
	is($state, 'SF004', '... the second is refused');
	is(versions(), "Account:$day Contact:$day", '... and deletes nothing');
}
is(value($node, $world, "SET ROLE etl; SELECT string_agg(verdict || ' ' || n, ', ' ORDER BY verdict) FROM (SELECT verdict, count(*) AS n
		FROM salesforce_fdw.purge_plan('sales') WHERE key = 'Account.csv' GROUP BY verdict) p"), 'keep 3', 'the plan keeps each');
as_etl("SELECT salesforce_fdw.alter_dataset('accounts', gates => '{}')");
call('accounts');
is($state, '', 'once the second is mended') or diag $err;
is(status('accounts'), 'closed', '... it publishes the newest and closes');
is(versions(), '', '... and every version is gone, also of what nobody reads');
call('sales');
is(value($node, $world, "SELECT string_agg(DISTINCT state, ',') FROM salesforce_fdw.runs WHERE dataset = 'sales'"), 'closed', '... and so are the runs of the first');
is(value($node, $world, "SELECT count(*) FROM salesforce_fdw.run_inputs WHERE dataset = 'sales' AND key <> 'Contact.csv' AND purge_proved IS NULL"),
	0, '... with proof for each version');

# What the second has read is not yet what the first reads next.
put_day(4);
call('accounts');
is(versions(), 'Account:1 Opportunity:1', 'a version that the second has published waits for the first');
s3($s3, 'put', 'raw', 'bes/crm/Account.csv', "$home/raw/Account.csv");
call('sales');
is(versions(), 'Account:1', '... the first publishes a newer one: what both have published is gone');
call('accounts');
is(versions(), '', '... and that one with the second');

# --- gates on buckets and over several data sets
put_day(5);
sleep 3;
s3($s3, 'put', 'raw', 'bes/crm/Opportunity.csv', "$home/raw/Opportunity.csv");
as_etl("SELECT salesforce_fdw.alter_dataset('sales', gates => '{\"max_input_spread\": \"1 second\"}')");
call('sales');
is($state, 'SF004', 'inputs of two exports in a bucket are refused');
like($err, qr/gate "max_input_spread".*Account is older than Opportunity/s, '... by the name of the gate');
call('accounts');
is($state, '', '... while a data set with one of them publishes it') or diag $err;
is(status('accounts'), 'purge_pending kept', '... and keeps it for the first');
like(versions(), qr/Account:1 .*Opportunity:2/, '... with all versions');
put_day(6);
as_etl("SELECT salesforce_fdw.alter_dataset('sales', gates => '{\"max_input_spread\": \"1 hour\", \"max_input_age\": {\"limit\": \"1 second\", \"action\": \"refuse\"}}')");
sleep 2;
call('sales');
is($state, 'SF004', 'an old export in a bucket is refused');
like($err, qr/gate "max_input_age"/, '... by the name of the gate');
as_etl("SELECT salesforce_fdw.alter_dataset('sales', gates => '{}')");
call($_) for qw(sales accounts sales);
is(published_rows($node, $world), expected_rows(6), 'the next good one is published');
is(versions(), '', '... and all is gone');
write_exports("$home/raw", 7, rows => 3);
s3($s3, 'put-all', 'raw', 'bes/crm/', "$home/raw", qw(Account.csv Opportunity.csv));
call($_) for qw(sales accounts);
is($state, 'SF004', 'an export that shrank is refused by one');
is(status('sales'), 'refused quality', '... and by the other');
is(versions(), 'Account:1 Opportunity:1', '... and nothing of it is deleted');

$node->stop;
done_testing();
