# What the tests of the run share: a small world of folders (raw, lake,
# catalog), foreign tables over synthetic exports, and one data set.
package RunTest;
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use Digest::SHA;
use Exporter 'import';
use PostgreSQL::Test::Utils;
use Time::HiRes qw(usleep);

our @EXPORT = qw(new_home make_world write_exports write_text overwrite
  files_below lake_files attempt call_run ledger_text value published_rows expected_rows sha256_of times_ready wait_for_restart);

# A folder with raw/, lake/ and catalog/, outside the data directory.
sub new_home
{
	my $home = abs_path(PostgreSQL::Test::Utils::tempdir());
	mkdir "$home/$_" or die "$home/$_: $!" for qw(raw lake catalog);
	return $home;
}

# Replace a file as an exporter does: write another one, rename it.
sub write_text
{
	my ($path, $text) = @_;
	open my $file, '>', "$path.part" or die "$path: $!";
	binmode $file;
	print $file $text;
	close $file or die "$path: $!";
	rename "$path.part", $path or die "$path: $!";
	return;
}

# A record id of 18 characters that checks: all upper case, so the suffix is
# that of 15 capitals or digits.
sub id_of
{
	my ($prefix, $number) = @_;
	my $id = sprintf '%s%012d', $prefix, $number;
	my $suffix = '';
	for my $block (0 .. 2)
	{
		my $bits = 0;
		for my $i (0 .. 4)
		{
			$bits |= 1 << $i
			  if substr($id, $block * 5 + $i, 1) =~ /[A-Z]/;
		}
		$suffix .= substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', $bits, 1);
	}
	return $id . $suffix;
}

# Day number day's exports: Account, Opportunity and the unread Contact.
# The stage of opportunity i says the day, so that rows tell which export they
# came from; with email => 1 the last stage holds an address, with wide => 1
# each has 256 letters more, which no compression gets small.
sub write_exports
{
	my ($folder, $day, %with) = @_;
	my $rows = $with{rows} // 7;
	my ($account, $opportunity) = (
		"Id,Name,CreatedDate\r\n",
		"Id,AccountId,StageName,CreatedDate\r\n");
	for my $i (1 .. $rows)
	{
		$account .= sprintf "%s,Name of %d,2024-01-%02dT10:00:00.000+0000\r\n",
		  id_of('001', $i), $i, 1 + $i % 28;
		my $stage = "Day $day";
		$stage .= ' ' . join('', map { Digest::SHA::sha512_hex("$day $i $_") } 0, 1) =~ tr/0-9/g-p/r if $with{wide};
		$stage = 'jane.doe@example.org' if $with{email} && $i == $rows;
		$opportunity .= sprintf "%s,%s,%s,2024-02-%02dT10:00:00.000+0000\r\n",
		  id_of('006', $i), id_of('001', $i), $stage, 1 + $i % 28;
	}
	write_text("$folder/Account.csv",     $account);
	write_text("$folder/Opportunity.csv", $opportunity);
	write_text("$folder/Contact.csv",
		"Id,LastName,Email\r\n003000000000001AAA,Doe,jane.doe\@example.org\r\n")
	  unless $with{no_contact};
	return;
}

# Write day's Account.csv and Opportunity.csv over what is there.
sub overwrite
{
	my ($folder, $day) = @_;
	write_exports($folder, $day, no_contact => 1);
	return;
}

# All that the views of the ledger show, as one text.
sub ledger_text
{
	my ($node, $database) = @_;
	return value(
		$node, $database, "SELECT string_agg(t::text, '') FROM (
		SELECT r::text FROM salesforce_fdw.runs r UNION ALL
		SELECT e::text FROM salesforce_fdw.run_events e UNION ALL
		SELECT f::text FROM salesforce_fdw.run_findings f UNION ALL
		SELECT i::text FROM salesforce_fdw.run_inputs i UNION ALL
		SELECT o::text FROM salesforce_fdw.run_outputs o UNION ALL
		SELECT s::text FROM salesforce_fdw.run_status s) AS l (t)");
}

# Rows that the data set has after day's export.
sub expected_rows
{
	my ($day, $rows) = @_;
	return join "\n",
	  map { join '|', id_of('001', $_), id_of('006', $_), "Day $day" }
	  1 .. ($rows // 7);
}

# Make the extension, the servers, the tables and the data set "sales" in a
# database; options go to create_dataset.
sub make_world
{
	my ($node, $database, $home, %options) = @_;
	my $raw  = $options{raw}  // "file://$home/raw/";
	my $lake = $options{lake} // "file://$home/lake/";
	my $catalog = $options{catalog} // "file://$home/catalog/";
	my $reached = defined $options{server_options} ? ", $options{server_options}" : '';
	my $create_database = $options{create_database} ? ", create_database 'true'" : '';
	my $mappings = defined $options{mapping} ? join '', map {
		"CREATE USER MAPPING FOR etl SERVER $_ OPTIONS ($options{mapping});\n" }
	  qw(raw_exports lake) : '';
	my $more = join '',
	  map { ", $_ => $options{$_}" }
	  grep { !/^(raw|lake|catalog|server_options|create_database|mapping)$/ } sort keys %options;
	$node->safe_psql($database, <<"SQL");
CREATE EXTENSION salesforce_fdw;
DO \$\$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'etl') THEN
		CREATE ROLE etl LOGIN;
		GRANT salesforce_fdw_operator TO etl;
	END IF;
END \$\$;
CREATE SCHEMA raw AUTHORIZATION etl;
CREATE SCHEMA crm AUTHORIZATION etl;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw
	OPTIONS (location '$raw'$reached);
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw
	OPTIONS (location '$lake', catalog '$catalog',
		database 'crm_production'$create_database$reached);
${mappings}GRANT USAGE ON FOREIGN SERVER raw_exports, lake TO etl;
SET ROLE etl;
CREATE FOREIGN TABLE raw.account (id text, name text, createddate timestamp)
	SERVER raw_exports OPTIONS (object 'Account', dialect 'cds');
CREATE FOREIGN TABLE raw.opportunity (id text, accountid text, stagename text,
	createddate timestamp)
	SERVER raw_exports OPTIONS (object 'Opportunity', dialect 'cds');
SELECT salesforce_fdw.create_dataset('sales', destination => 'lake',
	path => 'sales/', target => 'crm.sales',
	query => 'SELECT a.id AS accountid, o.id AS opportunityid,
		o.stagename AS stage, o.createddate AS created
		FROM raw.account a JOIN raw.opportunity o ON o.accountid = a.id',
	sorted_by => '{accountid,opportunityid}'$more);
SQL
	return;
}

# Run SQL that may fail: (SQLSTATE or '', output, messages).
sub attempt
{
	my ($node, $database, $sql, %with) = @_;
	my ($out, $err) = ('', '');
	my $user = $with{user} // 'etl';
	my $status = $node->psql(
		$database, "\\set VERBOSITY verbose\n$sql",
		stdout       => \$out,
		stderr       => \$err,
		extra_params => [ '-U', $user ],
		on_error_die  => 0,
		on_error_stop => 0);
	my ($state) = $err =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5}):/;
	$state //= $status == 0 ? '' : 'killed';
	return ($state, $out, $err);
}

# CALL run() in a session of its own.
sub call_run
{
	my ($node, $database, %with) = @_;
	my $force = $with{force} ? ', force => true' : '';
	return attempt($node, $database,
		($with{before} // '') . "CALL salesforce_fdw.run('sales'$force);",
		%with);
}

# How often a server whose log_min_messages is "log" got ready.
sub times_ready
{
	my ($node) = @_;
	return scalar(() = slurp_file($node->logfile) =~
		  /database system is ready to accept connections/g);
}

# Wait until a server that was ready that often has restarted after a crash:
# right after a kill it may still take a connection, and then end it.
sub wait_for_restart
{
	my ($node, $before) = @_;
	for (1 .. 6000)
	{
		return if times_ready($node) > $before;
		usleep(10_000);
	}
	die 'the server did not come back';
}

# One value, as a superuser.
sub value
{
	my ($node, $database, $sql) = @_;
	return $node->safe_psql($database, $sql);
}

# The target's rows but for the timestamp, in order.
sub published_rows
{
	my ($node, $database) = @_;
	return value($node, $database,
		'SELECT accountid, opportunityid, stage FROM crm.sales ORDER BY 1, 2');
}

# Every file below a folder, relative to it.
sub files_below
{
	my ($folder) = @_;
	my @files = split /\n/, `find '$folder' -type f -printf '%P\\n' | sort`;
	return @files;
}

# The same of a lake, but for the evidence, of which each run leaves a file.
sub lake_files
{
	my ($folder) = @_;
	return grep { !m{/_evidence/[0-9a-f-]{36}\.json$} } files_below($folder);
}

# SHA-256 of a file.
sub sha256_of
{
	my ($path) = @_;
	return Digest::SHA->new(256)->addfile($path, 'b')->hexdigest;
}

1;
