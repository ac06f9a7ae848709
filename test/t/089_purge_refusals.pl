# Claim: nothing raw is deleted when it must not be.  Each situation below has a
# world of its own, with a bucket that keeps versions (but where that is what is
# wrong): what is left of raw is exactly what was there, but for versions that
# may go; the ledger has the outcome and its reason; the message is its own; and
# the next day is published, as soon as nothing but the purge stands in the way.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $server = start_s3();
my $faults = start_faults($server->{port});
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('purge_refusals');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;

# One process with AWS's client for all that is done to buckets from outside.
my ($to_aws, $from_aws) = ('', '');
my $aws = IPC::Run::start([ $ENV{SFDW_PYTHON}, '-c', <<'PYTHON', "$FindBin::RealBin/../servers", $server->{endpoint} ],
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
import s3tool

def versions(s3, bucket, prefix):
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Versions", []) + page.get("DeleteMarkers", []):
            print(item["Key"][len(prefix):], item["VersionId"])

s3 = s3tool.client(sys.argv[2])
for line in sys.stdin:
    name, *words = json.loads(line)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        {**s3tool.COMMANDS, "versions": versions, "remove": lambda s3, bucket, key: s3.delete_object(Bucket=bucket, Key=key)}[name](s3, *words)
    print(json.dumps(out.getvalue()), flush=True)
PYTHON
	'<', \$to_aws, '>', \$from_aws, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default * 10));

sub aws
{
	$to_aws .= encode_json([@_]) . "\n";
	$from_aws = '';
	$aws->pump until $from_aws =~ /\n/;
	chomp(my $text = JSON::PP->new->allow_nonref->decode($from_aws));
	return $text;
}

for my $day (1, 2)
{
	mkdir "$home/day$day";
	write_exports("$home/day$day", $day);
}
mkdir "$home/$_" for qw(few none email day3);
write_exports("$home/few",   1, rows => 2);
write_exports("$home/none",  1, rows => 0);
write_exports("$home/email", 1, email => 1);
aws('make', $_, 'Enabled') for qw(raw lake rights);
aws('make', 'plain');
aws('make', 'held', 'Locked');

# The world that is looked at: its name, which is its database's and its folder's,
# and its bucket.
my ($world, $bucket);
my ($state, $out, $err);

sub put_export
{
	my ($folder) = @_;
	aws('put-all', $bucket, "$world/", "$home/$folder", qw(Account.csv Opportunity.csv Contact.csv));
	return;
}

# Begin a world with day one's export.
sub begin
{
	my ($name, %with) = @_;
	my $through = delete $with{through} // $server;
	my $export = delete $with{export} // 'day1';
	$world = $name;
	$bucket = delete $with{bucket} // 'raw';
	set_rules($faults);
	$node->safe_psql('postgres', "CREATE DATABASE $world");
	mkdir "$home/catalog/$world";
	make_world($node, $world, $home,
		raw => "s3://$bucket/$world/", lake => "s3://lake/$world/", catalog => "file://$home/catalog/$world/",
		server_options => s3_options($through),
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://$bucket/$world/'", %with);
	put_export($export);
	return;
}

sub call { ($state, $out, $err) = call_run($node, $world); return }

# CALL run(), and do something from outside at a fault point, once.
sub call_while
{
	my ($point, $command) = @_;
	my $script = "$home/$world.sh";
	append_to_file($script, "[ -e '$home/$world.done' ] && exit 0\ntouch '$home/$world.done'\n"
		. "export SFDW_TEST_KEY='$aws_key' SFDW_TEST_SECRET='$aws_secret'\n$command\n");
	my $setting = $point =~ /^\d+$/ ? "fault_at = $point" : "fault_point = '$point'";
	($state, $out, $err) = attempt($node, $world,
		"LOAD 'salesforce_fdw'; SET salesforce_fdw.$setting; SET salesforce_fdw.fault_action = 'sh:sh $script';
		SET ROLE etl; CALL salesforce_fdw.run('sales');", user => $ENV{USER} // getpwuid($<));
	ok(-e "$home/$world.done", "$world: it happened");
	return;
}

# s3tool.py as a command of a shell.
sub tool { return join ' ', $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/s3tool.py", $server->{endpoint}, @_ }

sub versions { return aws('versions', $bucket, "$world/") }

sub newest
{
	my ($columns) = @_;
	return value($node, $world, "SELECT $columns FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1");
}

# The details of what was not deleted, as the ledger has them.
sub details
{
	return value($node, $world, "SELECT coalesce(string_agg(key || ' ' || purge_outcome || coalesce(' ' || purge_detail, ''), ', ' ORDER BY key), '')
		FROM salesforce_fdw.run_inputs WHERE purge_outcome IS NOT NULL");
}

my $number = 0;

# What must be true after a refusal: %is has before (the versions), gone (keys of
# which one version each may have gone), ours (what the run may have written among
# them), outcome (state and reason of the newest run), sqlstate, and message.
sub is_refused
{
	my ($situation, %is) = @_;
	my %may_go = map { $_ => 1 } @{ $is{gone} // [] };
	my $left = join "\n", grep { !$may_go{ (split ' ')[0] } } split /\n/, $is{before};
	my $outcome = newest("concat_ws(' ', state, reason)");
	my $ours = $is{ours} // qr/^\z/;
	my $expected = ref $is{outcome} ? $is{outcome} : qr/^\Q$is{outcome}\E$/;
	my $code = $is{sqlstate} // '';
	my $sqlstate = ref $code ? $code : qr/^\Q$code\E$/;

	is(join("\n", grep { !/$ours/ } split /\n/, versions()), $left, "$situation: " . (%may_go ? "all but @{ $is{gone} } is left" : 'nothing raw is deleted'));
	like($outcome, $expected, '... and the ledger has the outcome');
	like($state, $sqlstate, '... SQLSTATE') or diag $err;
	like($err, $is{message}, '... and a message of its own');
	like($err, qr/WARNING:.*: run .* of data set "sales" is published, and its purge is pending/, '... under a warning')
	  if $outcome =~ /^purge_pending/;
	my ($text) = $err =~ /($is{message})/ ? $1 : 'WRONG';
	$text =~ s/[0-9a-f-]{36}/…/g;
	$text =~ s/file:\S+\//file:…\//g;
	note(sprintf 'table: %d. %s: %s%s: %s', ++$number, $situation, $state eq '' ? '' : "$state ", $outcome || 'no run', $text =~ s/\s+/ /gr);
	return;
}

# The next day's export is published, whatever is left of the day before.
sub next_day
{
	my ($like) = @_;
	set_rules($faults);
	put_export('day2');
	call();
	is($state, '', '... the next day is not held back') or diag $err;
	is(published_rows($node, $world), expected_rows(2), '... and published');
	like(newest('state'), $like // qr/^closed$/, '... and purged as far as it may be') or diag $err;
	return;
}

sub alter
{
	my ($sql, %with) = @_;
	($state, $out, $err) = attempt($node, $world, "SELECT salesforce_fdw.alter_dataset('sales', $sql)", %with);
	return;
}

my $before;

# --- before anything is published
begin('staged');
$before = versions();
# A byte of the stored object changes, and its version stays the same.
call_while('storage.create after', "f=\$(find '$server->{folder}/data/lake/staged' -name '*.1.parquet') && printf X | dd of=\"\$f\" bs=1 seek=100 conv=notrunc 2>/dev/null");
is_refused('a staged object does not verify', before => $before, outcome => 'refused error', sqlstate => '22P04',
	message => qr/could not verify Parquet file "s3:\/\/lake\/staged\/sales\/_staging\/[^\n]*/);
is(aws('keys', 'lake') =~ /staged\/sales\/sales/, '', '... nothing was published');
next_day();

# The last commit before the file is written is that of its name: what happens
# there happens between two transactions.
my $trace = "$home/trace";
begin('traced', purge => "'none'");
attempt($node, $world, "LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_trace = '$trace'; SET ROLE etl; CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
my ($point) = slurp_file($trace) =~ /(\d+) ledger\.commit after\n\d+ storage\.create/ or die 'no such fault point';
begin('rows');
$before = versions();
call_while($point, "psql -qXc \"UPDATE crm.sales SET stage = 'other' WHERE ctid = '(0,1)'\" '" . $node->connstr($world) . "'");
is_refused("the target's rows are not those that were materialized", before => $before, outcome => 'refused conflict', sqlstate => 'SF005',
	message => qr/rows of table "crm\.sales" are no longer those that were materialized/);
next_day();

begin('shrink');
call();
is(newest('state'), 'closed', 'a first day is published and purged') or diag $err;
put_export('few');
$before = versions();
call();
is_refused('fewer rows than the limit allows', before => $before, outcome => 'refused quality', sqlstate => 'SF004',
	message => qr/the last run had 7 rows, and may shrink by 0\.5/);
next_day();

begin('rowless', export => 'none');
$before = versions();
call();
is_refused('an empty export', before => $before, outcome => 'refused quality', sqlstate => 'SF004', message => qr/at least 1 rows are needed/);
next_day();

begin('detected', export => 'email');
$before = versions();
call();
is_refused('personal data in the result', before => $before, outcome => 'refused detected', sqlstate => 'SF003', message => qr/"email" matched in column "stage"/);
unlike($err, qr/jane/, '... which does not say what was found');
next_day();

begin('missing');
aws('remove', 'raw', 'missing/Opportunity.csv');
$before = versions();
call();
is_refused('an input is missing', before => $before, outcome => '', sqlstate => '58P01', message => qr/object "\S+Opportunity\.csv" does not exist/);
next_day();

begin('plain', bucket => 'plain');
$before = versions();
call();
is_refused('a bucket without versions', before => $before, outcome => '', sqlstate => 'SF004',
	message => qr/the bucket of server "raw_exports" keeps no versions/);
is(aws('keys', 'lake') =~ /plain/, '', '... nothing was published');

aws('make', 'paused', 'Enabled');
begin('paused', bucket => 'paused');
aws('versioning', 'paused', 'Suspended');
$before = versions();
call();
is_refused('versioning is suspended', before => $before, outcome => '', sqlstate => 'SF004',
	message => qr/versioning of the bucket of server "raw_exports" is suspended/);
aws('versioning', 'paused', 'Enabled');
next_day();

begin('somebody');
$before = versions();
append_to_file("$home/theirs", 'theirs');
call_while('storage.promote before', tool('put', 'lake', 'somebody/sales/sales.parquet', "$home/theirs"));
is_refused('the published object changes between look and promotion', before => $before, outcome => 'refused conflict', sqlstate => 'SF005',
	message => qr/It was replaced between the look at it and the promotion/);
aws('get', 'lake', 'somebody/sales/sales.parquet', "$home/found");
is(slurp_file("$home/found"), 'theirs', '... what somebody wrote is still there');
aws('remove', 'lake', 'somebody/sales/sales.parquet');
next_day();

begin('altered');
$before = versions();
call_while($point, "psql -qXc \"SELECT salesforce_fdw.alter_dataset('sales', sorted_by => '{opportunityid}')\" '" . $node->connstr($world) . "'");
is_refused('the data set is altered while a run is open', before => $before, outcome => 'refused altered', sqlstate => '55000',
	message => qr/data set "sales" was altered while run "[^"]*" was open/);
next_day();

# --- published, and not registered
begin('unregistered');
$before = versions();
chmod 0500, "$home/catalog/$world";
call();
is_refused('published and not registered', before => $before, outcome => 'published', sqlstate => '42501', message => qr/could not create "file:\S+\/sales\.json": Permission denied/);
chmod 0700, "$home/catalog/$world";
next_day();

# --- what cannot be confirmed
begin('unconfirmed', purge => "'none'", confirm => 'NULL');
$before = versions();
alter("purge => 'location'");
my @first = ($state, $err);
call();
is($state, '', 'the run publishes');
($state, $err) = @first;
is_refused('a purge that nobody confirmed', before => $before, outcome => 'closed', sqlstate => '22023',
	message => qr/purging raw location "s3:\/\/raw\/unconfirmed\/" must be confirmed/);
alter("purge => 'location', confirm => 's3://raw/unconfirmed'");
is($state, '22023', '... nor by another text');
next_day();

begin('overlap', purge => "'none'", confirm => 'NULL');
$node->safe_psql($world, "ALTER SERVER lake OPTIONS (SET location 's3://raw/')");
$before = versions();
alter("purge => 'location', confirm => 's3://raw/overlap/'");
is_refused('the raw location lies in the destination', before => $before, outcome => '', sqlstate => '22023',
	message => qr/It overlaps with the destination/);
next_day();

begin('within_raw', purge => "'none'", confirm => 'NULL');
$node->safe_psql($world, "ALTER SERVER lake OPTIONS (SET location 's3://raw/within_raw/lake/')");
$before = versions();
alter("purge => 'location', confirm => 's3://raw/within_raw/'");
is_refused("the data set's folder lies in the raw location", before => $before, outcome => '', sqlstate => '22023',
	message => qr/folder "\S+" overlaps with raw location "\S+" of data set "sales"/);
next_day();

begin('root', purge => "'none'", confirm => 'NULL');
$node->safe_psql($world, "ALTER SERVER raw_exports OPTIONS (SET location 's3://raw/')");
$before = versions();
alter("purge => 'location', confirm => 's3://raw/'");
is_refused("a bucket's root", before => $before, outcome => '', sqlstate => '22023', message => qr/It is the root of a bucket/);
$node->safe_psql($world, "ALTER SERVER raw_exports OPTIONS (SET location 's3://raw/root/')");
next_day();

begin('pieces', purge => "'none'", confirm => 'NULL');
$node->safe_psql($world, "ALTER FOREIGN TABLE raw.account OPTIONS (ADD export 'incremental')");
$before = versions();
alter("purge => 'inputs', confirm => 's3://raw/pieces/'");
is_refused('incremental exports', before => $before, outcome => '', sqlstate => '22023',
	message => qr/Foreign table "account" reads incremental exports/);
next_day();

# --- confirmed, and no longer so: what was true when the purge was switched on
# is not true any more, because somebody altered a server or a table.
my $not_purged = qr/^(|refused \w+|purge_pending \w+)$/;
begin('moved_in');
aws('put-all', 'raw', 'moved_in/lake/other/', "$home/day1", 'Contact.csv');
$node->safe_psql($world, "ALTER SERVER lake OPTIONS (SET location 's3://raw/moved_in/lake/')");
$before = versions();
call();
is_refused('the destination was moved into the raw location', before => $before, ours => qr/^lake\/sales\//, outcome => $not_purged,
	sqlstate => qr/^(|22023)$/, message => qr/[^\n]*overlaps[^\n]*/);
$node->safe_psql($world, "ALTER SERVER lake OPTIONS (SET location 's3://lake/moved_in/')");

begin('turned', purge => "'inputs'");
$node->safe_psql($world, "ALTER FOREIGN TABLE raw.account OPTIONS (ADD export 'incremental')");
$before = versions();
call();
is_refused('a table was turned to incremental exports', before => $before, outcome => $not_purged,
	sqlstate => qr/^(|22023)$/, message => qr/[^\n]*incremental[^\n]*/);
$node->safe_psql($world, 'ALTER FOREIGN TABLE raw.account OPTIONS (DROP export)');
next_day();

# --- published, and not purged
begin('deferred', purge_after => "'1 hour'");
$before = versions();
call();
is_refused('its time has not come', before => $before, outcome => 'purge_pending deferred', message => qr/3 raw versions are to be deleted after/);
next_day(qr/^purge_pending$/);

begin('moved');
mkdir "$home/moved";
aws('put-all', 'raw', 'elsewhere/', "$home/day1", qw(Account.csv Opportunity.csv Contact.csv));
$node->safe_psql($world, "ALTER SERVER raw_exports OPTIONS (SET location 's3://raw/elsewhere/')");
$before = versions();
call();
is_refused('the location has changed since it was confirmed', before => $before, outcome => 'purge_pending unconfirmed',
	message => qr/the location of server "raw_exports" is not confirmed/);
is(scalar(split /\n/, aws('versions', 'raw', 'elsewhere/')), 3, '... nor anything of the new one');
$node->safe_psql($world, "ALTER SERVER raw_exports OPTIONS (SET location 's3://raw/moved/')");
next_day();

begin('changed');
$before = versions();
call_while('storage.promote before', "psql -qXc \"ALTER SERVER raw_exports OPTIONS (SET location 's3://raw/changed/below/')\" '" . $node->connstr($world) . "'");
is_refused('the location changes while the run is under way', before => $before, outcome => 'purge_pending unconfirmed',
	message => qr/the location of server "raw_exports" has changed/);
$node->safe_psql($world, "ALTER SERVER raw_exports OPTIONS (SET location 's3://raw/changed/')");
next_day();

begin('shared', purge => "'inputs'");
$node->safe_psql($world, <<'SQL');
SET ROLE etl;
SELECT salesforce_fdw.create_dataset('accounts', destination => 'lake', path => 'accounts/', target => 'crm.accounts',
	query => 'SELECT a.id, a.createddate FROM raw.account a');
SQL
$before = versions();
call();
is_refused('another data set has not published it yet', before => $before, gone => ['Opportunity.csv'], outcome => 'purge_pending kept',
	message => qr/data set "accounts" has not published it yet/);
next_day(qr/^purge_pending$/);

begin('roleless');
$node->safe_psql($world, 'REVOKE salesforce_fdw_operator FROM etl; GRANT salesforce_fdw_read, salesforce_fdw_write TO etl');
$before = versions();
call();
is_refused('the caller may not delete', before => $before, outcome => 'purge_pending blocked', message => qr/permission denied to delete[^\n]*/);
next_day(qr/^purge_pending$/);
$node->safe_psql($world, 'GRANT salesforce_fdw_operator TO etl');

aws('make', 'stopped', 'Enabled');
begin('stopped', bucket => 'stopped');
$before = versions();
call_while('storage.promote before', tool('versioning', 'stopped', 'Suspended'));
is_refused('versioning is suspended between discovery and purge', before => $before, outcome => 'purge_pending unversioned',
	message => qr/versioning of the bucket of server "raw_exports" is suspended/);
aws('versioning', 'stopped', 'Enabled');
next_day();

begin('held', bucket => 'held');
aws('hold', 'held', 'held/Contact.csv', 'ON');
$before = versions();
call();
is_refused('a legal hold on one version', before => $before, gone => [ 'Account.csv', 'Opportunity.csv' ], outcome => 'purge_pending blocked',
	message => qr/1 raw version is left: the service answered "AccessDenied"/);
like($err, qr/WARNING: .*has Object Lock/, '... of which it was warned');
next_day(qr/^purge_pending|closed$/);
aws('hold', 'held', 'held/Contact.csv', 'OFF');

my ($key, $secret) = ('AKIASFDWREADER000001', 'readerSecret0123456789readerSecret012345');
add_s3_user($server, $key, $secret);
append_to_file("$home/policy", encode_json({ Version => '2012-10-17', Statement => [
	{ Effect => 'Allow', Principal => { AWS => [$key] }, Resource => 'arn:aws:s3:::rights',
		Action => [qw(s3:ListBucket s3:ListBucketVersions s3:GetBucketVersioning)] },
	{ Effect => 'Allow', Principal => { AWS => [$key] }, Resource => 'arn:aws:s3:::rights/*',
		Action => [qw(s3:GetObject s3:GetObjectVersion s3:DeleteObject)] } ] }));
aws('rule', 'rights', "$home/policy");
begin('rights', bucket => 'rights');
$node->safe_psql($world, "ALTER USER MAPPING FOR etl SERVER raw_exports OPTIONS (SET access_key_id '$key', SET secret_access_key '$secret')");
$before = versions();
call();
is_refused('s3:DeleteObjectVersion is missing', before => $before, outcome => 'purge_pending blocked',
	message => qr/3 raw versions are left: [^\n]*AccessDenied[^\n]*|could not complete DeleteObjects[^\n]*/);
next_day(qr/^purge_pending$/);

# --- answers to the deletion that are not what they should be
my $delete = '^POST /raw/?\?delete';
sub items
{
	my ($element, $more, @keys) = @_;
	my %id = map { split ' ' } split /\n/, versions();
	return join '', map { "<$element><Key>$world/$_</Key><VersionId>$id{$_}</VersionId>$more</$element>" } @keys;
}
my $answered = { do => 'status', code => 200, match => $delete };

begin('one', through => $faults);
$before = versions();
set_rules($faults, { %$answered, body => '<DeleteResult>' . items('Error', '<Code>InternalError</Code>', 'Contact.csv') . '</DeleteResult>',
	times => 1, nth => 1 });
# What the answer omits was not deleted either, by this server.
call();
is_refused('an error for one key', before => $before, outcome => 'purge_pending blocked', message => qr/3 raw versions are left: [^\n]*/);
like(details(), qr/Contact\.csv failed the service answered "InternalError"/, '... which the ledger has for that key');
next_day();

begin('omitted', through => $faults);
$before = versions();
set_rules($faults, { %$answered, body => '<DeleteResult>' . items('Deleted', '', 'Contact.csv', 'Account.csv') . '</DeleteResult>' });
call();
is(details(), join(', ', map { "$_.csv failed still there when listed again" } qw(Account Contact Opportunity)), 'what an answer says or omits is judged by the listing');
is_refused('an answer that omits a key, and lies of the others', before => $before, outcome => 'purge_pending blocked',
	message => qr/3 raw versions are left: still there when listed again/);
next_day();

begin('within', through => $faults);
$before = versions();
set_rules($faults, { match => $delete, do => 'error200', code => 'InternalError' });
call();
is_refused('an error within 200', before => $before, outcome => 'purge_pending blocked', message => qr/could not complete DeleteObjects of "s3:\/\/raw\/"/);
next_day();

begin('unlisted', through => $faults);
$before = versions();
# The listing that would prove is refused: the first one is the discovery's.
set_rules($faults, { match => 'GET /raw/?\?\S*versions', nth => 2, times => 1000, do => 'status', code => 403, body => '<Error><Code>AccessDenied</Code></Error>' });
call();
like(newest("concat_ws(' ', state, reason)"), qr/^purge_pending blocked$/, 'a purge that no listing proves is not closed') or diag $err;
like($err, qr/could not complete ListObjectVersions of "s3:\/\/raw\/"/, '... by its reason');
note(sprintf 'table: %d. %s: %s: %s', ++$number, 'no listing to prove it', 'purge_pending blocked', $err =~ /(could not complete List[^\n]*)/);
next_day();

cmp_ok($number, '>=', 12, "$number situations");
$aws->kill_kill;
$node->stop;
done_testing();
