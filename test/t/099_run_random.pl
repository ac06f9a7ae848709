# Claim: whatever happens at whatever moment to two data sets over the same raw
# objects, the CALLs of the days after publish the newest export of both, purge
# what both have published, and leave nothing open or staged; and at no moment is
# an export purged that one of them has not published.  Random schedules on
# folders and on a bucket, in both publish modes: a backend killed, cancelled,
# terminated or failing at a fault point, exports replaced there, the other data
# set run there (and killed in turn), exports that are refused.  Those of
# run_model.py, on the real thing.
#
# SFDW_SEED=N repeats what was done with that seed; SFDW_ALL=1 does 500.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $seed = $ENV{SFDW_SEED} // int(rand(2**31));
my $injections = $ENV{SFDW_INJECTIONS} // ($ENV{SFDW_ALL} ? 500 : 25);
my $random = $seed;
note("figure: seed $seed, $injections injections");

my $node = PostgreSQL::Test::Cluster->new('run_random');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nfsync = off\nlog_min_messages = log");
$node->start;
my $superuser = $ENV{USER} // getpwuid($<);
my $s3 = start_s3();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);

# A number below that, of a sequence of our own: the tests' framework draws, too.
sub any_of
{
	my ($count) = @_;
	$random = ($random * 1103515245 + 12345) % 2**31;
	return int($random / 2**31 * $count);
}
sub chance { my ($percent) = @_; return any_of(100) < $percent }

# Worlds go on from day to day: {name, mode, home, is_s3, day, points}.
my @worlds = map { new_world(@$_) } ([ 'folder', 'inplace' ], [ 'folders', 'versioned' ], [ 'bucket', 'inplace' ], [ 'buckets', 'versioned' ]);
my $world;

sub new_world
{
	my ($name, $mode) = @_;
	my $home = new_home();
	my $is_s3 = $name =~ /bucket/;
	my $raw = $is_s3 ? "s3://raw/$name/" : "file://$home/raw/";
	my %with = !$is_s3 ? () : (lake => "s3://lake/$name/", server_options => s3_options($s3),
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	make_world($node, $name, $home, raw => $raw, publish => "'$mode'", keep_runs => 1, purge => "'inputs'", confirm => "'$raw'",
		gates => q('{"max_shrink": 1}'), %with);
	$node->safe_psql($name, "SET ROLE etl; CREATE VIEW crm.all_accounts AS SELECT id, createddate FROM raw.account;
		SELECT salesforce_fdw.create_dataset('accounts', destination => 'lake', path => 'accounts/', target => 'crm.accounts',
			query => 'SELECT a.id, a.createddate FROM crm.all_accounts a', publish => '$mode', keep_runs => 1, purge => 'inputs', confirm => '$raw')");
	return { name => $name, mode => $mode, home => $home, is_s3 => $is_s3, day => 0, points => {} };
}

# Day's exports in a folder of their own: the accounts were created, and the
# opportunities are at a stage, that says the day.
sub prepare_day
{
	my ($day, %with) = @_;
	my $folder = "$world->{home}/day$day";
	mkdir $folder;
	write_exports($folder, $day, no_contact => 1, %with);
	my $created = date_of($day);
	my $text = slurp_file("$folder/Account.csv");
	$text =~ s/2024-01-\d\dT/${created}T/g;
	write_text("$folder/Account.csv", $text);
	return $folder;
}
sub date_of { my ($day) = @_; return sprintf '%04d-%02d-%02d', 2000 + int($day / 300), 1 + int($day % 300 / 25), 1 + $day % 25 }

# The shell's words that put files of a folder where exports land.
sub put_command
{
	my ($folder, @files) = @_;
	return join '; ', map { "cp $folder/$_ $world->{home}/raw/.$_ && mv $world->{home}/raw/.$_ $world->{home}/raw/$_" } @files
	  if !$world->{is_s3};
	return "SFDW_TEST_KEY=$aws_key SFDW_TEST_SECRET=$aws_secret $ENV{SFDW_PYTHON} $FindBin::RealBin/../servers/s3tool.py $s3->{endpoint} put-all raw $world->{name}/ $folder @files";
}

# A new day: the next one's exports, or some files of them.
sub put_day
{
	my (%with) = @_;
	my @files = @{ delete $with{files} // [qw(Account.csv Opportunity.csv)] };
	my $folder = prepare_day(++$world->{day}, %with);
	$world->{newest}{$_} = $world->{day} for @files;
	return put_command($folder, @files);
}
sub shell { my ($command) = @_; system($command) == 0 or die $command; return }

# Which raw files are there; in a bucket, those with a version that is no marker.
sub raw_files
{
	return map { s/^\Q$world->{name}\E\///r } grep { /\|Version\|/ } split /\n/, s3($s3, 'list', 'raw', "$world->{name}/") if $world->{is_s3};
	return files_below("$world->{home}/raw");
}

# The days whose rows the targets have.
sub days
{
	my ($text) = value($node, $world->{name}, q{SELECT concat_ws('|', (SELECT string_agg(DISTINCT stage, ',') FROM crm.sales),
		(SELECT string_agg(DISTINCT createddate::date::text, ',') FROM crm.accounts))});
	my ($sales, $accounts) = split /\|/, $text;
	return ($sales // '', $accounts // '');
}

# Whether the newest of each file is in raw, or published by each that reads it.
sub is_kept
{
	my %there = map { s/\|.*//r => 1 } raw_files();
	my ($sales, $accounts) = days();
	my $pub = value($node, $world->{name}, q{SELECT string_agg(dataset, ' ') FROM (SELECT DISTINCT ON (dataset) dataset, state
		FROM salesforce_fdw.runs WHERE state <> 'refused' ORDER BY dataset, number DESC) r WHERE state IN ('registered', 'purge_pending', 'closed')}) // '';
	my @lost;
	push @lost, 'Opportunity.csv' if !$there{'Opportunity.csv'} && !($pub =~ /sales/ && $sales eq "Day $world->{newest}{'Opportunity.csv'}");
	push @lost, 'Account.csv' if !$there{'Account.csv'} && !($pub =~ /accounts/ && $pub =~ /sales/ && $accounts eq date_of($world->{newest}{'Account.csv'}));
	return @lost;
}

sub call
{
	my ($dataset, $setting) = @_;
	my $before = times_ready($node);
	my ($state, $out, $err) = attempt($node, $world->{name},
		"LOAD 'salesforce_fdw'; " . ($setting // '') . " SET ROLE etl; CALL salesforce_fdw.run('$dataset');", user => $superuser);
	wait_for_restart($node, $before) if $state eq 'killed' && $err !~ /57P01/;
	return ($state, $err);
}

# The fault points of a run of today's export.
sub count_points
{
	my ($dataset) = @_;
	my $trace = "$world->{home}/trace";
	unlink $trace;
	call($dataset, "SET salesforce_fdw.fault_trace = '$trace';");
	my @points = map { s/^\d+ //r } split /\n/, slurp_file($trace);
	$world->{points}{$dataset} = scalar @points;
	# While it commits (and holds the lock of NOTIFY) PostgreSQL raises no error,
	# and another CALL would wait for it: these are for kills alone.
	$world->{effects}{$dataset} = [ grep { !/^ledger/ } @points ];
	return;
}

# Settings that do something at a random point of a data set's next run.
sub fault
{
	my ($dataset, $action, $is_effect) = @_;
	my @effects = @{ $world->{effects}{$dataset} };
	return "SET salesforce_fdw.fault_point = '$effects[ any_of(scalar @effects) ]'; SET salesforce_fdw.fault_action = '$action';"
	  if $is_effect;
	return 'SET salesforce_fdw.fault_at = ' . (1 + any_of($world->{points}{$dataset})) . "; SET salesforce_fdw.fault_action = '$action';";
}

# The other data set's whole CALL, as a command; perhaps it is killed, too.
my $scripts = 0;
sub other_call
{
	my ($dataset) = @_;
	my $script = "$world->{home}/other" . ++$scripts;
	my $fault = chance(30) ? fault($dataset, 'error', 1) : '';
	append_to_file("$script.sql", "LOAD 'salesforce_fdw'; $fault SET statement_timeout = '120s'; SET ROLE etl; CALL salesforce_fdw.run('$dataset');\n");
	return "psql -qX -d \"" . $node->connstr($world->{name}) . "\" -U $superuser -f $script.sql >/dev/null 2>&1";
}

# One CALL with something happening in it; what it was, in words.
sub inject
{
	my ($dataset) = @_;
	my $other = $dataset eq 'sales' ? 'accounts' : 'sales';
	my @ends = ('kill -9 $PPID', 'kill -INT $PPID', 'kill -TERM $PPID', 'true');
	my ($what, @commands) = ('');
	my $kind = any_of(8);
	return "$dataset error " . (call($dataset, fault($dataset, 'error', 1)))[0] if $kind == 0;
	return "$dataset kill " . (call($dataset, fault($dataset, 'kill')))[0] if $kind == 1;
	if ($kind =~ /[2345]/)
	{
		my @files = $kind == 2 ? 'Account.csv' : $kind == 3 ? 'Opportunity.csv' : qw(Account.csv Opportunity.csv);
		push @commands, put_day(files => \@files);
		$what .= " new @files";
	}
	if ($kind =~ /[4567]/)
	{
		push @commands, other_call($other);
		$what .= " $other runs";
	}
	push @commands, $ends[ any_of(scalar @ends) ];
	my $script = "$world->{home}/script" . ++$scripts;
	append_to_file($script, join("\n", "[ -e $script.done ] && exit 0", "touch $script.done", 'PPID=$1', map { s/\$PPID/\$1/r } @commands[ 0 .. $#commands ]) . "\n");
	my $runs_other = grep { /^psql/ } @commands;
	my ($state) = call($dataset, fault($dataset, "sh:sh $script \$PPID", $runs_other));
	$world->{skipped}++ if !-e "$script.done";
	if (!-e "$script.done" && $kind =~ /[2345]/)        # that point was not reached
	{
		append_to_file("$script.now", join("\n", $commands[0]) . "\n");
		shell("sh $script.now");
	}
	return "$dataset$what $commands[-1] $state";
}

# What must be true when nothing happens any more.
sub problems
{
	my @wrong;
	my ($sales, $accounts) = days();
	push @wrong, "sales has $sales" if $sales ne "Day $world->{day}";
	push @wrong, "accounts has $accounts" if $accounts ne date_of($world->{day});
	my @raw = raw_files();
	push @wrong, "raw has @raw" if @raw;
	my @lake = $world->{is_s3} ? grep { /\|latest$/ } split /\n/, s3($s3, 'list', 'lake', "$world->{name}/") : files_below("$world->{home}/lake");
	push @wrong, "the lake has @lake" if 2 != grep { /\.parquet(\||$)/ } @lake;
	push @wrong, "staged: @lake" if grep { /_staging/ } @lake;
	push @wrong, 'an upload is left' if $world->{is_s3} && s3($s3, 'uploads', 'lake', "$world->{name}/") ne '';
	my $ledger = value($node, $world->{name}, <<'SQL');
SELECT concat_ws(';',
	(SELECT string_agg(concat_ws(' ', dataset, state, last_error), ',') FROM salesforce_fdw.runs WHERE state NOT IN ('closed', 'refused')),
	(SELECT string_agg(DISTINCT i.key, ',') FROM salesforce_fdw.ledger_input i JOIN salesforce_fdw.runs r USING (run)
		WHERE r.state = 'closed' AND i.is_input AND i.purge_proved IS NULL),
	(SELECT 'staged' FROM salesforce_fdw.run_outputs WHERE kind = 'staged' AND deleted IS NULL LIMIT 1),
	(SELECT 'twice ' || run FROM salesforce_fdw.run_events WHERE event = 'published' GROUP BY run HAVING count(*) > 1 LIMIT 1))
SQL
	push @wrong, "the ledger: $ledger" if $ledger ne '';
	my $verified = value($node, $world->{name}, "SET ROLE etl; SELECT string_agg(r.dataset || ' ' || v.item || ' ' || v.subject || ' ' || v.verdict, ',')
		FROM (SELECT DISTINCT ON (dataset) dataset, run FROM salesforce_fdw.runs WHERE state = 'closed' ORDER BY dataset, number DESC) r,
		salesforce_fdw.verify(r.run) v WHERE v.verdict <> 'ok'");
	push @wrong, "verify: $verified" if ($verified // '') ne '';
	return @wrong;
}

# The CALLs of the days after.
sub converge
{
	my @errors;
	for my $round (1 .. 3)
	{
		@errors = map { (call($_))[0] } qw(sales accounts);
	}
	return grep { $_ ne '' } @errors;
}

# --- a clean day of each world, whose points are counted
for (@worlds)
{
	$world = $_;
	shell(put_day());
	count_points($_) for qw(sales accounts);
	converge();
	is(join('; ', problems()), '', "$world->{name}, $world->{mode}: a day without an accident ends well");
}

my (%kinds, @table);
my ($lost, $wrong) = (0, 0);
for my $number (1 .. $injections)
{
	# Folders for most, buckets for a share.
	$world = $worlds[ chance(80) ? any_of(2) : 2 + any_of(2) ];
	my @did;
	if (chance(15))
	{
		shell(put_day(email => 1));
		push @did, 'an export that is refused';
		call('accounts') if chance(50);
		push @did, map { inject($_) } 'sales';
	}
	shell(put_day()) if chance(90);
	my @gone;
	for (1 .. 1 + any_of(3))
	{
		push @did, inject(chance(60) ? 'sales' : 'accounts');
		push @gone, is_kept();
	}
	# What one file of an export lacks comes with the next.
	shell(put_day()) if ($world->{newest}{'Account.csv'} != $world->{newest}{'Opportunity.csv'}) || $did[0] =~ /refused/;
	my @errors = converge();
	my @wrong = (problems(), @errors);
	my $line = "$number $world->{name}: " . join(', ', @did);
	diag("$line: lost @gone") if @gone;
	diag("$line: " . join '; ', @wrong) if @wrong;
	$lost++ if @gone;
	$wrong++ if @wrong;
	last if @wrong;     # whatever follows begins from there
	push @table, $line;
	note("$number of $injections ended well") if $number % 25 == 0;
}
note("table: $_") for @table;
is($lost, 0, "of $injections injections: nothing was purged that was not published");
is($wrong, 0, 'each ended with the newest published once, all purged, and nothing left') or diag("seed $seed");
note('figure: points not reached: ' . join(' ', map { $_->{skipped} // 0 } @worlds));

$node->stop;
done_testing();
