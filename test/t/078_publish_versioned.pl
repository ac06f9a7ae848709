# Claim: publish 'versioned' gives each run an object of its own, which the
# catalog's table moves to in one step: a reader sees one whole run, always;
# the last runs are kept and can be rolled back to, older ones are deleted in
# every version.  On folders and on buckets; in place, too, where that applies.
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

my $s3 = start_s3();
my $moto = start_moto();
my $node = PostgreSQL::Test::Cluster->new('publish_versioned');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my ($home, $database, @reader, $put);
my ($state, $out, $err);

sub run_day
{
	my ($day) = @_;
	write_exports("$home/raw", $day);
	$put->() if $put;
	($state, $out, $err) = call_run($node, $database);
	return $state;
}

sub newest_run { return value($node, $database, 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1') }

# What a reader of the catalog's table sees.
sub seen
{
	my ($output, $error) = ('', '');
	IPC::Run::run([ $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/lake_reader.py", 'once', @reader ], '>', \$output, '2>', \$error)
	  or die $error;
	return decode_json($output);
}

# Start a reader that reads again and again; the function that is returned
# stops it, and says what it saw.
sub start_polling
{
	my ($in, $output, $error) = ('', '', '');
	my $process = IPC::Run::start([ $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/lake_reader.py", 'poll', @reader ],
		'<', \$in, '>', \$output, '2>', \$error);
	return sub { $process->finish; die $error if $output eq ''; return decode_json($output) };
}

# All objects of the lake, hidden ones too.
sub objects
{
	return join ' ', grep { !m{/_evidence/} } map { s/\|.*//r } split /\n/, s3($s3, 'list', $_[0]) if $reader[0] eq 'aws';
	return join ' ', lake_files("$home/lake");
}

for my $kind (qw(folder aws))
{
	my $where = $kind eq 'aws' ? 'bucket' : 'folder';
	$home = new_home();
	$database = "w_$kind";
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	if ($kind eq 'aws')
	{
		s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
		@reader = ('aws', $s3->{endpoint}, $moto->{endpoint}, 'crm_production', 'sales');
		$put = sub { s3($s3, 'put', 'raw', "raw/$_.csv", "$home/raw/$_.csv") for qw(Account Opportunity) };
		make_world($node, $database, $home, raw => 's3://raw/raw/', lake => 's3://lake/', catalog => 'glue', create_database => 1,
			server_options => s3_options($s3, $moto), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
			publish => "'versioned'", keep_runs => 2);
	}
	else
	{
		@reader = ('folder', "$home/catalog/crm_production/sales.json");
		$put = undef;
		make_world($node, $database, $home, publish => "'versioned'", keep_runs => 2);
	}

	# --- each run has an object of its own
	is(run_day(1), '', "$where: the first run") or diag $err;
	my $first = newest_run();
	my $found = seen();
	like($found->{location}, qr{/sales/_runs/\Q$first\E/$}, '... the table is at the run\'s own folder');
	is_deeply($found->{stages}, { 'Day 1' => 7 }, '... with its rows') or diag explain $found;
	my $stop = start_polling();
	my @runs = ($first);
	for my $day (2 .. 6)
	{
		is(run_day($day), '', "$where: day $day") or diag $err;
		push @runs, newest_run();
	}
	my $polled = $stop->();
	is_deeply($polled->{wrong}, [], "$where: a polling reader saw whole runs alone, in $polled->{reads} reads")
	  or diag explain $polled->{wrong}[0];
	cmp_ok(scalar(@{ $polled->{seen} }), '>=', 2, '... of several days');
	is(objects('lake'), join(' ', sort 'sales/_owner.json', map { ("sales/_runs/$_/_manifest.json", "sales/_runs/$_/sales.parquet") } @runs[4, 5]),
		"$where: two runs are kept, and nothing else");
	is( value($node, $database, "SELECT count(*) FROM salesforce_fdw.run_outputs WHERE kind = 'published' AND deleted IS NULL"),
		2, '... as the ledger says');

	# --- rollback
	($state, $out, $err) = attempt($node, $database, "SELECT salesforce_fdw.rollback('sales', '$runs[4]')");
	is($state, '', "$where: rollback to the run before") or diag $err;
	is_deeply(seen()->{stages}, { 'Day 5' => 7 }, '... readers see its rows');
	($state, $out, $err) = call_run($node, $database);
	like($err, qr/no new input/, '... and unchanged input does not change that');
	is_deeply(seen()->{stages}, { 'Day 5' => 7 }, '... indeed');
	($state, $out, $err) = attempt($node, $database, "SELECT salesforce_fdw.rollback('sales', '$runs[0]')");
	is($state, '55000', "$where: a run that is kept no longer is refused");
	like($err, qr/no longer there/, '... with the reason');
	is(run_day(7), '', "$where: the next export after a rollback") or diag $err;
	is_deeply(seen()->{stages}, { 'Day 7' => 7 }, '... is what readers see');
	is(run_day(8), '', "$where: and the next") or diag $err;
	($state, $out, $err) = attempt($node, $database, "SELECT salesforce_fdw.rollback('sales', (SELECT run FROM salesforce_fdw.runs WHERE state = 'closed' ORDER BY number DESC OFFSET 1 LIMIT 1))");
	is($state, '', "$where: rollback once more") or diag $err;
	$node->safe_psql($database, "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', keep_runs => 1)");
	($state, $out, $err) = call_run($node, $database, force => 1);
	is($state, '', "$where: a forced run") or diag $err;
	is_deeply(seen()->{stages}, { 'Day 8' => 7 }, '... replaces what was rolled back to');
	is(scalar(split / /, objects('lake')), 3, '... and one run is kept');

	# --- other columns: the file and the table change together
	$node->safe_psql($database, "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', target => 'crm.sales2', keep_runs => 3,
		query => 'SELECT a.id AS accountid, o.stagename AS stage FROM raw.account a JOIN raw.opportunity o ON o.accountid = a.id', sorted_by => '{accountid}')");
	my $before = newest_run();
	$stop = start_polling();
	is(run_day(9), '', "$where: with other columns") or diag $err;
	$polled = $stop->();
	is_deeply($polled->{wrong}, [], '... a polling reader saw no mixture') or diag explain $polled->{wrong}[0];
	is_deeply(seen()->{columns}, [ 'accountid', 'stage' ], '... and sees the new ones');
	($state, $out, $err) = attempt($node, $database, "SELECT salesforce_fdw.rollback('sales', '$before')");
	is($state, '', "$where: rollback over the change") or diag $err;
	is_deeply(seen()->{columns}, [ 'accountid', 'opportunityid', 'stage', 'created' ], '... has the old columns');
	if ($kind eq 'folder')
	{
		my $entry = decode_json(slurp_file($reader[1]));
		is( join(' ', map { $_->{Name} } @{ $entry->{TableInput}{StorageDescriptor}{Columns} }),
			'accountid opportunityid stage created', '... in the catalog too');
	}

	# --- in place again
	$node->safe_psql($database, "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', publish => 'inplace')");
	is(run_day(10), '', "$where: in place again") or diag $err;
	like(seen()->{location}, qr{/sales/$}, '... the table is at the data set\'s folder');
	is_deeply(seen()->{stages}, { 'Day 10' => 7 }, '... and no object of a run is read') or diag explain seen();
	my $tenth = newest_run();
	is(run_day(11), '', "$where: and the next day") or diag $err;
	($state, $out, $err) = attempt($node, $database, "SELECT salesforce_fdw.rollback('sales', '$tenth')");
	if ($kind eq 'aws')
	{
		is($state, '', 'bucket: rollback in place') or diag $err;
		is_deeply(seen()->{stages}, { 'Day 10' => 7 }, '... by the version that the bucket has kept');
		($state, $out, $err) = attempt($node, $database, "SELECT salesforce_fdw.rollback('sales', '$tenth')");
		is($state, '', '... and again, which does nothing') or diag $err;
		is(run_day(12), '', '... the next export is published over it') or diag $err;
		is_deeply(seen()->{stages}, { 'Day 12' => 7 }, '... and seen');
	}
	else
	{
		is($state, '55000', 'folder: in place, what was replaced is gone');
	}
}

# --- who may, and when
($state, $out, $err) = attempt($node, 'w_folder', "SELECT salesforce_fdw.rollback('sales', gen_random_uuid())");
is($state, '42704', 'a run that does not exist');
$node->safe_psql('w_folder', 'CREATE ROLE other LOGIN; GRANT salesforce_fdw_read TO other');
($state, $out, $err) = attempt($node, 'w_folder', "SELECT salesforce_fdw.rollback('sales', gen_random_uuid())", user => 'other');
is($state, '42501', 'a role that may not write');
$node->safe_psql('w_folder', 'GRANT salesforce_fdw_write TO other');
($state, $out, $err) = attempt($node, 'w_folder', "SELECT salesforce_fdw.rollback('sales', (SELECT run FROM salesforce_fdw.runs LIMIT 1))", user => 'other');
is($state, '42501', 'a role that does not own the data set');

# --- versions need a catalog
$node->safe_psql('postgres', 'CREATE DATABASE w_none');
$home = new_home();
$database = 'w_none';
@reader = ('folder');
$put = undef;
make_world($node, 'w_none', $home, publish => "'versioned'");
$node->safe_psql('w_none', "ALTER SERVER lake OPTIONS (SET catalog 'none')");
is(run_day(1), '55000', 'without a catalog there are no versions');
like($err, qr/no catalog/, '... and the error says why');

$node->stop;
done_testing();
