# What the tests of file:// storage share: a cluster with the interface as SQL
# functions, a folder, and a server "raw" on it.
package StorageTest;
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(setup_storage new_folder write_file read_file sqlstate_of
  attempt listing);

my $here = abs_path(dirname(__FILE__));

# Make the functions, a wrapper, and a server for each name => location.
sub setup_storage
{
	my ($node, %locations) = @_;
	$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');
	$node->safe_psql('postgres', slurp_file("$here/../modules/functions.sql"));
	$node->safe_psql('postgres', 'CREATE FOREIGN DATA WRAPPER storage_test');
	add_server($node, $_, $locations{$_}) for sort keys %locations;
	return;
}

sub add_server
{
	my ($node, $name, $location) = @_;
	$node->safe_psql('postgres',
		"CREATE SERVER $name FOREIGN DATA WRAPPER storage_test OPTIONS (location '$location')"
	);
	return;
}

# A new empty folder outside the data directory.
sub new_folder
{
	return abs_path(PostgreSQL::Test::Utils::tempdir());
}

# Replace a file as an exporter does: write another one, rename it.
sub write_file
{
	my ($path, $text) = @_;
	open my $file, '>', "$path.part" or die "$path: $!";
	print $file $text;
	close $file or die "$path: $!";
	rename "$path.part", $path or die "$path: $!";
	return;
}

sub read_file
{
	my ($path) = @_;
	return -e $path ? slurp_file($path) : undef;
}

# Run SQL that may fail; SQLSTATE (or "" when it did not), output, message.
sub attempt
{
	my ($node, $sql) = @_;
	my ($status, $out, $err) =
	  $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	my ($sqlstate) = $err =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5}):/;
	$sqlstate //= $err =~ /server closed the connection|connection to server was lost/
	  ? 'killed'
	  : $status == 0 ? ''
	  :                "status $status: $err";
	return ($sqlstate, $out, $err);
}

sub sqlstate_of
{
	return (attempt(@_))[0];
}

# "key" for a current version, "key (aside)" for one that is not.
sub listing
{
	my ($node, $server) = @_;
	return $node->safe_psql('postgres',
		"SELECT string_agg(key || CASE WHEN is_latest THEN '' ELSE ' (aside)' END, ', ') FROM test_storage_list('$server')"
	);
}

1;
