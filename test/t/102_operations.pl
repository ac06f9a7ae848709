# What doc/operations.md tells people to look at and to type does what it says,
# in the situation that it is for, and so do figures and alarms of
# doc/schedule.md: each section is brought about on the world of
# README.md, its blocks are run in their order, what they print is compared with
# what the page shows, and in the end the situation must be over.
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use DocTest;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $source = dirname(__FILE__) . '/../..';
my $home = abs_path(PostgreSQL::Test::Utils::tempdir());
my ($raw, $transformed) = ("$home/salesforce/raw", "$home/salesforce/transformed/bes/crm/salesforce");
my $call = "CALL salesforce_fdw.run('account_opportunity');";

my $run;
sub at_home
{
	my ($text) = @_;
	$text =~ s{/srv/salesforce/}{$home/salesforce/}g;
	$text =~ s/'(\{?)RUN(\}?)'/'$1$run$2'/g;
	return $text;
}

sub with_keys
{
	my ($text) = @_;
	return at_home($text =~ s/AKIA…/$aws_key/gr =~ s/'…'/'$aws_secret'/gr);
}

# A new night's export: so many rows of each object; with email => 1 the last
# product is an address.
my $day = 0;
sub export_raw
{
	my (%with) = @_;
	my $rows = $with{rows} // 20;
	my $when = '2024-01-15T10:00:00.000+0000';
	my @products = ("Product of day " . ++$day) x $rows;
	$products[-1] = 'jane.doe@example.org' if $with{email};
	write_text("$raw/Account.csv", join '', "Id,Name,Industry,CreatedDate\r\n",
		map { sprintf "001%012dAAA,Name of %d,Energy,%s\r\n", $_, $_, $when } 1 .. $rows);
	write_text("$raw/Opportunity.csv", join '', "Id,AccountId,Name,CreatedDate,Product_to_Add__c\r\n",
		map { sprintf "006%012dAAA,001%012dAAA,Service %d,%s,%s\r\n", $_, $_, $_, $when, $products[ $_ - 1 ] } 1 .. $rows);
	write_text("$raw/Contact.csv", "Id,LastName\r\n003000000000001AAA,Doe\r\n");
	return;
}

my $log = '';
my $node = PostgreSQL::Test::Cluster->new('operations');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\nlog_line_prefix = '%m [%p] %e '\nshared_preload_libraries = 'salesforce_fdw'");
$node->start;
mkdir $_ or die "$_: $!" for "$home/salesforce", map { "$home/salesforce/$_" } qw(raw transformed catalog vault);
export_raw();
for my $block (grep { $_->[0] eq 'sql' && $_->[1] !~ /^DROP|alter_dataset/m } blocks_of('README.md'))
{
	run_block($node, 'README.md', $block, \&at_home);
}

sub etl { my ($sql, %with) = @_; return attempt($node, 'postgres', $sql, %with) }
sub state { return value($node, 'postgres', "SELECT concat_ws(' ', state, reason) FROM salesforce_fdw.run_status JOIN salesforce_fdw.runs USING (run, dataset, state)") }
sub is_over { my ($what) = @_; is(state(), 'closed', "$what: it is over"); return }

# The next night's export and its CALL, as a scheduler would; the CALL's SQLSTATE.
sub night
{
	export_raw(@_);
	return (etl($call))[0];
}

sub catalog_entry { return "$home/salesforce/catalog/bes_crm_salesforce/account_opportunity.json" }

# Change the table's description in the catalog by hand.
sub change_catalog
{
	my ($change) = @_;
	my $entry = decode_json(slurp_file(catalog_entry()));
	$change->($entry->{TableInput});
	write_text(catalog_entry(), encode_json($entry));
	return;
}

# A CALL that waits for a lock of somebody's; how it ended.
my ($locker, $hanging, $said) = (undef, undef, '');
sub begin_hanging
{
	$locker = $node->background_psql('postgres');
	$locker->query_safe('BEGIN; LOCK TABLE crm.account_opportunity IN SHARE MODE');
	$hanging = IPC::Run::start([ 'psql', '-X', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-U', 'etl', '-c', $call ],
		'<', \undef, '>&', \$said);
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'") or die 'it does not wait';
	return;
}
sub end_hanging
{
	$hanging->finish;
	$locker->query_safe('COMMIT');
	$locker->quit;
	return $said =~ /ERROR:  (\w+):/ ? $1 : $said;
}

sub newest { return value($node, 'postgres', 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1') }
sub pseudonym { return (etl("SELECT salesforce_fdw.pseudonym('Jane Doe', 'people')"))[1] }

# A copy of the data directory goes on in the place of the server.
sub move_to_a_copy
{
	my $copy = PostgreSQL::Test::Cluster->new('operations_copy');
	$node->backup('copied');
	$copy->init_from_backup($node, 'copied');
	$log .= slurp_file($node->logfile);
	$node->stop;
	$node = $copy;
	$node->start;
	return;
}

# The run in whose folder the catalog's table lies.
sub readers_see { return slurp_file(catalog_entry()) =~ m{"Location": *"[^"]*/_runs/([^/]*)/"} ? $1 : 'none' }

# The exporter's query gives what it declares; its names are those of metrics().
sub exporter
{
	my ($yaml) = map { $_->[1] } grep { $_->[0] eq 'yaml' } blocks_of('doc/schedule.md');
	my ($query, $metrics) = $yaml =~ /query: \|\n(.*)^  metrics:\n(.*)/ms or die 'no query';
	my @declared = $metrics =~ /^    - (\w+): \{usage: (?:LABEL|GAUGE), description: [^{}:]+\}$/mg;
	my ($state, $out, $err) = attempt($node, 'postgres', "SET ROLE monitor; SELECT row_to_json(q) FROM ($query) AS q", user => getpwuid($<));
	is(scalar(@declared), scalar(() = $metrics =~ /^    - /mg), 'the declared columns are read');
	is(join(' ', sort @declared), join(' ', sort keys %{ decode_json($out) }), 'the exporter\'s query gives them') or diag $err;
	is(value($node, 'postgres', "SELECT count(*) FROM salesforce_fdw.metrics() WHERE metric IN ('" . join("', '", map { "salesforce_fdw_$_" } @declared) . "')"),
		value($node, 'postgres', "SELECT count(v) FROM ($query) AS q, jsonb_each_text(to_jsonb(q) - 'dataset') AS e (k, v)"), '... which are those of metrics()');
	return;
}

# A purge that is left for a reason is done once that is over, by what
# run_status says is to be typed.
sub purge_is_left
{
	my ($reason, $begin, $end) = @_;
	etl("SELECT salesforce_fdw.alter_dataset('account_opportunity', purge_after => '1 day')");
	night();
	etl("SELECT salesforce_fdw.alter_dataset('account_opportunity', purge_after => '0')");
	$begin->();
	etl($call);
	is(state(), "purge_pending $reason", "a purge is left: $reason");
	$end->();
	etl(value($node, 'postgres', 'SELECT action FROM salesforce_fdw.run_status'));
	etl($call);
	is_over($reason);
	is(join(' ', glob("$raw/*")), '', '... and nothing raw is left');
	return;
}

# For each section: what is done before each of its blocks of SQL, and what must
# be true after the last one.
my %sections = (
	'First look' => [ sub { is(night(email => 1), 'SF003', 'an address is refused') } ],
	'A column is refused' => [
		sub {
			export_raw();
			etl("ALTER FOREIGN TABLE raw.opportunity ALTER COLUMN product_to_add__c OPTIONS (SET class 'free_text')");
		},
		undef, undef, undef,
		sub { is_over('a column') } ],
	'A detector found something' => [
		sub { night(email => 1) },
		undef,
		sub { is_over('an accepted finding') },
		sub { is(night(email => 1), '', 'redacted, it is no refusal') } ],
	'A gate is not met' => [
		sub { is(night(rows => 6), 'SF004', 'fewer rows are refused') },
		undef, undef,
		sub { is_over('a gate') } ],
	'A raw file is missing or damaged' => [
		sub { export_raw(); unlink "$raw/Opportunity.csv" or die $! },
		undef,
		sub { is(night(), '', 'the next export is published'); is_over('a file') } ],
	'Somebody else was here' => [
		sub { export_raw(); append_to_file("$transformed/part-0001.parquet", 'not ours') },
		sub {
			unlink "$transformed/part-0001.parquet" or die $!;
			is((etl($call))[0], '', 'once it is away, the export is published');
			change_catalog(sub { $_[0]{StorageDescriptor}{Location} = 'file:///elsewhere/' });
			is(night(), 'SF005', 'another location is refused');
		},
		sub { unlink catalog_entry() or die $! },
		sub {
			is_over('a deleted table');
			ok(-s catalog_entry(), '... and it is there again');
			change_catalog(sub { $_[0]{Description} = 'What a steward wrote' });
			is(night(), '', 'a description by hand is no matter');
			like(slurp_file(catalog_entry()), qr/What a steward wrote/, '... and stays');
			change_catalog(sub { $_[0]{StorageDescriptor}{Columns}[0]{Type} = 'int' });
			is(night(), 'SF004', 'another type is refused');
			unlink catalog_entry() or die $!;
			is((etl($call))[0], '', '... until the table is deleted');
			write_text("$transformed/account_opportunity.parquet", 'not ours');
			is(night(), 'SF005', 'a replaced object is refused');
			unlink "$transformed/account_opportunity.parquet" or die $!;
			is((etl("CALL salesforce_fdw.run('account_opportunity', force => true)"))[0], '', '... until it is moved away');
			unlink "$transformed/account_opportunity.parquet" or die $!;
			is((etl("CALL salesforce_fdw.run('account_opportunity', force => true)"))[0], '', 'a deleted object is published again');
			ok(-s "$transformed/account_opportunity.parquet", '... and is there');
			is_over('somebody else');
		} ],
	'A run is open' => [
		sub { export_raw(); chmod 0500, $transformed; is((etl($call))[0], '42501', 'a missing right leaves it open'); },
		sub { chmod 0700, $transformed },
		sub { is_over('an open run'); export_raw(); begin_hanging() },
		sub { is(end_hanging(), '57014', 'it was cancelled'); like(state(), qr/^discovered/, '... and is open') },
		sub { is((etl($call))[0], '', 'the next CALL begins anew'); is_over('an abandoned run') } ],
	'Held back' => [
		sub {
			export_raw(rows => 6);
			local $ENV{PGAPPNAME} = 'pg_cron';
			is((etl($call))[0], 'SF004', 'a scheduler is refused');
			is((etl($call))[0], 'SF006', '... and then held back');
			etl(q(SELECT salesforce_fdw.alter_dataset(name, gates => gates || '{"max_shrink": 0.9}') FROM salesforce_fdw.dataset));
		},
		sub { is_over('held back'); etl(q(SELECT salesforce_fdw.alter_dataset(name, gates => gates - 'max_shrink') FROM salesforce_fdw.dataset)) } ],
	'Raw files are left' => [
		sub {
			etl("SELECT salesforce_fdw.alter_dataset('account_opportunity', purge => 'location', purge_after => '1 day', confirm => 'file://$raw/')");
			night();
			is(state(), 'purge_pending deferred', 'a later purge is pending');
		},
		undef,
		sub {
			is_over('a purge');
			is(join(' ', glob("$raw/*")), '', '... and nothing raw is left');
			purge_is_left('unpublished', sub { unlink "$transformed/account_opportunity.parquet" }, sub { });
			purge_is_left('blocked', sub { chmod 0500, $raw }, sub { chmod 0700, $raw });
			my $elsewhere = sub { $node->safe_psql('postgres', "ALTER SERVER raw_exports OPTIONS (SET location 'file://$home/salesforce/$_[0]/')") };
			purge_is_left('unconfirmed', sub { mkdir "$home/salesforce/old"; $elsewhere->('old') }, sub { $elsewhere->('raw') });
		} ],
	'Roll back' => [
		sub {
			etl("SELECT salesforce_fdw.alter_dataset('account_opportunity', purge => 'none', publish => 'versioned')");
			is(night(), '', 'a run is published in versions');
			$run = newest();
			is(night(), '', '... and another one');
			isnt(readers_see(), $run, '... which readers see');
		},
		undef,
		sub { is(readers_see(), $run, 'rolled back'); is(night(), '', 'the next export'); $run = newest(); is(readers_see(), $run, '... is published as always') } ],
	'Retract' => [
		undef,
		sub { isnt(readers_see(), $run, 'readers are led away'); is(join(' ', grep { /$run.*parquet/ } files_below($transformed)), '', '... and the object is gone') } ],
	'Restore, move, fail over' => [
		sub { export_raw(); move_to_a_copy() },
		undef,
		sub { is_over('a copy that was told to go on'); etl("SELECT salesforce_fdw.create_key('people')") },
		sub { ok(-s "$home/salesforce/vault/pseudonym_key.copy", 'the keys are copied'); etl("DELETE FROM salesforce_fdw.pseudonym_key", user => getpwuid($<)) } ],
	'Drop or rename a data set' => [
		sub { export_raw() },
		undef,
		sub {
			ok(!-e catalog_entry(), 'the table left the catalog');
			is(join(' ', grep { /parquet/ } files_below("$transformed")), '', '... and every object its folder');
			is(value($node, 'postgres', 'SELECT string_agg(dataset || state, $$ $$) FROM salesforce_fdw.run_status'), 'salesclosed', 'the new one stays');
		} ],
	'Change keys' => [
		sub {
			my $moto = start_moto();
			$node->safe_psql('postgres', "CREATE SERVER raw_bucket FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://acme-raw/',
				sts_endpoint '$moto->{endpoint}', region 'ca-central-1', allow_http 'true', allow_local_endpoint 'true');
				GRANT USAGE ON FOREIGN SERVER raw_bucket TO etl;
				CREATE USER MAPPING FOR etl SERVER raw_bucket OPTIONS (access_key_id 'old', secret_access_key 'old')");
		},
		undef,
		sub { etl("SELECT salesforce_fdw.create_key('people')"); $run = pseudonym() },
		sub { isnt(pseudonym(), $run, 'another key makes other pseudonyms'); $run = pseudonym() },
		sub { is(pseudonym(), $run, 'old versions are not needed') } ],
	'Upgrade' => [undef],
	'Figures, alarms, the log' => [
		undef, undef,
		sub { exporter() } ],
);

# --- the pages
my %seen;
for my $section ((map { [ 'doc/operations.md', @$_ ] } sections_of('doc/operations.md')), map { [ 'doc/schedule.md', @$_ ] } sections_of('doc/schedule.md'))
{
	my ($page, $heading, $blocks) = @$section;
	my @sql = grep { $_->[0] eq 'sql' && $_->[1] =~ /\A-- as / } @$blocks;
	next if !@sql;
	my @steps = @{ $sections{$heading} // [] };
	$seen{$heading} = 1;
	note("== $heading");
	cmp_ok(scalar(@steps), '>=', scalar(@sql), "$heading: the test knows its blocks") or next;
	for my $i (0 .. $#$blocks)
	{
		my $block = $blocks->[$i];
		next if $block->[0] ne 'sql' || $block->[1] !~ /\A-- as /;
		my $step = shift @steps;
		$step->() if $step;
		my $out = run_shown($node, $page, $block, \&with_keys);
		my $shown = $blocks->[ $i + 1 ];
		is_shown($out, at_home($shown->[1]), "$page line $shown->[2]: what it prints") if $shown && $shown->[0] eq 'text';
	}
	$_->() for grep { defined } @steps;
}
$log .= slurp_file($node->logfile);
for my $line (map { split /\n/, $_->[1] } grep { $_->[0] eq 'text' && $_->[1] =~ /^SF003/ } blocks_of('doc/schedule.md'))
{
	my $pattern = join '[^\n]*', map { quotemeta } split /…/, $line, -1;
	ok($log =~ /$pattern/, "the log has a line like \"$line\"");
}
is(join(', ', grep { !$seen{$_} } sort keys %sections), '', 'the pages have every section of the test');

$node->stop;
done_testing();
