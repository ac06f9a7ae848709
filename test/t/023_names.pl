# The sanitiser of names against the same rule in Python, for random names out
# of all of Unicode.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use FindBin;
use lib $FindBin::RealBin;
use StorageTest;
use Test::More;

my $names = 20000;
my $node  = PostgreSQL::Test::Cluster->new('names');
$node->init;
$node->start;
setup_storage($node);

# Characters that Python's Unicode does not know yet are left out: a newer
# PostgreSQL could decompose them.
my $oracle = new_folder() . '/names.csv';
my $script = <<'PYTHON';
import csv, random, re, sys, unicodedata
random.seed(20261122)
known = [chr(c) for c in range(1, 0x110000)
         if unicodedata.category(chr(c)) not in ('Cn', 'Cs', 'Co')]
marks = [c for c in known if unicodedata.category(c) == 'Mn']
latin = [chr(c) for c in range(32, 0x250)]
ascii = [chr(c) for c in range(32, 127)]
def sanitise(name):
    name = unicodedata.normalize('NFD', name)
    name = ''.join(c for c in name if unicodedata.category(c) != 'Mn')
    return re.sub('[^A-Za-z0-9_]+', '_', name).lower()
out = csv.writer(open(sys.argv[1], 'w', encoding='utf-8', newline=''))
for i in range(int(sys.argv[2])):
    name = ''.join(random.choice(random.choice([ascii, ascii, latin, marks, known]))
                   for _ in range(random.randrange(0, 40)))
    out.writerow([name, sanitise(name)])
PYTHON
system_or_bail($ENV{SFDW_PYTHON} || 'python3', '-c', $script, $oracle, $names);
$node->safe_psql('postgres',
	'CREATE TABLE names (name text, expected text)');
$node->safe_psql('postgres',
	"COPY names FROM '$oracle' (FORMAT csv, FORCE_NOT_NULL (name, expected))");
is($node->safe_psql('postgres', 'SELECT count(*) FROM names'),
	$names, 'all names are loaded');
is( $node->safe_psql('postgres', q{
		SELECT count(*) FROM names, test_name_sanitise(name) s
		WHERE s.sanitised IS DISTINCT FROM expected}),
	'0',
	"$names random names are sanitised as in Python");
is( $node->safe_psql('postgres', q{
		SELECT count(*) FROM names, test_name_sanitise(expected) s
		WHERE s.sanitised IS DISTINCT FROM expected}),
	'0',
	'and what came out is sanitised to itself');
cmp_ok(
	$node->safe_psql('postgres',
		'SELECT count(DISTINCT expected) FROM names'),
	'>', $names / 2, 'the names are not all alike');
$node->stop;
done_testing();
