# Claim: what S3 does not let a purge delete is found out before anything is
# published, as far as S3 tells (MFA delete, Object Lock, legal holds and
# retentions, a missing right to delete), and told as a WARNING and in the run's
# evidence; it leaves the run purge_pending for a reason of its own, which the
# ledger has version by version, and never holds back the next day.  Answers to a
# deletion that are not what they should be are judged by one listing.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Utils;
use PurgeTest;
use RunTest;
use Test::More;

start_worlds();

# What the run's evidence says was foreseen.
sub foreseen
{
	my ($like, $what) = @_;
	my $run = newest('run');
	like(value($node, $world, "SELECT salesforce_fdw.evidence('$run') -> 'purge' ->> 'foreseen'"), $like, $what);
	return;
}

# Whether a message came before the run was published.
sub is_before_publication
{
	my ($like) = @_;
	my ($before_that) = $err =~ /\A(.*?)WARNING:[^\n]* is published, and its purge is pending/s;
	like($before_that // '', $like, '... foretold in a warning');
	return;
}

# --- locks
begin('held', bucket => 'held');
aws('hold', 'held', 'held/Contact.csv', 'ON');
$before = versions();
call();
is_refused('a legal hold on one version', before => $before, gone => [ 'Account.csv', 'Opportunity.csv' ], outcome => 'purge_pending held',
	message => qr/1 raw version is left: it is under legal hold/);
is_before_publication(qr/WARNING: .*the bucket of server "raw_exports" has Object Lock.*WARNING: .*1 of 3 raw versions of server "raw_exports" cannot be purged: they are under legal hold.*Of "Contact\.csv"/s);
foreseen(qr/\["1 of 3 raw versions of server \\"raw_exports\\" cannot be purged: they are under legal hold"\]/, '... and in the evidence');
is(value($node, $world, "SELECT string_agg(key || ' ' || purge_outcome, ', ' ORDER BY key) FROM salesforce_fdw.run_inputs"),
	'Account.csv deleted, Contact.csv held, Opportunity.csv deleted', '... and in the ledger, version by version');
next_day(qr/^purge_pending$/);
for my $version (map { (split ' ')[1] } grep { /^Contact/ } split /\n/, versions())
{
	# The older version is the one that is held.
	aws('release', 'held', 'held/Contact.csv', $version);
}
call();
is(value($node, $world, "SELECT string_agg(state, ' ' ORDER BY number) FROM salesforce_fdw.runs"), 'closed closed', '... and purged once the hold is lifted') or diag $err;

begin('unread', bucket => 'held', purge => "'inputs'");
aws('hold', 'held', 'unread/Contact.csv', 'ON');
call();
is(newest('state'), 'closed', 'a hold on what is not to be purged does not matter') or diag $err;
unlike($err, qr/raw versions of server/, '... nor is it told');

for my $mode (qw(COMPLIANCE GOVERNANCE))
{
	begin(lc $mode, bucket => 'held');
	aws('retain', 'held', "$world/Contact.csv", $mode, 86400);
	aws('hold', 'held', "$world/Account.csv", 'ON') if $mode eq 'GOVERNANCE';
	my @gone = $mode eq 'GOVERNANCE' ? 'Opportunity.csv' : qw(Account.csv Opportunity.csv);
	$before = versions();
	call();
	is_refused("a version that is retained, $mode" . ($mode eq 'GOVERNANCE' ? ', and a hold on another' : ''), before => $before, gone => \@gone,
		outcome => $mode eq 'GOVERNANCE' ? 'purge_pending held' : 'purge_pending retained',
		message => $mode eq 'GOVERNANCE' ? qr/2 raw versions are left: it is under legal hold/ : qr/1 raw version is left: it is retained \($mode\) until 20\d\d-[-0-9T:.Z]+/);
	is_before_publication(qr/1 of 3 raw versions of server "raw_exports" cannot be purged: they are retained/);
	foreseen(qr/they are retained/, '... and in the evidence');
	like(details(), qr/Contact\.csv retained it is retained \($mode\)/, '... and in the ledger');
	next_day(qr/^purge_pending$/);
}

# As many versions as are looked at, and a few more.
begin('many', bucket => 'held', through => $faults);
aws('put', 'held', 'many/Contact.csv', "$home/day1/Contact.csv") for 1 .. 100;
set_rules($faults);
call();
is(newest('state'), 'closed', 'a bucket with Object Lock and 103 versions') or diag $err;
is(requests($faults, ' HEAD /held/many/'), 100, '... of which 100 are looked at');

# More of them than are looked at, all under a hold.
begin('allheld', bucket => 'held', through => $faults);
for my $number (1 .. 103)
{
	aws('put', 'held', "allheld/Contact$number.csv", "$home/day1/Contact.csv");
	aws('hold', 'held', "allheld/Contact$number.csv", 'ON');
}
call();
is(newest('state, reason'), 'purge_pending|held', '103 versions that are held are not said to be denied') or diag $err;
is(value($node, $world, "SELECT string_agg(o || ' ' || n, ', ' ORDER BY o) FROM (SELECT coalesce(purge_outcome, 'not tried'), count(*) FROM salesforce_fdw.run_inputs GROUP BY 1) t (o, n)"),
	'deleted 3, held 103', '... but held, all of them');

# A marker stays as long as what is under it does.  (versitygw's HEAD tells
# nothing of a hold on a version that is not the latest.)
begin('covered', bucket => 'held');
aws('hold', 'held', 'covered/Contact.csv', 'ON');
my ($under) = map { (split ' ')[1] } grep { /^Contact/ } split /\n/, versions();
aws('mark', 'held', 'covered/Contact.csv');
call();
like(newest('state, reason'), qr/^purge_pending\|(held|denied)$/, 'a held version under a delete marker') or diag $err;
is(scalar(() = versions() =~ /^Contact/mg), 2, '... is not uncovered');
aws('release', 'held', 'covered/Contact.csv', $under);
call();
is(newest('state'), 'closed', '... and both go when the hold is lifted') or diag $err;
is(versions(), '', '... and nothing is left');

begin('unasked', through => $faults);
set_rules($faults, { match => '\?object-lock', do => 'status', code => 403, body => '<Error><Code>AccessDenied</Code></Error>' });
call();
is(newest('state'), 'closed', 'where one may not ask for Object Lock, the run goes on') or diag $err;
like($err, qr/whether the bucket of server "raw_exports" has Object Lock is not known: the service answered with status 403, code "AccessDenied".*s3:GetBucketObjectLockConfiguration/s,
	'... and says that it is not known, why, and what to do');
put_export('day2');
set_rules($faults, { match => '\?object-lock', do => 'status', code => 404, body => '<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>' });
call();
unlike($err, qr/Object Lock/, '... but where there is none, nothing');

# --- rights
my ($key, $secret) = ('AKIASFDWREADER000001', 'readerSecret0123456789readerSecret012345');
add_s3_user($server, $key, $secret);
append_to_file("$home/policy", encode_json({ Version => '2012-10-17', Statement => [
	{ Effect => 'Allow', Principal => { AWS => [$key] }, Resource => 'arn:aws:s3:::rights',
		Action => [qw(s3:ListBucket s3:ListBucketVersions s3:GetBucketVersioning)] },
	{ Effect => 'Allow', Principal => { AWS => [$key] }, Resource => 'arn:aws:s3:::rights/*',
		Action => [qw(s3:GetObject s3:GetObjectVersion s3:DeleteObject)] } ] }));
aws('rule', 'rights', "$home/policy");
begin('rights', bucket => 'rights', through => $faults);
$node->safe_psql($world, "ALTER USER MAPPING FOR etl SERVER raw_exports OPTIONS (SET access_key_id '$key', SET secret_access_key '$secret')");
$before = versions();
call();
is_refused('s3:DeleteObjectVersion is missing', before => $before, outcome => 'purge_pending denied',
	message => qr/3 raw versions are left: the credentials may not delete it: the service answered "AccessDenied"/);
is_before_publication(qr/WARNING: .*the credentials of server "raw_exports" may not delete versions: the service answered "AccessDenied".*s3:DeleteObjectVersion/s);
foreseen(qr/may not delete versions/, '... and in the evidence');
is(requests($faults, ' DELETE /rights/rights/_salesforce_fdw_probe/[0-9a-f]{32}\?versionId=\w+ '), 1, '... found out with one request, for a key that nobody has');
is(requests($faults, ' GET /rights/\?\S*versions='), 2, '... and all that was denied is judged by one listing');
next_day(qr/^purge_pending$/);

begin('roleless');
$node->safe_psql($world, 'REVOKE salesforce_fdw_operator FROM etl; GRANT salesforce_fdw_read, salesforce_fdw_write TO etl');
$before = versions();
call();
is_refused('the caller may not delete', before => $before, outcome => 'purge_pending blocked', message => qr/permission denied to delete[^\n]*/);
is_before_publication(qr/WARNING: .*this role may not purge/);
next_day(qr/^purge_pending$/);
$node->safe_psql($world, 'GRANT salesforce_fdw_operator TO etl');

begin('device', through => $faults);
$before = versions();
my @mfa = ({ match => '\?versioning', do => 'status', code => 200,
	body => '<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>' });
set_rules($faults, @mfa);
call();
is_refused('MFA delete', before => $before, outcome => 'purge_pending mfa', message => qr/the bucket of server "raw_exports" has MFA delete, and deletes no version without a device's code/);
is_before_publication(qr/WARNING: .*has MFA delete/);
foreseen(qr/has MFA delete/, '... and in the evidence');
is(requests($faults, ' (DELETE|POST) /raw/\S*(versionId|delete)'), 0, '... and nothing is asked to be deleted');
next_day();

# --- what purges nothing asks nothing
begin('idle', through => $faults, purge => "'none'", confirm => 'NULL');
set_rules($faults);
call();
is(newest('state'), 'closed', 'a data set that purges nothing') or diag $err;
is(requests($faults, '\?(versioning|object-lock)| (DELETE|HEAD) /raw/'), 0, '... asks for none of it');

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

begin('elsewhere', through => $faults);
my ($lost) = map { (split ' ')[1] } grep { /^Contact/ } split /\n/, versions();
$before = versions();
set_rules($faults, { %$answered, body => '<DeleteResult>' . items('Error', '<Code>AccessDenied</Code>', qw(Account.csv Contact.csv Opportunity.csv)) . '</DeleteResult>' });
call_while('storage.delete after', tool('delete', 'raw', 'elsewhere/Contact.csv', $lost));
is_refused('denied, and deleted by somebody else meanwhile', before => $before, gone => ['Contact.csv'], outcome => 'purge_pending denied',
	message => qr/2 raw versions are left: the credentials may not delete it/);
is(value($node, $world, "SELECT string_agg(key || ' ' || purge_outcome || ' ' || (purge_proved IS NOT NULL), ', ' ORDER BY key) FROM salesforce_fdw.run_inputs"),
	'Account.csv denied false, Contact.csv gone true, Opportunity.csv denied false', '... which the one listing tells from what is there');
is(requests($faults, ' GET /raw/\?\S*versions='), 2, '... one before, one after');
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

end_worlds(11);
