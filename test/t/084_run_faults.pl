# Claim: whichever request of a whole run on buckets and Glue fails, in
# whatever way, once or for good: the run comes to its end, or the next CALL
# brings it there; the rows are right, everything raw is gone, nothing staged
# and no upload is left, and the table is registered once.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $s3 = start_s3();
my $moto = start_moto();
my %faults = (s3 => start_faults($s3->{port}), glue => start_faults($moto->{port}));
my $home = new_home();
my $world = 0;
my $node = PostgreSQL::Test::Cluster->new('run_faults');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off");
$node->start;
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
for my $day (0, 1)
{
	mkdir "$home/day$day";
	write_exports("$home/day$day", $day);
}
sub export_day { s3($s3, 'put-all', 'raw', "$world/", "$home/day$_[0]", qw(Account.csv Opportunity.csv Contact.csv)); return }

# A database, folders and a catalog's database of its own; the day before was
# published, so that object and table are replaced.
sub new_world
{
	$world++;
	set_rules($_) for values %faults;
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w');
	make_world($node, 'w', $home, raw => "s3://raw/$world/", lake => "s3://lake/$world/", catalog => 'glue', create_database => 1,
		server_options => s3_options($faults{s3}, $faults{glue}),
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://raw/$world/'");
	glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "sales"}');
	export_day(0);
	my ($error, $out, $err) = call_run($node, 'w');
	die $err if $error ne '';
	$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'as of today'");
	export_day(1);
	set_rules($_) for values %faults;
	return;
}

# The rows of the published file, by another reader.
sub published
{
	my $file = "$home/published.parquet";
	unlink $file;
	s3($s3, 'get', 'lake', "$world/sales/sales.parquet", $file);
	my ($rows) = run_command([ $ENV{SFDW_PYTHON}, '-c',
		'import sys, pyarrow.parquet as pq; '
		  . 'print("\n".join("|".join([r["accountid"], r["opportunityid"], r["stage"]]) '
		  . 'for r in pq.read_table(sys.argv[1]).to_pylist()))', $file ]);
	return $rows;
}

sub is_complete
{
	my ($name) = @_;
	my @wrong;
	push @wrong, 'the published rows are others' if published() ne expected_rows(1);
	push @wrong, 'raw versions are left' if s3($s3, 'list', 'raw', "$world/") ne '';
	push @wrong, 'staged versions are left' if s3($s3, 'list', 'lake', "$world/") =~ /_staging/;
	push @wrong, 'an upload is left' if s3($s3, 'uploads', 'lake', "$world/") ne '';
	my $versions = () = s3($s3, 'list', 'lake', "$world/sales/sales.parquet") =~ /\|Version\|/g;
	push @wrong, "the object has $versions versions" if $versions != 2;
	my $table = decode_json(glue($moto, 'get_table', '{"DatabaseName": "crm_production", "Name": "sales"}'));
	push @wrong, 'the table is not registered' if ($table->{Table}{Description} // '') ne 'as of today';
	my ($state, $runs) = split /\|/, value($node, 'w', q{SELECT (SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1), (SELECT count(*) FROM salesforce_fdw.runs WHERE published_at IS NOT NULL)});
	push @wrong, "the state is $state" if $state ne 'closed';
	push @wrong, "$runs runs have published" if $runs != 2;
	diag("$name: $_") for @wrong;
	return !@wrong;
}

# --- the requests of a clean run
new_world();
my ($error, $out, $err) = call_run($node, 'w');
is($error, '', 'a run without faults') or diag $err;
ok(is_complete('clean run'), '... is complete');
my %requests;
for my $service (sort keys %faults)
{
	$requests{$service} = [ map { s/^\d+ (.*) pass$/$1/r } split /\n/, slurp_file($faults{$service}{log}) ];
	note("table: $service request $_: " . $requests{$service}[ $_ - 1 ] =~ s/uploadId=[^&]*/uploadId=…/r =~ s/versionId=[^&]*/versionId=…/r)
	  for 1 .. @{ $requests{$service} };
}

# --- each of them fails
my %body = map { $_ => "<Error><Code>$_</Code></Error>" } qw(InternalError AccessDenied SlowDown);
my @kinds = (
	[ 'status 500', { do => 'status', code => 500, body => $body{InternalError} } ],
	[ 'a lost answer', { do => 'lose' } ],
	[ 'half an answer', { do => 'cut' } ],
	[ 'a closed connection', { do => 'drop' } ],
	[ 'SlowDown for good', { do => 'status', code => 503, body => $body{SlowDown}, times => 1000 } ],
	[ 'AccessDenied for good', { do => 'status', code => 403, body => $body{AccessDenied}, times => 1000 } ],
	[ 'lost answers for good', { do => 'lose', times => 1000 } ]);
my ($tried, $complete, $failed) = (0, 0, 0);
my @table;
for my $service (sort keys %requests)
{
	for my $number (1 .. @{ $requests{$service} })
	{
		for my $kind (0 .. $#kinds)
		{
			# On demand all; every day one kind for each third request.
			next unless $ENV{SFDW_ALL} || !$ENV{SFDW_SLOW} && $number % 3 == 0 && $kind == $number / 3 % @kinds;
			my ($what, $rule) = @{ $kinds[$kind] };
			my $name = "$service request $number, $what";
			new_world();
			set_rules($faults{$service}, { match => '', nth => $number, %$rule });
			my ($first, $output, $message) = call_run($node, 'w');
			$failed++ if $first ne '';
			set_rules($_) for values %faults;
			my ($second, $output2, $message2) = call_run($node, 'w');
			my $is_fine = $second eq '' && is_complete($name);
			diag("$name: $message2") if $second ne '';
			$tried++;
			$complete++ if $is_fine;
			push @table, sprintf '%-52s first CALL %-8s %s', $name, $first || 'fine', $is_fine ? 'complete' : 'WRONG';
		}
	}
}
is($complete, $tried, "after each of $tried faults everything is complete");
note("table: $_") for @table;
note("figure: $failed of $tried first CALLs ended with an error");

$node->stop;
done_testing();
