# Claim: what a foreign server's options encryption, kms_key_id, storage_class,
# request_payer and expected_bucket_owner say goes with each request of scans,
# COPY and whole runs that S3 wants it with, and with no other; every header of
# S3's is signed; and without the options none of them is sent.
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
my $recorder = start_faults($s3->{port}, headers => 1);
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('request_headers');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nsession_preload_libraries = 'salesforce_fdw'\n");
$node->start;
# The buckets are an account's, which the server compares with what is expected.
my ($owner, $key) = ('123456789012', 'arn:aws:kms:us-east-1:111122223333:key/1234abcd');
add_s3_user($s3, $owner, 'ownerSecret0123456789ownerSecret01234567');
for my $bucket (qw(raw lake))
{
	s3($s3, 'make', $bucket, 'Enabled');
	system_or_bail($ENV{SFDW_VERSITYGW}, 'admin', '-a', $aws_key, '-s', $aws_secret, '-er', $s3->{endpoint},
		'change-bucket-owner', '--bucket', $bucket, '--owner', $owner);
}
my %of_all = ('x-amz-expected-bucket-owner' => $owner, 'x-amz-request-payer' => 'requester');
my %of_written = ('x-amz-server-side-encryption' => 'aws:kms',
	'x-amz-server-side-encryption-aws-kms-key-id' => $key, 'x-amz-storage-class' => 'STANDARD');

# Which operation of S3's a request is, and whether it begins an object.
sub operation
{
	my ($request) = @_;
	my ($path, $query) = split /\?/, $request->{path}, 2;
	my $method = $request->{method};
	my $is_bucket = $path =~ m{^/[^/]+/?$};
	$query //= '';
	return 'GetBucketVersioning' if $query =~ /versioning=/;
	return 'GetObjectLockConfiguration' if $query =~ /object-lock=/;
	return 'DeleteObjects' if $method eq 'POST' && $query =~ /delete=/;
	return 'ListObjectVersions' if $is_bucket && $query =~ /versions=/;
	return 'ListMultipartUploads' if $is_bucket && $query =~ /uploads=/;
	return 'CreateMultipartUpload' if $method eq 'POST' && $query =~ /uploads=/;
	return 'CompleteMultipartUpload' if $method eq 'POST' && $query =~ /uploadId=/;
	return 'AbortMultipartUpload' if $method eq 'DELETE' && $query =~ /uploadId=/;
	return 'DeleteObject' if $method eq 'DELETE';
	return exists $request->{headers}{'x-amz-copy-source'} ? 'UploadPartCopy' : 'UploadPart' if $query =~ /partNumber=/;
	return { GET => 'GetObject', HEAD => 'HeadObject', PUT => 'PutObject' }->{$method} // "$method $request->{path}";
}
my @operations = sort qw(AbortMultipartUpload CompleteMultipartUpload CreateMultipartUpload DeleteObject DeleteObjects GetBucketVersioning GetObject
  GetObjectLockConfiguration HeadObject ListMultipartUploads ListObjectVersions PutObject UploadPart UploadPartCopy);

# Names of the headers whose values are not those that are given.
sub differing
{
	my ($request, %wanted) = @_;
	return grep { ($request->{headers}{$_} // 'none') ne $wanted{$_} } sort keys %wanted;
}

# Everything that sends requests: a run that publishes in place of an earlier
# one and purges, a scan, a COPY of several parts, one that fails on its way, and
# what is asked about uploads.  Returns what was sent.
sub send_all
{
	my ($database, $options) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	mkdir "$home/catalog/$database";
	make_world($node, $database, $home, raw => "s3://raw/$database/", lake => "s3://lake/$database/", catalog => "file://$home/catalog/$database/",
		server_options => s3_options($recorder) . $options,
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://raw/$database/'");
	set_rules($recorder);
	for my $day (1, 2)
	{
		write_exports("$home/raw", $day);
		s3($s3, 'put-all', 'raw', "$database/", "$home/raw", qw(Account.csv Opportunity.csv Contact.csv));
		is((attempt($node, $database, 'SELECT count(*) FROM raw.account'))[0], '', "$database: a scan") if $day == 2;
		my ($state, $out, $err) = call_run($node, $database);
		is($state, '', "$database: run $day") or diag $err;
	}
	is(published_rows($node, $database), expected_rows(2), '... was published');
	my $rows = q{SELECT g AS id, repeat(md5(g::text), 8) AS t FROM generate_series(1, 60000) g};
	my $copy = q{SELECT * FROM salesforce_fdw.copy_to('%s', 's3://lake/%s/copied.parquet', '{"compression": "none", "row_group_size_bytes": 4194304}')};
	my ($state, $out, $err) = attempt($node, $database, sprintf $copy, $rows, $database);
	is($state, '', "$database: a COPY of several parts") or diag $err;
	# The division fails behind the first parts, and the upload is aborted.
	($state) = attempt($node, $database, sprintf $copy, "$rows UNION ALL SELECT 1 / (g - 60000), NULL FROM generate_series(1, 60000) g", $database);
	is($state, '22012', "$database: one that fails");
	($state, $out, $err) = attempt($node, $database, "SELECT count(*) FROM salesforce_fdw.unfinished_uploads('lake')");
	is("$state $out", ' 0', "$database: no upload is left") or diag $err;
	return map { decode_json($_) } split /\n/, slurp_file($recorder->{headers});
}

my @sent = send_all('given', ", expected_bucket_owner '$owner', request_payer 'true', encryption 'aws:kms', kms_key_id '$key', storage_class 'STANDARD'");
my (%seen, @lacking, @superfluous, @unsigned);
for my $request (@sent)
{
	my $operation = operation($request);
	my $begins = $operation =~ /^(PutObject|CreateMultipartUpload)$/;
	my ($signed) = ($request->{headers}{authorization} // '') =~ /SignedHeaders=([^,]+)/;
	my %is_signed = map { $_ => 1 } split /;/, $signed // '';
	$seen{$operation}++;
	push @lacking, "$operation: $_" for differing($request, %of_all, $begins ? %of_written : ());
	push @superfluous, "$operation: $_" for grep { !$begins && exists $of_written{$_} } sort keys %{ $request->{headers} };
	push @unsigned, "$operation: $_" for grep { /^(x-amz-|content-type$|range$|if-|host$)/ && !$is_signed{$_} } sort keys %{ $request->{headers} };
}
is(join(' ', sort keys %seen), "@operations", 'all operations were sent');
is(join(', ', @lacking), '', '... with owner and payer, and the headers of what is written');
is(join(', ', @superfluous), '', '... which no other has');
is(join(', ', @unsigned), '', '... and all are signed');
note("table: $_: $seen{$_}") for sort keys %seen;
note('figure: ' . @sent . ' requests looked at');

$node->safe_psql('given', "ALTER SERVER raw_exports OPTIONS (SET expected_bucket_owner '210987654321'); CREATE USER MAPPING FOR CURRENT_USER SERVER raw_exports OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret')");
my ($state, $out, $err) = attempt($node, 'given', "SELECT * FROM salesforce_fdw.object_versions('raw_exports', '')", user => $ENV{USER} // getpwuid($<));
is($state, '42501', "a bucket that is another account's is refused") or diag $out . $err;

@sent = send_all('bare', '');
is(join(', ', map { my $request = $_; map { operation($request) . ": $_" } grep { exists $request->{headers}{$_} } keys %of_all, keys %of_written } @sent), '',
	'without the options ' . @sent . ' requests have none of these headers');

$node->stop;
done_testing();
