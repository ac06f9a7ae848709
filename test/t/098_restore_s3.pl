# Claim: on buckets and Glue, too, a database that was restored or copied, or a
# standby that was promoted with a ledger that is behind, changes no version of
# any object and no table until take_over(); then it goes on where reality is, and
# the database before it is refused.  In place, in versions, and in a bucket that
# keeps no versions.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RestoreTest;
use RunTest;
use Test::More;

my $s3 = start_s3();
my $moto = start_moto();
my $home = new_home();
my ($state, $out, $err);
my ($mode, $lake);
s3($s3, 'make', 'raw', 'Enabled');
s3($s3, 'make', 'lake', 'Enabled');
s3($s3, 'make', 'plain');

sub table { my $table = decode_json(glue($moto, 'get_table', qq({"DatabaseName": "crm_$mode", "Name": "sales"}))); return JSON::PP->new->canonical->encode($table->{Table}) }
sub world { return join "\n", (map { s3($s3, 'versions', $_) } 'raw', $lake), (map { s3($s3, 'uploads', $_) } 'raw', $lake), table() }
sub raw { return s3($s3, 'list', 'raw', "$mode/") }
sub latest { return join ' ', sort map { m{^\Q$mode\E/sales/([^|]+)\|.*latest$} ? $1 =~ s{_runs/[^/]+}{_runs/RUN}r : () } split /\n/, s3($s3, 'list', $lake, "$mode/") }

sub readers_see
{
	my ($found) = run_command([ $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/lake_reader.py", 'once', 'aws',
		$s3->{endpoint}, $moto->{endpoint}, "crm_$mode", 'sales' ]);
	return join ' ', sort keys %{ decode_json($found)->{stages} };
}

sub run_day
{
	my ($node, $day) = @_;
	write_exports("$home/raw", $day);
	s3($s3, 'put-all', 'raw', "$mode/", "$home/raw", qw(Account.csv Opportunity.csv Contact.csv));
	($state, $out, $err) = call_run($node, 'w');
	return $state;
}

sub goes_on
{
	my ($node, $name, $day) = @_;
	($state, $out, $err) = take_over($node);
	is($state, '', "$mode: $name: told to go on") or diag $err;
	$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
	is(run_day($node, $day), '', '... it publishes') or diag $err;
	is(published_rows($node, 'w'), expected_rows($day), '... the rows of the day');
	is(readers_see(), "Day $day", '... which readers see');
	is(raw(), '', '... and purges');
	is(s3($s3, 'uploads', $lake), '', '... and leaves no upload');
	unlike(s3($s3, 'list', $lake), qr/_staging/, '... and nothing in staging');
	is(value($node, 'w', "SELECT count(*) FROM salesforce_fdw.runs WHERE state NOT IN ('closed', 'abandoned')"), '0', '... and no run is left over');
	return;
}

for (qw(inplace versioned plain))
{
	$mode = $_;
	$lake = $mode eq 'plain' ? 'plain' : 'lake';
	my $publish = $mode eq 'versioned' ? 'versioned' : 'inplace';
	my $primary = new_primary("primary_$mode");
	make_world($primary, 'w', $home, raw => "s3://raw/$mode/", lake => "s3://$lake/$mode/", catalog => 'glue', create_database => 1,
		server_options => s3_options($s3, $moto), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://raw/$mode/'", publish => "'$publish'", keep_runs => 1);
	$primary->safe_psql('w', "ALTER SERVER lake OPTIONS (SET database 'crm_$mode')");
	is(run_day($primary, 1), '', "$mode: the first day") or diag $err;
	$primary->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '1 day')");
	is(run_day($primary, 2), '', '... and the second') or diag $err;
	is(value($primary, 'w', 'SELECT state FROM salesforce_fdw.run_status'), 'purge_pending', '... which is not purged yet');

	# --- copies that know everything
	my $dump = dump_elsewhere($primary);
	my $backup = base_backup($primary);
	$backup->start;
	my @behind = ([ 'nothing', base_backup($primary) ]);
	for my $case ([ $dump, 'a dump', 'another cluster' ], [ $backup, 'a base backup', 'another data directory' ])
	{
		my ($node, $name, $reason) = @$case;
		$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
		is_refused($node, "$mode: $name", $reason, \&world);
	}
	goes_on($dump, 'a dump', 3);
	write_exports("$home/raw", 4);
	s3($s3, 'put-all', 'raw', "$mode/", "$home/raw", qw(Account.csv Opportunity.csv));
	is_refused($primary, "$mode: the owner until then", '_owner\.json" names database "w"', \&world);
	goes_on($primary, 'the first one again', 4);
	$_->stop('immediate') for $dump, $backup;

	# --- standbys that do not know what the primary has published since
	my %seen;
	write_exports("$home/raw", 5);
	s3($s3, 'put-all', 'raw', "$mode/", "$home/raw", qw(Account.csv Opportunity.csv));
	$primary->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
	for my $count (1 .. 30)
	{
		my $now = steps($primary, keys %seen == 0 ? $count : $seen{materialized} && !$seen{staged} ? 2 : 1);
		last if keys %seen > 0 && $now eq 'closed';
		next if $now =~ /closed|pending/;
		push @behind, [ $now, base_backup($primary) ] if !$seen{$now}++ && $now =~ /^(materialized|verified|published)$/;
	}
	is(run_day($primary, 6), '', "$mode: the primary has published since") or diag $err;
	$primary->stop('immediate');
	my $day = 6;
	for my $case (@behind)
	{
		my ($lag, $node) = @$case;
		$node->set_standby_mode;
		$node->start;
		promote($node);
		is_refused($node, "$mode: a standby that knows \"$lag\"", 'another timeline', \&world, $lag eq 'nothing' ? () : (is_open => 1));
		my $objects = latest();
		my $seen_before = readers_see();
		($state, $out, $err) = take_over($node);
		like($err, qr/Run "[^"]*", which the ledger did not have, was adopted/, '... told to go on, it adopts what was published') or diag $err;
		($state, $out, $err) = call_run($node, 'w');
		is($state, '', '... its CALL goes on') or diag $err;
		is(readers_see(), $seen_before, '... and readers see what they saw');
		goes_on($node, "a standby that knew \"$lag\"", ++$day);
		$node->stop('immediate') if $case != $behind[-1];
	}

	# --- two take over at the same time
	my $last = $behind[-1][1];
	$last->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE w") for qw(a b);
	my $other = 'psql -X -d "' . $last->connstr('b') . q{" -U etl -c "SELECT salesforce_fdw.take_over('sales', 'faster')"};
	($state, $out, $err) = attempt($last, 'a', "LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_point = 'owner.write staged';
		SET salesforce_fdw.fault_action = \$\$sh:$other\$\$; SET ROLE etl; SELECT salesforce_fdw.take_over('sales', 'slower')", user => $ENV{USER} // getpwuid($<));
	is($state, 'SF005', "$mode: of two that take over at the same time, the slower one gets an error") or diag $err;
	is((call_run($last, 'a'))[0], 'SF007', '... it is not the owner');
	is((call_run($last, 'b'))[0], '', '... the other one is');
	unlike(s3($s3, 'list', $lake), qr/_staging/, '... and nothing is left in staging');

	# --- the object marked as deleted, and damaged
	s3($s3, 'mark', $lake, "$mode/sales/_owner.json") if $mode ne 'plain';
	if ($mode ne 'plain')
	{
		is_refused($last, "$mode: an object that is gone", '_owner\.json" is gone', \&world, database => 'b');
		($state, $out, $err) = take_over($last, database => 'b');
		is($state, '', '... until it is taken over') or diag $err;
		is((call_run($last, 'b'))[0], '', '... and goes on');
	}
	write_text("$home/damaged", '{"product": "other"}');
	s3($s3, 'put', $lake, "$mode/sales/_owner.json", "$home/damaged");
	is_refused($last, "$mode: an object that is another product's", 'is another product\'s', \&world, database => 'b');
	$last->stop('immediate');
	note("table: $mode: " . latest());
}
done_testing();
