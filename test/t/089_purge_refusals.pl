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
use PostgreSQL::Test::Utils;
use PurgeTest;
use RunTest;
use Test::More;

start_worlds();

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
# Another such pair, before it, is that of the claim.
my $trace = "$home/trace";
begin('traced', purge => "'none'");
attempt($node, $world, "LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_trace = '$trace'; SET ROLE etl; CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
my (undef, $point) = slurp_file($trace) =~ /(\d+) ledger\.commit after\n\d+ storage\.create/g or die 'no such fault point';
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
is_refused('an empty export', before => $before, outcome => 'refused quality', sqlstate => 'SF004', message => qr/the smallest number of rows allowed is 1/);
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

begin('bucketless', through => $faults);
$before = versions();
set_rules($faults, { match => '^GET /raw/bucketless/', do => 'status', code => 404, body => '<Error><Code>NoSuchBucket</Code></Error>' });
call();
is_refused('the bucket is gone when it is read', before => $before, outcome => 'refused error', sqlstate => '42704', message => qr/bucket "raw" does not exist/);
is(requests($faults, ' GET /raw/\?\S*versions='), 1, '... and not listed anew for it');
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

aws('make', 'stopped', 'Enabled');
begin('stopped', bucket => 'stopped');
$before = versions();
call_while('storage.promote before', tool('versioning', 'stopped', 'Suspended'));
is_refused('versioning is suspended between discovery and purge', before => $before, outcome => 'purge_pending unversioned',
	message => qr/versioning of the bucket of server "raw_exports" is suspended/);
aws('versioning', 'stopped', 'Enabled');
next_day();

end_worlds(20);
