# What goes wrong around a run or a COPY, not in a scan alone: each is an error
# with an SQLSTATE, publishes nothing, loses nothing raw, and shows the canary
# of the data neither to the client nor in the server log nor in the ledger.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $canary = 'Qx7CANARY9zK';
my $node = PostgreSQL::Test::Cluster->new('run_bad_input');
$node->init;
$node->append_conf('postgresql.conf',
	"fsync = off\nshared_preload_libraries = 'salesforce_fdw'\nlog_error_verbosity = verbose");
my $log_start = -s $node->logfile // 0;
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);
my $account = "Id,Name,CreatedDate\r\n001000000000001AAA,$canary,2024-01-02T10:00:00.000+0000\r\n";
my $header = "Id,AccountId,StageName,CreatedDate\r\n";
my $good = "006000000000001AAA,001000000000001AAA,Closed,2024-01-02T10:00:00.000+0000\r\n";
my $published;

# Both exports; undef leaves one out.
sub exports
{
	my ($accounts, $opportunities) = @_;
	my %texts = (Account => $accounts, Opportunity => $opportunities);
	foreach my $object (sort keys %texts)
	{
		my $path = "$home/raw/$object.csv";
		unlink $path;
		write_text($path, $texts{$object}) if defined $texts{$object};
	}
	return;
}

# The canary in what the client saw, in the log, in the ledger.
sub shows_nothing
{
	my ($claim, $shown) = @_;
	my $ledger = ledger_text($node, 'w');
	my $log = slurp_file($node->logfile, $log_start);
	unlike($shown . $log . $ledger, qr/$canary/, "$claim: no value is shown");
	return;
}

# A CALL that fails with this SQLSTATE and leaves all as it was.
sub fails
{
	my ($claim, $sqlstate, $pattern) = @_;
	my $before = join ' ', files_below("$home/raw");
	my ($state, $out, $err) = call_run($node, 'w');
	is($state, $sqlstate, $claim);
	like($err, $pattern, "$claim: the message says where");
	is(sha256_of("$home/lake/sales/sales.parquet"), $published, "$claim: nothing is published");
	is(join(' ', files_below("$home/raw")), $before, "$claim: nothing raw is lost");
	shows_nothing($claim, "$out$err");
	return;
}

exports($account, "$header$good");
is((call_run($node, 'w'))[0], '', 'a good export is published');
$published = sha256_of("$home/lake/sales/sales.parquet");

exports($account, undef);
fails('a missing file', '58P01', qr/Opportunity\.csv" does not exist/);
exports($account, '');
fails('an empty file', '22P04', qr/Opportunity\.csv/);
exports($account, $header);
fails('header only', 'SF004', qr/gate "min_rows"/);
my %records = (
	'a ragged record'     => [ '22P04', "$canary,x\r\n", qr/record 2, byte \d+/ ],
	'an unclosed quote'   => [ '22P04', "006,001,\"$canary,2024", qr/record 2, byte \d+/ ],
	'quote after data'    => [ '22P04', "006,001,$canary\"x,\r\n", qr/record 2, byte \d+, column "stagename"/ ],
	'a NUL'               => [ '22021', "006,001,$canary\0,\r\n", qr/record 2, byte \d+, column "stagename"/ ],
	'invalid UTF-8'       => [ '22021', "006,001,$canary\xe9,\r\n", qr/record 2, byte \d+, column "stagename"/ ],
	'an escaped surrogate' => [ '22021', "006,001,$canary\\ud800,\r\n", qr/record 2, byte \d+, column "stagename"/ ],
	'a truncated escape'  => [ '22P04', "006,001,$canary\\x4,\r\n", qr/record 2, byte \d+, column "stagename"/ ],
	'an impossible date'  => [ '22007', "006,001,x,$canary\r\n", qr/record 2, byte \d+, column "createddate"/ ]);
foreach my $claim (sort keys %records)
{
	my ($sqlstate, $record, $pattern) = @{ $records{$claim} };
	exports($account, "$header$good$record");
	fails($claim, $sqlstate, $pattern);
}

# A finding that is redacted or refused shows its shape alone.
exports($account, $header . $good =~ s/Closed/$canary\@example.org/r);
fails('a planted address', 'SF003', qr/detector "email" matched in column "stage"/);

{
	exports($account, $header . $good =~ s/Closed/$canary/r);
	chmod 0500, "$home/lake/sales";
	fails('a folder that may not be written', '42501', qr/Permission denied/);
	chmod 0700, "$home/lake/sales";
	attempt($node, 'w',
		"SELECT salesforce_fdw.alter_dataset('sales', gates => '{\"min_rows\": 2}')");
	fails('a data set altered while a run is open', '55000', qr/was altered while run/);
}

# Both files are overwritten while a run reads them: a trigger of the target
# does it at the first row, when the other rows are still to come.
my $next = PostgreSQL::Test::Utils::tempdir();
my $marker = "$next/done";
write_text("$next/Account.csv", $account);
write_text("$next/Opportunity.csv", $header . $good =~ s/Closed/Newer $canary/r);
exports($account, $header . $good =~ s/Closed/$canary/r);
$node->safe_psql('w', <<"SQL");
CREATE FUNCTION public.overwrite() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS \$\$
BEGIN
	IF pg_stat_file('$marker', true) IS NULL THEN
		COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; touch $marker; cp $next/*.csv $home/raw/';
	END IF;
	RETURN NEW;
END \$\$;
CREATE TRIGGER overwrite BEFORE INSERT ON crm.sales FOR EACH ROW EXECUTE FUNCTION public.overwrite();
SQL
attempt($node, 'w', "SELECT salesforce_fdw.alter_dataset('sales', gates => '{}')");
{
	my ($state, $out, $err) = call_run($node, 'w', force => 1);
	is($state, '', 'files overwritten while a run reads them: the CALL goes on') or diag($err);
	ok(-e $marker, '... and they were overwritten');
	is( value($node, 'w',
			"SELECT string_agg(concat_ws(' ', state, reason), ', ' ORDER BY number)
				FROM (SELECT * FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 2) r"),
		'refused superseded, closed',
		'... with a run that was superseded, and another one');
	is(value($node, 'w', 'SELECT stage FROM crm.sales'),
		"Newer $canary", '... which publishes the newer file');
	shows_nothing('files overwritten while a run reads them', "$out$err");
}
$node->safe_psql('w', 'DROP FUNCTION public.overwrite() CASCADE');

# COPY of the canary to where it may not go; the statement does not name it.
$node->safe_psql('w', <<"SQL");
CREATE TABLE crm.planted AS SELECT 'Qx7' || 'CANARY9zK' AS name;
GRANT SELECT ON crm.planted TO PUBLIC;
SQL
my $data = $node->data_dir;
my %targets = (
	'without rights'           => [ 'etl', '42501', "$home/outside.parquet" ],
	'outside every server'     => [ 'etl', '42501', 's3://bucket/x.parquet' ],
	'to a relative path'       => [ undef, '42602', 'x.parquet' ],
	'into the data directory'  => [ undef, '42501', "$data/x.parquet" ],
	'into a data set\'s folder' => [ 'etl', '55006', "file://$home/lake/sales/x.parquet" ]);
foreach my $claim (sort keys %targets)
{
	my ($user, $sqlstate, $url) = @{ $targets{$claim} };
	my ($state, $out, $err) = attempt(
		$node, 'w',
		"COPY crm.planted TO '$url' WITH (FORMAT parquet)",
		user => $user // $ENV{USER} // getpwuid($<));
	is($state, $sqlstate, "COPY $claim");
	shows_nothing("COPY $claim", "$out$err");
}
is(join(' ', lake_files("$home/lake")),
	'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'no COPY wrote a file');

# The control: the search finds what PostgreSQL itself shows.
my ($state, $out, $err) =
  attempt($node, 'w', 'SELECT name::integer FROM crm.planted');
like($err, qr/$canary/, 'a failed cast outside a data set shows the canary');
like(slurp_file($node->logfile, $log_start), qr/$canary/, '... and the log has it');
$node->stop;
done_testing();
