# The library loads, alone and preloaded, and the extension can be created,
# dropped and created again by a superuser only.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('load');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'salesforce_fdw'");
$node->start;

is($node->safe_psql('postgres', 'SHOW shared_preload_libraries'),
	'salesforce_fdw', 'the library is preloaded');
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');
is( $node->safe_psql(
		'postgres',
		"SELECT extversion FROM pg_extension WHERE extname = 'salesforce_fdw'"),
	'1.0',
	'the extension is created');
$node->safe_psql('postgres', 'DROP EXTENSION salesforce_fdw CASCADE');
$node->safe_psql('postgres', 'CREATE ROLE nobody LOGIN');
$node->safe_psql('postgres', 'GRANT CREATE ON DATABASE postgres TO nobody');
my ($status, $out, $err) = $node->psql(
	'postgres', 'CREATE EXTENSION salesforce_fdw',
	extra_params => [ '-U', 'nobody' ]);
like($err, qr/permission denied to create extension/,
	'an ordinary user may not create it');
$node->stop;
done_testing();
