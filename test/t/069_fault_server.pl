# Claim: the fault server is the server behind it, but for its rules: the same
# requests get the same answers, byte by byte; and each kind of fault is what it
# says, for who asks and for what is done behind it.  So the tests that go
# through it test the extension, and not the fault server.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $server = start_s3();
my $faults = start_faults($server->{port});
my ($out, $err) = ('', '');
my $is_done = IPC::Run::run([ $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/faults_check.py",
	$server->{endpoint}, $faults->{endpoint}, $faults->{rules}, $faults->{log} ],
	'>', \$out, '2>', \$err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
my @checks = map { decode_json($_) } split /\n/, $out;
ok($_->{ok}, $_->{name}) or diag($_->{detail}) for @checks;
ok($is_done, 'every check was made') or diag($err);
cmp_ok(scalar(grep { $_->{name} =~ /the same answer \(/ } @checks), '>=', 35, 'many requests were made both ways');

# Whatever it can do was seen to be done.
for my $kind (slurp_file("$FindBin::RealBin/../servers/faults.py") =~ /def do_([a-z]\w*)\(/g)
{
	ok((grep { $_->{name} =~ /^(?:no rule: )?\Q$kind\E/ } @checks), "kind $kind was checked");
}
done_testing();
