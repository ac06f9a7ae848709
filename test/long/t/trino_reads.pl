# Claim: Trino, which Athena is made of, knowing only Glue and S3, reads the
# documented table by the documented query, with the same wall-clock values
# wherever its clocks are; and while runs publish, in place or in versions,
# each answer is one whole version.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use TrinoTest;

my $runs = 10;
my $database = 'bes_crm_salesforce_production';
my $source = "$FindBin::RealBin/../../..";
my $s3 = start_s3();
my $moto = start_moto();
my $trino = start_trino($s3, $moto);
my $home = new_home();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);

my $node = PostgreSQL::Test::Cluster->new('trino_reads');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;

# --- the shipped data set, at its real size
my $options = s3_options($s3, $moto);
system_or_bail('python3', "$source/test/gen_salesforce.py", "$home/raw", '--account', '2200r', '--opportunity', '2200r');
s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", qw(Account.csv Opportunity.csv));
$node->safe_psql('postgres', 'CREATE DATABASE crm');
$node->safe_psql('crm', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA raw; CREATE SCHEMA crm;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/crm/', $options);
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw
	OPTIONS (location 's3://lake/', catalog 'glue', database '$database', create_database 'true', $options);
CREATE USER MAPPING FOR CURRENT_USER SERVER raw_exports OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
CREATE USER MAPPING FOR CURRENT_USER SERVER lake OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
IMPORT FOREIGN SCHEMA salesforce LIMIT TO (account, opportunity) FROM SERVER raw_exports INTO raw;
SELECT salesforce_fdw.create_dataset('account_opportunity', destination => 'lake', path => 'bes/crm/salesforce/',
	source_schema => 'raw', target => 'crm.account_opportunity',
	accept => '{"Account.Name": "documented column", "Opportunity.Name": "documented column"}');
CALL salesforce_fdw.run('account_opportunity');
SQL

# Rows of the target as Trino gives them: milliseconds always.
sub stored
{
	my ($rows) = @_;
	my $ids = join ', ', map { "'$_->[3]'" } @$rows;
	my $text = $node->safe_psql('crm', "SELECT accountid, accountname, to_char(accountcreateddate, 'YYYY-MM-DD HH24:MI:SS'),
		opportunityid, opportunityname, to_char(opportunitycreateddate, 'YYYY-MM-DD HH24:MI:SS'), coalesce(product_to_add__c, '(null)')
		FROM crm.account_opportunity WHERE opportunityid IN ($ids) ORDER BY opportunityid");
	return $text;
}

sub as_text
{
	my ($rows) = @_;
	my @lines;
	for my $row (sort { $a->[3] cmp $b->[3] } @$rows)
	{
		my @values = map { $_ // '(null)' } @$row;
		utf8::encode($_) for @values;
		s/\.000(000)?$// for @values[ 2, 5 ];
		push @lines, join '|', @values;
	}
	return join "\n", @lines;
}

for my $catalog (qw(utc toronto))
{
	for my $zone (qw(UTC America/Toronto))
	{
		my $rows = trino($trino, $zone, qq{SELECT * FROM $catalog."$database"."account_opportunity" LIMIT 10});
		is(scalar(@$rows), 10, "files in $catalog, session in $zone: ten rows");
		is(as_text($rows), stored($rows), '... with the stored values');
		note("table: $catalog, $zone: " . join ' | ', map { $_ // 'NULL' } @{ $rows->[0] }) ;
	}
}
my ($count) = @{ trino($trino, 'UTC', qq{SELECT count(*), min(accountcreateddate), max(opportunitycreateddate) FROM utc."$database".account_opportunity}) };
is( join('|', map { s/\.000(000)?$//r } @$count),
	$node->safe_psql('crm', "SELECT count(*), to_char(min(accountcreateddate), 'YYYY-MM-DD HH24:MI:SS'), to_char(max(opportunitycreateddate), 'YYYY-MM-DD HH24:MI:SS') FROM crm.account_opportunity"),
	'all rows are there, by their aggregates');

# --- while runs publish
for my $publish (qw(inplace versioned))
{
	my $world = "w_$publish";
	$node->safe_psql('postgres', "CREATE DATABASE $world");
	make_world($node, $world, $home, raw => "s3://raw/$publish/", lake => "s3://lake/$publish/", catalog => 'glue',
		server_options => $options, create_database => 1,
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'", publish => "'$publish'");
	my $stop;
	for my $day (0 .. $runs)
	{
		write_exports("$home/raw", $day);
		s3($s3, 'put-all', 'raw', "$publish/", "$home/raw", qw(Account.csv Opportunity.csv));
		if ($day == 0 && $publish eq 'versioned')
		{
			# Both worlds call their table "sales"; the first is done with it.
			glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "sales"}');
		}
		my ($state, $out, $err) = call_run($node, $world);
		is($state, '', "$publish: run $day") or diag $err;
		$stop = trino_polls($trino, 'utc.crm_production.sales', 'stage', 7) if $day == 0;
		# Let it be queried between the runs as well.
		sleep 1;
	}
	my $polled = $stop->();
	is_deeply($polled->{wrong}, [], "$publish: each of $polled->{answers} answers was one whole version")
	  or diag explain $polled->{wrong};
	cmp_ok($polled->{answers}, '>=', $runs, '... there were several a run');
	is(scalar(@{ $polled->{seen} }), $runs + 1, '... every version was seen') or diag explain $polled->{seen};

	# Trino asks for as many bytes from the end of a file as a listing said it
	# had: of a file that was replaced since, it may get too few or too many, and
	# then cannot read it.  That is an error, never an answer; and a table is
	# there all the time.
	my @errors = @{ $polled->{errors} };
	cmp_ok(scalar @errors, '<=', $publish eq 'inplace' ? $runs : 0, '... an error came only of a file replaced in place') or diag explain \@errors;
	is_deeply([ grep { /NOT_FOUND|NoSuchKey|does not exist/i } @errors ], [], '... and none for want of a table or file');
	note("figure: $publish: $polled->{answers} answers during $runs runs, all whole; errors instead of an answer: " . scalar @errors);
}

$node->stop;
done_testing();
