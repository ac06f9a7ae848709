# Pgspot finds nothing in the extension's scripts but what is listed here with
# its reason; and it finds offences that are planted in them.
use strict;
use warnings FATAL => 'all';
use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = "$FindBin::RealBin/../..";
my @scripts = glob "$root/sql/salesforce_fdw--*.sql";

# What is found in scripts, without the line where.
sub findings
{
	my (@paths) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ $ENV{SFDW_PYTHON}, "$root/test/script_check.py", @paths ], '>', \$out, '2>', \$err);
	is($err, '', 'pgspot reads to the end');
	return map { s/ at line \d+$//r } split /\n/, $out;
}

my %listed = (
	'PS005: Function without explicit search_path: salesforce_fdw.run(name pg_catalog.text,force boolean)' =>
	  'a procedure with a SET clause cannot commit; its body qualifies every name and operator');

cmp_ok(scalar @scripts, '>=', 1, 'there is a script');
is(join("\n", grep { !$listed{$_} } findings(@scripts)), '', 'nothing is found but what is listed');
note("count: $_ ($listed{$_})") for sort keys %listed;

# Planted: what is written into the script, in the place of what, and what is
# found.
my $script = slurp_file((sort @scripts)[0]);
my $here = qr/^GRANT USAGE ON SCHEMA salesforce_fdw TO PUBLIC;\n\K/m;
my @planted = (
	[ 'no search_path', qr/^SET LOCAL search_path.*\n/m, '', qr/^PS001: .*: '=' in p\.state/ ],
	[ 'a search_path with public', qr/^SET LOCAL search_path.*\n/m, "SET LOCAL search_path = public, pg_catalog, pg_temp;\n", qr/^PS001: / ],
	[ 'an operator in SQL that is no text', qr/^SET LOCAL search_path.*\n/m,
		"CREATE SCHEMA early; CREATE FUNCTION early.f() RETURNS pg_catalog.bool RETURN (1 = 1);\n", qr/^PS001: .*: '=' in 1 = 1/ ],
	[ 'an operator in the procedure', qr/^LANGUAGE plpgsql SECURITY INVOKER\nAS \S+\n(.*\n)*?BEGIN\n\K/m,
		"IF name = '' THEN RETURN; END IF;\n", qr/^PS001: .*: '=' in name = ''/ ],
	[ 'OR REPLACE', $here, "CREATE OR REPLACE FUNCTION public.f() RETURNS pg_catalog.int4 LANGUAGE C AS 'x', 'y';\n", qr/^PS002: .*public\.f/ ],
	[ 'OR REPLACE of SQL that is no text', $here, "CREATE OR REPLACE FUNCTION public.f() RETURNS pg_catalog.int4 RETURN 1;\n", qr/^PS002: .*public\.f/ ],
	[ 'IF NOT EXISTS', $here, "CREATE TABLE IF NOT EXISTS public.t (x pg_catalog.int4);\n", qr/^PS0(07|12): .*t/ ],
	[ 'a schema that may exist', qr/^CREATE SCHEMA salesforce_fdw;/m, 'CREATE SCHEMA IF NOT EXISTS salesforce_fdw;', qr/^PS010: / ],
	[ 'SECURITY DEFINER', $here,
		"CREATE FUNCTION salesforce_fdw.f() RETURNS pg_catalog.int4 SECURITY DEFINER LANGUAGE sql AS 'SELECT 1';\n", qr/^PS003: / ],
	[ 'a function without search_path', $here, "CREATE FUNCTION salesforce_fdw.f() RETURNS pg_catalog.int4 LANGUAGE sql AS 'SELECT 1';\n",
		qr/^PS005: .*salesforce_fdw\.f/ ]);
my $folder = PostgreSQL::Test::Utils::tempdir();
for my $plant (@planted)
{
	my ($what, $place, $text, $expected) = @$plant;
	my $changed = $script;
	my $count = $changed =~ s/$place/$text/;
	open my $file, '>', "$folder/planted.sql" or die $!;
	print $file $changed;
	close $file;
	is($count, 1, "$what is planted");
	cmp_ok(scalar(grep { /$expected/ && !$listed{$_} } findings("$folder/planted.sql")), '>', 0, '... and found');
}
done_testing();
