# Whatever version was installed first, after ALTER EXTENSION UPDATE the catalog
# is that of a fresh install: every object with its definition, defaults,
# constraints, rights, comments, which tables are dumped, and the rows that come
# with the extension.  So it is after DROP and CREATE, and in a restored dump.
# The comparison is seen to find what an upgrade script forgets.
use strict;
use warnings FATAL => 'all';
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $scripts = "$FindBin::RealBin/../../sql";
my @versions = map { m{salesforce_fdw--([^-]+)\.sql$} ? $1 : () } sort glob "$scripts/*.sql";
my $installed = `pg_config --sharedir` =~ s/\n//r . '/extension';
my $node = PostgreSQL::Test::Cluster->new('upgrade');
$node->init;
$node->start;

# A dump as pg_upgrade makes it has every member of an extension, and which of
# its tables are configuration; but for OIDs, and the version.
sub catalog_of
{
	my ($database) = @_;
	my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
	system_or_bail('pg_dump', '--binary-upgrade', '--schema-only', '-f', $dump, '-d', $node->connstr($database));
	my $text = slurp_file($dump);
	$text =~ s/^SELECT pg_catalog\.binary_upgrade_set_next_\w+\(.*\n|^\\(un)?restrict .*\n//mg;
	$text =~ s/^UPDATE pg_catalog\.pg_class\nSET relfrozenxid .*\nWHERE .*\n//mg;
	$text =~ s/binary_upgrade_create_empty_extension\('salesforce_fdw', 'pg_catalog', false, '\K[^']+//;
	$text =~ s/'(\{\d[\d,]*\})'/tables_of($database, $1)/e;
	my $rows = $node->safe_psql($database, <<'SQL');
SELECT 'shipped ' || s FROM salesforce_fdw.shipped_definition s ORDER BY 1;
SELECT 'at ' || pg_describe_object(classid, objid, objsubid) FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'salesforce_fdw') ORDER BY 1;
SQL
	return "$text\n\n" . $rows =~ s/\n(?=at |shipped )/\n\n/gr;
}

sub tables_of
{
	my ($database, $oids) = @_;
	return $node->safe_psql($database, "SELECT array_agg(o::regclass ORDER BY o::regclass::text) FROM unnest('$oids'::oid[]) o");
}

# Paragraphs of one catalog that the other does not have, both ways.
sub differences
{
	my ($one, $other) = @_;
	my %parts_of = map { my $text = $_; $text => { map { $_ => 1 } split /\n\n+/, $text } } $one, $other;
	return join "\n", (map { "- $_" } grep { !$parts_of{$other}{$_} } split /\n\n+/, $one),
	  (map { "+ $_" } grep { !$parts_of{$one}{$_} } split /\n\n+/, $other);
}

my $databases = 0;
sub database_with
{
	my ($sql) = @_;
	my $name = 'd' . ++$databases;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, $sql);
	return $name;
}

my $fresh = catalog_of(database_with('CREATE EXTENSION salesforce_fdw'));
like($fresh, qr/CREATE FUNCTION salesforce_fdw\.create_dataset\(/, 'the catalog has the functions');
like($fresh, qr/CREATE TABLE salesforce_fdw\.dataset \(/, '... the tables');
like($fresh, qr/GRANT SELECT ON TABLE salesforce_fdw\.dataset TO salesforce_fdw_audit;/, '... rights');
like($fresh, qr/COMMENT ON COLUMN salesforce_fdw\.runs\.state /, '... comments');
like($fresh, qr/binary_upgrade_create_empty_extension\(.*salesforce_fdw\.dataset_version/, '... and what is dumped with its rows');

# --- every version that there is, by every way that leads here
my $default = $node->safe_psql('postgres', "SELECT default_version FROM pg_available_extensions WHERE name = 'salesforce_fdw'");
ok((grep { $_ eq $default } @versions), "there is a script for version $default");
my $paths = 0;
for my $version (@versions)
{
	my @ways = split /\n/, $node->safe_psql('postgres', <<"SQL");
SELECT path FROM pg_extension_update_paths('salesforce_fdw')
 WHERE source = '$version' AND target = '$default' AND path IS NOT NULL
SQL
	isnt(scalar @ways, 0, "a way leads from version $version to $default") if $version ne $default;
	my $name = database_with("CREATE EXTENSION salesforce_fdw VERSION '$version'; ALTER EXTENSION salesforce_fdw UPDATE;");
	is(differences($fresh, catalog_of($name)), '', "version $version becomes $default");
	$paths += @ways;
}
note(sprintf 'count: %d versions, %d ways between them', scalar @versions, $paths);

# --- dropped and made again, dumped and restored
my $again = database_with('CREATE EXTENSION salesforce_fdw; DROP EXTENSION salesforce_fdw CASCADE; CREATE EXTENSION salesforce_fdw');
is(differences($fresh, catalog_of($again)), '', 'it is the same when made again');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/plain.sql';
system_or_bail('pg_dump', '-f', $dump, '-d', $node->connstr($again));
is(differences($fresh, catalog_of(database_with(slurp_file($dump)))), '', '... and in a restored dump');

# --- the comparison: an earlier version, made up, and scripts that lead from it
# to this one but for one thing.  Each is what the made-up version has in the
# place of what, and what the upgrade has to say.
my %parts = (
	'a right' => [ qr/^GRANT SELECT ON salesforce_fdw\.shipped_definition TO salesforce_fdw_policy;\n/m, '',
		'GRANT SELECT ON salesforce_fdw.shipped_definition TO salesforce_fdw_policy' ],
	'a right that is taken from PUBLIC' => [ qr/^REVOKE ALL ON FUNCTION salesforce_fdw\.k_anonymity FROM PUBLIC;\n/m, '',
		'REVOKE ALL ON FUNCTION salesforce_fdw.k_anonymity FROM PUBLIC' ],
	'a comment' => [ qr/'what metrics\(\) returns'/, q{'figures'}, q{COMMENT ON VIEW salesforce_fdw.run_metrics IS 'what metrics() returns'} ],
	'a default of a column' => [ qr/^CREATE TABLE salesforce_fdw\.shipped_definition \(\n\s*name pg_catalog\.text\K /m, q{ DEFAULT '' },
		'ALTER TABLE salesforce_fdw.shipped_definition ALTER name DROP DEFAULT' ],
	'a default of a parameter' => [ qr/keep_last pg_catalog\.int4 DEFAULT 0\K/, '1', <<'SQL' ],
CREATE OR REPLACE FUNCTION salesforce_fdw.mask(value pg_catalog.text, keep_first pg_catalog.int4 DEFAULT 0, keep_last pg_catalog.int4 DEFAULT 0)
RETURNS pg_catalog.text AS 'MODULE_PATHNAME', 'sfdw_sql_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
SQL
	'volatility' => [ qr/'sfdw_sql_column_classes'\nLANGUAGE C \KSTABLE/, 'VOLATILE', 'ALTER FUNCTION salesforce_fdw.column_classes(regclass) STABLE' ],
	'a constraint' => [ qr/UNIQUE \(target_schema, target_name\)/, 'UNIQUE (target_name)', <<'SQL' ],
ALTER TABLE salesforce_fdw.dataset DROP CONSTRAINT dataset_target_name_key;
ALTER TABLE salesforce_fdw.dataset ADD UNIQUE (target_schema, target_name)
SQL
	'an index' => [ qr/^CREATE INDEX dataset_version_name_idx\n.*\n/m, '',
		'CREATE INDEX dataset_version_name_idx ON salesforce_fdw.dataset_version (name, version)' ],
	'rows that are dumped' => [ qr/^SELECT pg_catalog\.pg_extension_config_dump\('salesforce_fdw\.dataset_version', ''\);\n/m, '',
		q{SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.dataset_version', '')} ],
	'rows that come with it' => [ qr/"Salesforce id of the account"/, '"Id"',
		q{UPDATE salesforce_fdw.shipped_definition SET column_comments = pg_catalog.jsonb_set(column_comments, '{accountid}', '"Salesforce id of the account"')} ],
	'membership' => [ qr/^(?=CREATE FUNCTION salesforce_fdw\.policy_hash\()/m,
		"CREATE FUNCTION salesforce_fdw.older() RETURNS pg_catalog.int4 LANGUAGE sql AS 'SELECT 1';\n", 'DROP FUNCTION salesforce_fdw.older()' ]);
my $old = slurp_file("$scripts/salesforce_fdw--$default.sql");
for my $what (sort keys %parts)
{
	my ($place, $text) = @{ $parts{$what} };
	is($old =~ s/$place/$text/, 1, "the made-up version lacks $what");
}
END { unlink glob "$installed/salesforce_fdw--0*.sql" if defined $installed }
sub write_script { my ($name, $text) = @_; unlink "$installed/$name"; append_to_file("$installed/$name", $text); return }
write_script('salesforce_fdw--0.sql', $old);
for my $forgotten ('', sort keys %parts)
{
	write_script("salesforce_fdw--0--$default.sql", join '', map { "$parts{$_}[2];\n" } grep { $_ ne $forgotten } sort keys %parts);
	my $name = database_with("CREATE EXTENSION salesforce_fdw VERSION '0'; ALTER EXTENSION salesforce_fdw UPDATE;");
	my $found = differences($fresh, catalog_of($name));
	if ($forgotten eq '') { is($found, '', 'an upgrade that forgets nothing gives a fresh install') }
	else { isnt($found, '', "it is found when an upgrade forgets $forgotten"); note($found) }
}
$node->stop;
done_testing();
