# Claim: requests of every form are signed as the server that verifies them
# wants it, whatever stands in keys, queries and headers, with the bucket in
# the path and in the host name; and signed with another secret each of them is
# refused.  With SFDW_CURL also over that folder's libcurl.
use strict;
use warnings FATAL => 'all';
# Keys are bytes: this file is not "use utf8".
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $s3 = start_s3();

# The forms: what, method, key, parameters, headers, body, statuses that are
# fine.  "?" stands for an upload's id.
my @forms;
sub form { push @forms, [@_]; return }
my @odd = ('plain.txt', 'a b.txt', 'a+b.txt', 'a%2Fb.txt', 'a=b.txt', 'a:b.txt', 'a@b.txt', 'a,b.txt', 'a(b).txt', 'a&b;c.txt',
	'a#b?c.txt', 'a~b*c!d.txt', "a'b\"c.txt", 'a$b^c.txt', 'ü Größe é.txt', "\xF0\x9F\x98\x80.txt", "tab\there.txt", '%25%20.txt', '..a/b..txt', 'A/b/C.txt');
form("PUT $_", 'PUT', $_, [], [], "body of $_", [200]) for @odd;
form("GET $_", 'GET', $_, [], [], '', [200]) for @odd;
my ($key, $list) = ('plain.txt', [200]);
form('HEAD', 'HEAD', $key, [], [], '', $list);
form('a range', 'GET', $key, [], [ 'range', 'bytes=0-3' ], '', [206]);
form('a range with If-None-Match', 'GET', $key, [], [ 'range', 'bytes=0-3', 'if-none-match', '"0123"' ], '', [206]);
form('If-Match that fails', 'GET', $key, [], [ 'if-match', '"0123"' ], '', [412]);
# A server refuses ids of another form than its own's, MinIO before it verifies.
my $version = s3_is_minio() ? '2f302112-3c79-4fbd-bbbb-b68a44fe892f' : '01ARZ3NDEKTSV4RRFFQ69G5FAV';
form('a version that is not there', 'GET', $key, [ 'versionId', $version ], [], '', [404, 400]);
form('versions', 'GET', undef, [ 'versions', '' ], [], '', $list);
form('versions with a prefix', 'GET', undef, [ 'versions', '', 'prefix', 'A/b', 'max-keys', '5' ], [], '', $list);
form('an unsorted query', 'GET', undef, [ 'prefix', 'z', 'list-type', '2', 'delimiter', '/' ], [], '', $list);
form('a prefix with +', 'GET', undef, [ 'list-type', '2', 'prefix', 'a+b' ], [], '', $list);
form('a prefix with %2F', 'GET', undef, [ 'list-type', '2', 'prefix', 'a%2Fb' ], [], '', $list);
form('a prefix with = and &', 'GET', undef, [ 'list-type', '2', 'prefix', 'a==&b' ], [], '', $list);
form('a prefix of UTF-8', 'GET', undef, [ 'list-type', '2', 'prefix', 'ü ' ], [], '', $list);
form('a marker with + / =', 'GET', undef, [ 'list-type', '2', 'start-after', 'a+/b==' ], [], '', $list);
form('encoding-type', 'GET', undef, [ 'list-type', '2', 'encoding-type', 'url', 'fetch-owner', 'true' ], [], '', $list);
form('uploads', 'GET', undef, [ 'uploads', '' ], [], '', $list);
form('versioning', 'GET', undef, [ 'versioning', '' ], [], '', $list);
form('object lock', 'GET', undef, [ 'object-lock', '' ], [], '', [404]);
form('the same parameter twice', 'GET', undef, [ 'list-type', '2', 'prefix', 'b', 'prefix', 'a' ], [], '', $list);
form('SSE-S3', 'PUT', 'sse.txt', [], [ 'x-amz-server-side-encryption', 'AES256' ], 'x', $list);
# MinIO looks for the key, and has no such one.
form('SSE-KMS with a key', 'PUT', 'kms.txt', [], [ 'x-amz-server-side-encryption', 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id', 'arn:aws:kms:us-east-1:111122223333:key/1234abcd' ], 'x', s3_is_minio() ? [404] : $list);
form('a storage class', 'PUT', 'class.txt', [], [ 'x-amz-storage-class', 'STANDARD' ], 'x', $list);
form('metadata', 'PUT', 'meta.txt', [], [ 'x-amz-meta-run', 'two  spaces ', 'x-amz-meta-another', 'a,b', 'X-Amz-Meta-Capitals', 'Yes' ], 'x', $list);
form('an empty header', 'PUT', 'empty.txt', [], [ 'x-amz-meta-empty', '' ], 'x', $list);
form('a type', 'PUT', 'type.txt', [], [ 'content-type', 'application/vnd.apache.parquet; a=b' ], 'x', $list);
form('tags', 'PUT', 'tags.txt', [], [ 'x-amz-tagging', 'a=b&c=d%20e' ], 'x', $list);
form('no body', 'PUT', 'nothing.txt', [], [], '', $list);
form('a large body', 'PUT', 'large.txt', [], [], 'x' x 1_000_000, $list);
form('If-None-Match that holds', 'PUT', 'new.txt', [], [ 'if-none-match', '*' ], 'x', $list);
form('If-None-Match that fails', 'PUT', 'new.txt', [], [ 'if-none-match', '*' ], 'x', [412]);
form('If-Match that fails, PUT', 'PUT', 'new.txt', [], [ 'if-match', '"0123"' ], 'x', [412]);
form('a checksum', 'PUT', 'sum.txt', [], [ 'x-amz-checksum-crc32c', 'yZRlqg==' ], 'hello world', $list);
form('Content-MD5', 'PUT', 'md5.txt', [], [ 'content-md5', 'XrY7u+Ae7tCTyyK7j1rNww==' ], 'hello world', $list);
form('a copy', 'PUT', 'copy.txt', [], [ 'x-amz-copy-source', '/forms/a%20b.txt' ], '', $list);
form('an upload', 'POST', 'up/ü load.bin', [ 'uploads', '' ], [], '', $list);
form('a part', 'PUT', 'up/ü load.bin', [ 'partNumber', '1', 'uploadId', '?' ], [], 'part', $list);
form('a part that is copied', 'PUT', 'up/ü load.bin', [ 'uploadId', '?', 'partNumber', '2' ], [ 'x-amz-copy-source', '/forms/a%2Bb.txt', 'x-amz-copy-source-range', 'bytes=0-3' ], '', $list);
form('parts', 'GET', 'up/ü load.bin', [ 'uploadId', '?' ], [], '', $list);
form('an upload is completed badly', 'POST', 'up/ü load.bin', [ 'uploadId', '?' ], [], '<CompleteMultipartUpload><Part><ETag>"0"</ETag><PartNumber>9</PartNumber></Part></CompleteMultipartUpload>', [400]);
form('an upload is aborted', 'DELETE', 'up/ü load.bin', [ 'uploadId', '?' ], [], '', [204]);
form('a deletion of many', 'POST', undef, [ 'delete', '' ], [ 'x-amz-checksum-crc32c', '?' ], '<Delete><Object><Key>plain.txt</Key></Object></Delete>', [200, 400]);
form('a deletion', 'DELETE', 'a b.txt', [], [], '', [204]);
form('a deletion of a version', 'DELETE', 'a b.txt', [ 'versionId', $version ], [], '', [204, 404, 400]);

# What a server says of a signature that it does not accept.
my $refusal = qr/Signature|AccessDenied|AuthorizationHeader|ContentSHA256Mismatch|InvalidAccessKey|RequestTime/;

sub literal { my ($text) = @_; return defined $text ? '$q$' . $text . '$q$' : 'NULL' }
sub array { return 'ARRAY[' . join(', ', map { literal($_) } @_) . ']::text[]' }

# Send all forms to a server.
sub send_all
{
	my ($node, $server, $bucket, $is_right) = @_;
	my $upload = 'none';
	my @wrong;
	for my $form (@forms)
	{
		my ($what, $method, $name, $parameters, $headers, $body, $fine) = @$form;
		my @asked = map { $_ eq '?' ? $upload : $_ } @$parameters;
		my @sent = map { $_ eq '?' ? 'AAAAAA==' : s{^/forms/}{/$bucket/}r } @$headers;
		my ($out, $err) = ('', '');
		$node->psql('postgres', join('', 'SELECT test_request(', join(', ', literal($server), literal($method), literal($name), array(@asked), array(@sent), literal($body)), ')'),
			stdout => \$out, stderr => \$err);
		my ($status, $word) = $out =~ /^(\d+) ?(.*)/;
		$status //= 0;
		$upload = $word if $is_right && $what eq 'an upload';
		my $is_refused = $status == 403 || ($word // '') =~ $refusal;
		my $is_fine = $is_right ? !$is_refused && grep { $_ == $status } @$fine : $is_refused;
		push @wrong, "$what: $out $err" unless $is_fine;
	}
	diag($_) for @wrong;
	return scalar @wrong;
}

my $bucket_number = 0;
for my $curl ('', $ENV{SFDW_CURL} // ())
{
	my $node = PostgreSQL::Test::Cluster->new('request_forms' . ($curl eq '' ? '' : '_newer'));
	$node->init;
	{
		local $ENV{LD_LIBRARY_PATH} = join ':', grep { defined && $_ ne '' } $curl, $ENV{LD_LIBRARY_PATH};
		$node->start;
	}
	$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');
	$node->safe_psql('postgres', slurp_file("$FindBin::RealBin/../modules/functions.sql"));
	my $library = $node->safe_psql('postgres', "LOAD 'salesforce_fdw'; SELECT substring(pg_read_file('/proc/self/maps') FROM '/[^ ]*libcurl[.]so[.0-9]*')");
	is($library =~ /^\Q$curl\E./ ? 1 : 0, 1, "requests are made by $library") if $curl ne '';
	note("figure: libcurl of this round: $library");
	for my $addressing (qw(path virtual))
	{
		my $endpoint = $addressing eq 'path' ? $s3->{endpoint} : "http://localhost:$s3->{port}";
		my $bucket = 'forms' . ++$bucket_number;
		s3($s3, 'make', $bucket, 'Enabled');
		for my $secret (qw(right wrong))
		{
			my $name = "${addressing}_$secret";
			my $key_text = $secret eq 'right' ? $aws_secret : reverse $aws_secret;
			$node->safe_psql('postgres', "CREATE SERVER $name FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://$bucket/', region 'us-east-1', endpoint '$endpoint',
				allow_http 'true', allow_local_endpoint 'true', addressing '$addressing');
				CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (access_key_id '$aws_key', secret_access_key '$key_text')");
			is(send_all($node, $name, $bucket, $secret eq 'right'), 0, @forms . " forms, bucket in the " . ($addressing eq 'path' ? 'path' : 'host name') . ', '
				  . ($secret eq 'right' ? 'all accepted' : 'all refused with another secret'));
		}
	}
	$node->stop;
}
cmp_ok(scalar(@forms), '>=', 45, 'enough forms');
note('figure: ' . @forms . ' forms of requests');
done_testing();
