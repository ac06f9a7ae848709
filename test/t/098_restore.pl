# Claim: a database that was restored or copied, or a standby that was promoted,
# publishes, registers and purges nothing until take_over(), then it goes on
# where reality is, and the database before it is refused in turn; a ledger that
# is behind what was published doubles nothing and purges nothing that another
# run has published.  On folders; 098_restore_s3.pl does so on buckets.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use File::Path qw(make_path);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RestoreTest;
use RunTest;
use Test::More;

my ($state, $out, $err);
my ($home, $owner, $file);

# Everything outside of the databases: each file with its identity and bytes.
sub world
{
	return join '', map { `cd '$home/$_' && find . -type f -printf '%P %i %s %T\@ ' -exec sha256sum '{}' ';' | sort` } qw(raw lake catalog);
}

sub run_day
{
	my ($node, $day) = @_;
	write_exports("$home/raw", $day);
	($state, $out, $err) = call_run($node, 'w');
	return $state;
}

# A world whose first day is closed, and whose second is published, but not
# purged yet.
sub new_world
{
	my ($name) = @_;
	my $node = new_primary($name);
	$home = new_home();
	$owner = "$home/lake/sales/_owner.json";
	$file = "$home/lake/sales/sales.parquet";
	make_world($node, 'w', $home, purge => "'location'", confirm => "'file://$home/raw/'");
	is(run_day($node, 1), '', "$name: the first day") or diag $err;
	$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '1 day')");
	is(run_day($node, 2), '', '... and the second') or diag $err;
	is(value($node, 'w', 'SELECT state FROM salesforce_fdw.run_status'), 'purge_pending', '... which is not purged yet');
	return $node;
}

# Let what is pending be purged now.
sub purge_now
{
	my ($node) = @_;
	$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
	return;
}

# A database that is told to go on goes on: with day, whose rows are then there
# once, and nothing raw is left.
sub goes_on
{
	my ($node, $name, $day) = @_;
	($state, $out, $err) = take_over($node);
	is($state, '', "$name: told to go on") or diag $err;
	is(value($node, 'w', "SELECT reason || ' ' || session_role FROM salesforce_fdw.run_owners ORDER BY number DESC LIMIT 1"), 'a test etl', '... the ledger has who and why');
	is(value($node, 'w', 'SELECT sqlstate IS NULL FROM salesforce_fdw.run_status'), 't', '... and no error any more');
	is(run_day($node, $day), '', '... it publishes') or diag $err;
	is(published_rows($node, 'w'), expected_rows($day), '... the rows of the day');
	is(value($node, 'w', 'SELECT state, file_sha256 FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1'), 'closed|' . sha256_of($file), '... which readers see');
	is(join(' ', lake_files("$home/lake")), 'sales/_manifest.json sales/_owner.json sales/sales.parquet', '... once');
	is(join(' ', files_below("$home/raw")), '', '... and purges');
	is(value($node, 'w', "SELECT string_agg(item || ' ' || verdict, ', ') FROM salesforce_fdw.verify((SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1)) WHERE verdict <> 'ok'"),
		'', '... and all of it verifies');
	return;
}

# --- copies of a database whose ledger is up to date
my $primary = new_world('primary');
is(value($primary, 'w', 'SELECT reason IS NULL, is_written, session_role FROM salesforce_fdw.run_owners'), 't|t|etl', 'the first run has claimed the place');
my $content = decode_json(slurp_file($owner));
is(join(' ', @$content{qw(product dataset)}, $content->{database}{database}), 'salesforce_fdw sales w', '... as its object says');
is($content->{database}{database_oid}, value($primary, 'w', "SELECT oid FROM pg_database WHERE datname = 'w'"), '... with the database');
is($content->{run}, value($primary, 'w', 'SELECT run FROM salesforce_fdw.runs ORDER BY number LIMIT 1'), '... and the run');
my $standby = start_standby($primary);
like((call_run($standby, 'w'))[2], qr/25006: cannot execute salesforce_fdw\.run\(\)/, 'a standby runs nothing');
like((take_over($standby))[2], qr/25006/, '... and takes nothing over');
my %copy = (
	'a dump' => [ dump_elsewhere($primary), 'another cluster' ],
	'a base backup' => [ base_backup($primary), 'another data directory' ],
	'a copy of files' => [ copy_of_files($primary), 'another data directory' ]);
$copy{$_}[0]->start for 'a base backup', 'a copy of files';
promote($standby);
$copy{'a promoted standby'} = [ $standby, 'another timeline' ];
$primary->safe_psql('postgres', 'ALTER DATABASE w RENAME TO v');
$primary->safe_psql('postgres', 'CREATE DATABASE w TEMPLATE v');
$copy{'a database copied in its cluster'} = [ $primary, 'another database' ];
for my $name (sort keys %copy)
{
	my ($node, $reason) = @{ $copy{$name} };
	purge_now($node);
	is_refused($node, $name, $reason, \&world);
	is(value($node, 'w', "SELECT count(*) FROM salesforce_fdw.run_inputs WHERE purge_outcome IS NOT NULL AND number = 2"), '0', '... and tried to purge nothing');
}
is(value($copy{'a dump'}[0], 'w', "SELECT verdict FROM salesforce_fdw.verify((SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1)) WHERE item = 'owner'"),
	'differs', 'verify() finds it, too');

# --- the original goes on, under another name and after a restart
$primary->restart;
write_exports("$home/raw", 3);
($state, $out, $err) = call_run($primary, 'v');
is($state, '', 'the owner goes on, renamed and restarted') or diag $err;
is(published_rows($primary, 'v'), expected_rows(3), '... and publishes');
is_refused($copy{'a dump'}[0], 'the dump', 'another cluster', \&world);

# --- each copy takes over, and whoever had it is refused then
my $day = 4;
my $before = [ $primary, 'v' ];
for my $name (sort keys %copy)
{
	my $node = $copy{$name}[0];
	my $claim = value(@$before, 'SELECT claim FROM salesforce_fdw.run_owners ORDER BY number DESC LIMIT 1');
	goes_on($node, $name, $day);
	is(value($node, 'w', "SELECT replaced ->> 'claim' FROM salesforce_fdw.run_owners ORDER BY number DESC LIMIT 1"), $claim, '... knows whom it has replaced');
	write_exports("$home/raw", ++$day);
	is_refused($before->[0], 'the owner until then', '_owner\.json" names database "w"', \&world, database => $before->[1]);
	$before = [ $node, 'w' ];
	$day++;
}
($state, $out, $err) = take_over($before->[0]);
like($err, qr/NOTICE: .*no other owner/, 'the owner has nothing to take over') or diag $err;
is((attempt($before->[0], 'w', "SELECT salesforce_fdw.take_over('sales', ' ')"))[0], '22023', 'a reason is needed');
$_->[0]->stop('immediate') for @copy{ 'a dump', 'a base backup', 'a copy of files', 'a promoted standby' };

# --- a standby whose ledger is behind: the primary has published and purged
# since, from whatever state the standby knows its run in
my @lagging;
my %seen;
$primary->stop;
$primary = new_world('failing');
purge_now($primary);
write_exports("$home/raw", 3);
push @lagging, [ 'nothing', base_backup($primary) ];
for my $count (1 .. 30)
{
	# Before there is a run, each session begins with what comes before; an
	# attempt to stage is its session's own.
	my $now = steps($primary, keys %seen == 0 ? $count : $seen{materialized} && !$seen{staged} ? 2 : 1);
	last if keys %seen > 0 && $now eq 'closed';
	push @lagging, [ $now, base_backup($primary) ] if $now !~ /closed|pending/ && $seen{$now}++ < ($now eq 'verified' ? 2 : 1);
}
note('table: ledgers behind: ' . join ', ', map { $_->[0] } @lagging);
cmp_ok(scalar @lagging, '>=', 6, 'ledgers that are behind');
is(published_rows($primary, 'w'), expected_rows(3), 'the primary has published the third day');
$day = 4;
is(run_day($primary, $day), '', '... and the fourth') or diag $err;
$primary->stop('immediate');
for (@lagging)
{
	my ($lag, $node) = @$_;
	my $published = sha256_of($file);
	$node->set_standby_mode;
	$node->start;
	promote($node);
	my %open = $lag eq 'nothing' ? () : (is_open => 1);
	is_refused($node, "a standby that knows \"$lag\"", 'another timeline', \&world, %open);
	($state, $out, $err) = take_over($node);
	like($err, qr/Run "[^"]*", which the ledger did not have, was adopted/, '... told to go on, it adopts what was published') or diag $err;
	is(value($node, 'w', "SELECT count(*) FROM salesforce_fdw.runs WHERE state IN ('discovered', 'materialized', 'staged', 'verified', 'published', 'registered')"), '0', '... and has no open run');
	($state, $out, $err) = call_run($node, 'w');
	is($state, '', '... its CALL goes on') or diag $err;
	is(sha256_of($file), $published, '... without publishing anything that is older');
	goes_on_with($node, "a standby that knew \"$lag\"", ++$day);
	$node->stop('immediate');
}

sub goes_on_with
{
	my ($node, $name, $today) = @_;
	is(run_day($node, $today), '', "$name: the next day") or diag $err;
	is(published_rows($node, 'w'), expected_rows($today), '... is published');
	is(join(' ', lake_files("$home/lake")), 'sales/_manifest.json sales/_owner.json sales/sales.parquet', '... once');
	is(join(' ', files_below("$home/raw")), '', '... and purged');
	is(value($node, 'w', "SELECT count(*) FROM salesforce_fdw.runs WHERE state NOT IN ('closed', 'abandoned')"), '0', '... and no run is left over');
	return;
}

# --- raw files that a lost run has published stay until a run lists them
$primary = new_world('older');
my $old_dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$primary->command_ok([ 'pg_dump', '-f', $old_dump, '-d', $primary->connstr('w') ], 'a dump of the second day');
is(run_day($primary, 3), '', 'the third day') or diag $err;
$primary->safe_psql('w', "SET client_min_messages = error; DROP EXTENSION salesforce_fdw CASCADE; DROP SCHEMA raw, crm CASCADE");
$primary->command_ok([ 'psql', '-Xqv', 'ON_ERROR_STOP=1', '-f', $old_dump, '-d', $primary->connstr('w') ], '... and loaded into the same database');
purge_now($primary);
is_refused($primary, 'a ledger of the day before', '_manifest\.json" names run [0-9a-f-]*, which the ledger', \&world);
($state, $out, $err) = take_over($primary);
like($err, qr/was adopted/, 'told to go on, it adopts') or diag $err;
my $raw = join ' ', files_below("$home/raw");
($state, $out, $err) = call_run($primary, 'w');
is($state, '', '... goes on') or diag $err;
is(join(' ', files_below("$home/raw")), $raw, '... and leaves the raw files of the adopted run alone');
goes_on_with($primary, 'a ledger of the day before', 4);

# --- what lies at the owner's place
my $whole = slurp_file($owner);
my %object = (
	'another product\'s' => [ 'is another product\'s', $whole =~ s/"salesforce_fdw"/"another"/r ],
	'another data set\'s' => [ 'is of another data set, "others"', $whole =~ s/"dataset": "sales"/"dataset": "others"/r ],
	'another database\'s' => [ 'names database "w" \(OID 5,', $whole =~ s/"database_oid": "\d+"/"database_oid": "5"/r ],
	'of a claim that was never made' => [ 'names this database, but by a claim', $whole =~ s/("claim": ")[^"]*/${1}11111111-2222-3333-4444-555555555555/r ],
	'newer' => [ 'newer version', $whole =~ s/"format": 1/"format": 2/r ],
	'without a claim' => [ 'lacks members', $whole =~ s/"claim": /"claims": /r ],
	'cut off' => [ 'is not a JSON object', substr($whole, 0, 100) ],
	'no object' => [ 'is not a JSON object', '["salesforce_fdw"]' ],
	'empty' => [ 'is not a JSON object', '' ],
	'too large' => [ 'too large', $whole . ' ' x 70_000 ]);
write_exports("$home/raw", 5);
for my $name (sort keys %object)
{
	write_text($owner, $object{$name}[1]);
	is_refused($primary, "an object that is $name", $object{$name}[0], \&world);
}
unlink $owner;
is_refused($primary, 'an object that is gone', '_owner\.json" is gone', \&world);
goes_on($primary, 'after that', 5);
write_text("$home/raw/../kept", slurp_file($owner));
write_text($owner, slurp_file("$home/kept"));
is(run_day($primary, 6), '', 'an object that was copied back is the same') or diag $err;

# --- two databases take over at the same time
$primary->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE w") for qw(a b);
my $other = 'psql -X -d "' . $primary->connstr('b') . q{" -U etl -c "SELECT salesforce_fdw.take_over('sales', 'faster')"};
($state, $out, $err) = attempt($primary, 'a', "LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_point = 'owner.write staged';
	SET salesforce_fdw.fault_action = \$\$sh:$other\$\$; SET ROLE etl; SELECT salesforce_fdw.take_over('sales', 'slower')", user => $ENV{USER} // getpwuid($<));
is($state, 'SF005', 'of two that take over at the same time, the slower one gets an error') or diag $err;
like($err, qr/was changed by somebody else/, '... that says so');
is(value($primary, 'a', 'SELECT count(*) FROM salesforce_fdw.run_owners WHERE reason = \'slower\''), '0', '... and its ledger has nothing of it');
is((call_run($primary, 'a'))[0], 'SF007', '... it is not the owner');
is((call_run($primary, 'b'))[0], '', '... the other one is');
my @won;
for my $round (1 .. 5)
{
	my @sessions = map {
		my %session = (database => $_, out => '', err => '');
		$session{run} = IPC::Run::start([ 'psql', '-Xq', '-d', $primary->connstr($_), '-U', 'etl', '-c', "SELECT salesforce_fdw.take_over('sales', 'round $round')" ],
			'<', \undef, '>', \$session{out}, '2>', \$session{err});
		\%session
	} qw(w a);
	$_->{run}->finish for @sessions;
	# One after the other is allowed: then the second has taken over from the first.
	my @owners = grep { (call_run($primary, $_))[0] eq '' } qw(w a b);
	push @won, "@owners";
}
is(scalar(grep { !/^[wa]$/ } @won), 0, "of two databases that race, one is the owner in the end: @won");

# --- two databases claim a place at the same time: nobody is there yet
$home = new_home();
$primary->safe_psql('postgres', "CREATE DATABASE $_") for qw(c d);
make_world($primary, $_, $home) for qw(c d);
write_exports("$home/raw", 1);
$other = 'psql -X -d "' . $primary->connstr('d') . q{" -U etl -c "CALL salesforce_fdw.run('sales')"};
($state, $out, $err) = attempt($primary, 'c', "LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_point = 'owner.write staged';
	SET salesforce_fdw.fault_action = \$\$sh:$other\$\$; SET ROLE etl; CALL salesforce_fdw.run('sales')",
	user => $ENV{USER} // getpwuid($<));
is($state, 'SF007', 'of two first runs at the same time, one is refused') or diag $err;
is(value($primary, 'd', 'SELECT state FROM salesforce_fdw.run_status'), 'closed', '... and the other one published');
is(value($primary, 'c', 'SELECT state FROM salesforce_fdw.run_status'), 'materialized', '... the first has staged nothing');
is(decode_json(slurp_file("$home/lake/sales/_owner.json"))->{database}{database}, 'd', '... the object names who has');
is((call_run($primary, 'c'))[0], 'SF007', '... the first one remains refused');
$primary->safe_psql('c', "SET ROLE etl; SELECT salesforce_fdw.abandon(run, 'x') FROM salesforce_fdw.run_status");

# --- what a copy has of a run that its original goes on with is left alone
$home = new_home();
my $mid = new_primary('mid');
make_world($mid, 'w', $home);
write_exports("$home/raw", 1);
is(steps($mid, 8), 'staged', 'a run that is staged');
my $copy = base_backup($mid);
$copy->start;
is_refused($copy, 'its copy', 'another data directory', sub { $home && join '', map { `cd '$home/$_' && find . -type f | sort` } qw(raw lake catalog) }, is_open => 1);
my $staged = join ' ', lake_files("$home/lake");
like($staged, qr/_staging/, 'it has a staged object');
($state, $out, $err) = attempt($copy, 'w', "SELECT salesforce_fdw.abandon(run, 'x') FROM salesforce_fdw.run_status");
is($state, '', 'the copy can end the run') or diag $err;
like($err, qr/WARNING: .*could not delete what run.*not the owner/, '... but not delete what it has staged');
is(join(' ', lake_files("$home/lake")), $staged, '... which is there');
is((call_run($mid, 'w'))[0], '', 'the original goes on with it');
is(published_rows($mid, 'w'), expected_rows(1), '... and publishes');
$_->stop('immediate') for $mid, $copy;

done_testing();
