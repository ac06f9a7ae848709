# What the tests of refused purges share: a world for each situation, with a
# bucket that keeps versions, an S3 server that can be told to fail before it, and
# the check that nothing raw was deleted but what may be, under a message and an
# outcome of its own.
package PurgeTest;
use strict;
use warnings FATAL => 'all';
use AwsTest;
use Exporter 'import';
use FindBin;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

our @EXPORT = qw($server $faults $home $node $world $bucket $state $out $err $before $number
  aws put_export begin call call_while tool versions newest details is_refused next_day alter start_worlds end_worlds);

our ($server, $faults, $home, $node);

# One process with AWS's client for all that is done to buckets from outside.
my ($aws, $to_aws, $from_aws) = (undef, '', '');
my $client = <<'PYTHON';
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

# Start the servers, and make the exports and the buckets.
sub start_worlds
{
	$server = start_s3();
	$faults = start_faults($server->{port});
	$home = new_home();
	$node = PostgreSQL::Test::Cluster->new($FindBin::Script =~ s/^\d+_|\.pl$//gr);
	$node->init;
	$node->append_conf('postgresql.conf', 'fsync = off');
	$node->start;
	$aws = IPC::Run::start([ $ENV{SFDW_PYTHON}, '-c', $client, "$FindBin::RealBin/../servers", $server->{endpoint} ],
		'<', \$to_aws, '>', \$from_aws, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default * 10));
	mkdir "$home/$_" for qw(day1 day2 day3 few none email);
	write_exports("$home/day$_", $_) for 1, 2;
	write_exports("$home/few",   1, rows => 2);
	write_exports("$home/none",  1, rows => 0);
	write_exports("$home/email", 1, email => 1);
	aws('make', $_, 'Enabled') for qw(raw lake rights);
	aws('make', 'plain');
	aws('make', 'held', 'Locked');
	return;
}

sub aws
{
	$to_aws .= encode_json([@_]) . "\n";
	$from_aws = '';
	$aws->pump until $from_aws =~ /\n/;
	chomp(my $text = JSON::PP->new->allow_nonref->decode($from_aws));
	return $text;
}

# The world that is looked at: its name, which is its database's and its folder's,
# and its bucket.
our ($world, $bucket, $before);
our ($state, $out, $err);

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
	# A place is claimed before: the points that are meant are those of the file.
	append_to_file($script, "[ -e '$home/$world.done' ] && exit 0\n[ -e '$server->{folder}/data/lake/$world/sales/_owner.json' ] || exit 0\ntouch '$home/$world.done'\n"
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

our $number = 0;

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

# The end of a test, with so many situations at least.
sub end_worlds
{
	my ($least) = @_;
	cmp_ok($number, '>=', $least, "$number situations");
	$aws->kill_kill;
	$node->stop;
	done_testing();
	return;
}

1;
