# Ways in which a run can fail over files that hold canaries, a hash each:
#	name		what goes wrong
#	query		the definition (crm.target is made from it), or
#	uses		a data set that is there already
#	policy		more arguments of create_dataset
#	target		SQL on crm.target, as its owner; with admin as a superuser
#	settings	SQL before the CALL; with admin as a superuser, who then becomes the owner
#	fault, point, action	of src/core/fault.h
#	rule		what the service named by service answers (test/servers/faults.py);
#			with is_new Glue knows nothing of the table
#	state		the SQLSTATE, or "killed"
# What a query or a constraint may store of a row before it fails is only what
# the policy lets pass: names.  Descriptions, next steps and sites are accepted
# too, and no query stores any.
package CanaryRuns;
use strict;
use warnings FATAL => 'all';
use Exporter 'import';

our @EXPORT = qw(ways_to_fail bad_files);

my @types = qw(boolean smallint integer bigint real float8 numeric date time timestamp timestamptz interval uuid jsonb);

# Where an expression can stand: {e} over {d}, which is text; it never ends well.
my @places = (
	[ 'output', 'SELECT a.id, ({e}) AS x FROM raw.account a', 'a.description' ],
	[ 'filter', 'SELECT o.id FROM raw.opportunity o WHERE ({e}) IS NOT NULL', 'o.nextstep' ],
	[ 'join', 'SELECT o.id FROM raw.account a JOIN raw.opportunity o ON o.accountid = a.id AND ({e}) IS NOT NULL', 'concat(a.description, o.nextstep)' ],
	[ 'order', 'SELECT a.id FROM raw.account a ORDER BY ({e})', 'a.site' ],
	[ 'group', 'SELECT count(*) AS n FROM raw.account a GROUP BY ({e})', 'a.description' ],
	[ 'aggregate', 'SELECT max(({e})::text) AS n FROM raw.opportunity o', 'o.nextstep' ],
	[ 'window', 'SELECT a.id, rank() OVER (ORDER BY ({e})) AS n FROM raw.account a', 'a.site' ]);

# Casts of text, and other expressions that say what they were given.
sub expressions
{
	my @all = map { ([ "{d}::$_", '22...' ], [ "('{' || {d} || ',{')::$_\[]", '22...' ]) } @types;
	push @all,
	  [ '1 / (length({d}) - length({d}))', '22012' ], [ 'repeat({d}, 1000000000)', '54000' ], [ q{to_date({d}, 'YYYY-MM-DD')}, '22...' ],
	  [ q{to_timestamp({d}, 'YYYY')}, '22...' ], [ q{to_number({d}, '"x"9')}, '22...' ], [ q{date_trunc({d}, timestamp '2024-01-01')}, '22...' ],
	  [ q{timestamp '2024-01-01' AT TIME ZONE {d}}, '22...' ], [ q{date_part({d}, timestamp '2024-01-01')}, '22...' ],
	  [ q{regexp_replace('x', {d} || '(', 'y')}, '2201B' ], [ q{regexp_match('x', {d} || '[')}, '2201B' ], [ q{regexp_replace('x', 'y', 'z', {d})}, '22...' ],
	  [ q{'x' ~ ({d} || '*(')}, '2201B' ], [ q{'x' LIKE {d} ESCAPE 'ab'}, '22...' ], [ q{pg_catalog."normalize"('x', {d})}, '22...' ], [ q{format({d} || '%')}, '22...' ],
	  [ q{format('%z' || {d})}, '22...' ], [ q{lpad('x', 2000000000, {d})}, '54000' ], [ q{split_part({d}, ' ', 0)}, '22...' ], [ q{('[' || {d})::jsonb}, '22P02' ],
	  [ q{('{"' || {d} || '": \u0}')::jsonb}, '22P02' ], [ 'make_date(length({d}), 13, 40)', '22008' ], [ 'sqrt(-length({d}))', '2201F' ],
	  [ 'ln(0 * length({d})::numeric)', '2201E' ], [ 'length({d}) * 2000000000', '22003' ], [ q{overlay({d}, 'x', -1)}, '22...' ],
	  [ q{string_to_array({d}, ' ')::int[]}, '22P02' ], [ q{substring({d}, '(')}, '2201B' ], [ q{(SELECT id FROM raw.account WHERE name <> {d})}, '21000' ],
	  [ q{(SELECT s::int FROM unnest(string_to_array({d}, ' ')) s LIMIT 1)}, '22P02' ], [ q{substring({d}, 1, -1)}, '22011' ];
	return @all;
}

# Each expression in one place, and each cast of a plain type in every place.
sub failing_expressions
{
	my @ways;
	my $number = 0;
	for my $expression (expressions())
	{
		my ($text, $state) = @$expression;
		my $is_cast = $text =~ /^\{d\}::/;
		for my $place ($is_cast ? @places[ $number % 2, 2 + $number % 5 ] : $places[ $number % 2 ])
		{
			my ($where, $query, $column) = @$place;
			my $e = $text =~ s/\{d\}/$column/gr;
			push @ways, { name => "$text in $where", query => $query =~ s/\{e\}/$e/r, state => $state };
		}
		$number++;
	}
	for my $type (@types[ 0 .. 5 ])
	{
		push @ways, { name => "a check that casts to $type", query => 'SELECT a.id FROM raw.account a WHERE a.description IS NOT NULL', state => '22...',
			policy => qq(accept => '{"Account.Description": "x"}', gates => '{"checks": {"c": {"action": "refuse", "query": "SELECT count(*) FROM raw.account a WHERE a.description::$type IS NULL"}}}') };
	}
	return @ways;
}

# What hangs on the target and fails over names, which pass.
my $names = 'SELECT a.id, a.name FROM raw.account a';
my $row = 'FOR EACH ROW EXECUTE FUNCTION crm.way()';
sub trigger_way { my ($body, $trigger) = @_; return "CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN $body END \$\$; CREATE $trigger;" }
my @attached = (
	[ 'a check constraint', "ALTER TABLE crm.target ADD CHECK (length(name) < 3) NOT VALID", '23514' ],
	[ 'a primary key', 'ALTER TABLE crm.target ADD PRIMARY KEY (name)', '23505', "SELECT a.name FROM raw.account a CROSS JOIN generate_series(1, 2) g" ],
	[ 'a unique index', "CREATE UNIQUE INDEX ON crm.target (lower(name))", '23505', "SELECT a.name FROM raw.account a CROSS JOIN generate_series(1, 2) g" ],
	[ 'a deferred unique constraint', 'ALTER TABLE crm.target ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED', '23505', "SELECT a.name FROM raw.account a CROSS JOIN generate_series(1, 2) g" ],
	[ 'a column that is not null', 'ALTER TABLE crm.target ALTER x SET NOT NULL', '23502', "SELECT a.name, nullif(a.name, a.name) AS x FROM raw.account a" ],
	[ 'a foreign key', 'CREATE TABLE crm.other (name text PRIMARY KEY); ALTER TABLE crm.target ADD FOREIGN KEY (name) REFERENCES crm.other', '23503' ],
	[ 'a deferred foreign key', 'CREATE TABLE crm.other (name text PRIMARY KEY); ALTER TABLE crm.target ADD FOREIGN KEY (name) REFERENCES crm.other DEFERRABLE INITIALLY DEFERRED', '23503' ],
	[ 'an exclusion constraint', 'ALTER TABLE crm.target ADD EXCLUDE (name WITH =)', '23P01', "SELECT a.name FROM raw.account a CROSS JOIN generate_series(1, 2) g" ],
	[ 'an index with a cast', 'CREATE INDEX ON crm.target ((name::int))', '22P02' ],
	[ 'an index on some rows', 'CREATE INDEX ON crm.target (id) WHERE name::int > 0', '22P02' ],
	[ 'an index that parses', "CREATE INDEX ON crm.target (to_tsquery('english', name || ' x'))", '42601' ],
	[ 'an index row that is too large', 'CREATE INDEX ON crm.target ((repeat(md5(name) || name || md5(id), 20000)))', '54000' ],
	[ 'statistics with a cast', 'CREATE STATISTICS crm.s ON (name::int), id FROM crm.target; ' . trigger_way('PERFORM NEW.name::int; RETURN NEW;', "TRIGGER way BEFORE INSERT ON crm.target $row"), '22P02' ],
	[ 'a name looked for', 'ALTER TABLE crm.target ADD CHECK (quote_ident(name)::regclass IS NOT NULL) NOT VALID', '42P01' ],
	[ 'a sequence looked for', 'ALTER TABLE crm.target ADD CHECK (nextval(quote_ident(name)) > 0) NOT VALID', '42P01' ],
	[ 'a setting by name', "ALTER TABLE crm.target ADD CHECK (set_config(split_part(name, ' ', 1), 'x', true) IS NOT NULL) NOT VALID", '42704' ],
	[ 'a setting of ours', "ALTER TABLE crm.target ADD CHECK (set_config('salesforce_fdw.snapshot', name, true) IS NOT NULL) NOT VALID", '0A000' ],
	[ 'a setting that is a list', "ALTER TABLE crm.target ADD CHECK (set_config('datestyle', name, true) IS NOT NULL) NOT VALID", '22...' ],
	[ 'a role', "ALTER TABLE crm.target ADD CHECK (set_config('role', name, true) IS NOT NULL) NOT VALID", '22...|42...' ],
	[ 'a domain', 'CREATE DOMAIN crm.d AS text CHECK (length(VALUE) < 3); ALTER TABLE crm.target ADD CHECK (name::crm.d IS NOT NULL) NOT VALID', '23514' ],
	[ 'a trigger that raises all it can', trigger_way('RAISE EXCEPTION \'%\', NEW.name USING DETAIL = NEW.name, HINT = NEW.name, COLUMN = NEW.name, CONSTRAINT = NEW.name, TABLE = NEW.name, SCHEMA = NEW.name, DATATYPE = NEW.name;',
			"TRIGGER way BEFORE INSERT ON crm.target $row"), 'P0001' ],
	(map { my $code = $_; [ "a trigger that raises $code", trigger_way("RAISE EXCEPTION '%', NEW.name USING ERRCODE = '$code', HINT = NEW.name, CONSTRAINT = NEW.name, TABLE = NEW.name;",
			"TRIGGER way BEFORE INSERT ON crm.target $row"), $code ] } qw(23505 40001 53100 55000 57014 42501 25000 SF002)),
	[ 'a trigger that says much and fails', trigger_way("RAISE DEBUG '%', NEW.name; RAISE LOG '%', NEW.name; RAISE INFO '%', NEW.name; RAISE NOTICE '%', NEW.name; RAISE WARNING '%', NEW.name; RETURN NEW.name::int;",
			"TRIGGER way BEFORE INSERT ON crm.target $row"), '22P02|42804' ],
	[ 'a trigger over all rows', trigger_way('RAISE EXCEPTION \'%\', (SELECT string_agg(name, $x$,$x$) FROM new_rows); RETURN NULL;',
			'TRIGGER way AFTER INSERT ON crm.target REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION crm.way()'), 'P0001' ],
	[ 'a constraint trigger', trigger_way('RAISE EXCEPTION \'%\', NEW;', "CONSTRAINT TRIGGER way AFTER INSERT ON crm.target DEFERRABLE INITIALLY DEFERRED $row"), 'P0001' ],
	[ 'a trigger that asserts', trigger_way('ASSERT false, NEW.name; RETURN NEW;', "TRIGGER way BEFORE INSERT ON crm.target $row"), 'P0004' ],
	[ 'a trigger with a statement of its own', trigger_way('EXECUTE format($x$SELECT %L::int$x$, NEW.name); RETURN NEW;', "TRIGGER way BEFORE INSERT ON crm.target $row"), '22P02' ],
	[ 'a trigger that misspells', trigger_way('EXECUTE $x$SELECT $x$ || NEW.name; RETURN NEW;', "TRIGGER way BEFORE INSERT ON crm.target $row"), '42...' ],
	[ 'a constraint that a trigger names', trigger_way('EXECUTE format($x$CREATE TABLE crm.%I (x int CONSTRAINT %I UNIQUE); INSERT INTO crm.%1$I VALUES (1), (1)$x$, NEW.name, NEW.name || $x$ k$x$); RETURN NEW;',
			"TRIGGER way BEFORE INSERT ON crm.target $row"), '23505' ],
	[ 'a lock that a trigger asks for', trigger_way('EXECUTE format($x$LOCK TABLE %I NOWAIT$x$, NEW.name); RETURN NEW;', "TRIGGER way BEFORE INSERT ON crm.target $row"), '42P01' ],
	[ 'a trigger that calls us', trigger_way('PERFORM salesforce_fdw.drop_dataset(NEW.name); RETURN NEW;', "TRIGGER way BEFORE INSERT ON crm.target $row"), '55006' ],
	[ 'a trigger in workers', 'CREATE TABLE crm.other AS SELECT name FROM crm.target, generate_series(1, 10000); ALTER TABLE crm.other SET (parallel_workers = 2); '
		  . 'CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql SET parallel_setup_cost = 0 SET parallel_tuple_cost = 0 SET min_parallel_table_scan_size = 0 SET parallel_leader_participation = off '
		  . 'AS $$ BEGIN PERFORM max(name::int) FROM crm.ref; RETURN NULL; END $$; CREATE TRIGGER way AFTER INSERT ON crm.target FOR EACH STATEMENT EXECUTE FUNCTION crm.way()', '22P02' ]);

sub failing_targets
{
	return map { { name => $_->[0], target => $_->[1], state => $_->[2], query => $_->[3] // $names } } @attached;
}

# Definitions that are refused: by the gate, by detectors, by gates and checks.
sub refusals
{
	my @ways;
	push @ways, { name => "the gate, of $_->[1]", query => "SELECT $_->[1] AS x FROM raw.$_->[0]", state => 'SF002', policy => q(detectors => '{}') }
	  for map { my $table = $_; map { [ $table, $_ ] } $table eq 'account' ? qw(billingstreet phone personemail notes__c lastname) : $table eq 'opportunity' ? qw(secret__c) : qw(lastname email mailingstreet phone) }
	  qw(account opportunity contact);
	my %matches = (email => q{split_part(a.name, ' ', 1) || '@example.org'}, sin => q{a.name || ' 130-692-544'}, phone => q{a.name || ' 613-555-0199'}, postal_code => q{a.name || ' K1A 0B1'},
		card => q{a.name || ' 4111 1111 1111 1111'}, iban => q{a.name || ' GB82 WEST 1234 5698 7654 32'}, ip => q{a.name || ' 192.0.2.77'});
	push @ways, { name => "detector $_", query => "SELECT a.id, $matches{$_} AS x FROM raw.account a", state => 'SF003' } for sort keys %matches;
	my %gates = (
		min_rows => q({"min_rows": {"limit": 1000000, "action": "refuse"}}),
		max_input_age => q({"max_input_age": {"limit": "1 microsecond", "action": "refuse"}}),
		extra_columns => q({"extra_columns": "refuse"}),
		check => q({"checks": {"c": {"action": "refuse", "query": "SELECT count(*) FROM raw.account a WHERE a.description ~ 'x'"}}}));
	push @ways, { name => "gate $_", query => "$names WHERE a.description <> ''", state => 'SF004', policy => "accept => '{\"Account.Name\": \"x\", \"Account.Description\": \"x\"}', gates => '" . $gates{$_} =~ s/'/''/gr . "'" } for sort keys %gates;
	push @ways, { name => 'a type that was changed', query => $names, target => 'ALTER TABLE crm.target ALTER name TYPE varchar(10)', state => '22001|SF004' };
	push @ways, { name => "a worker's filter, $_", query => "SELECT a.id FROM raw.account a JOIN crm.ref r ON r.n = 1 WHERE r.name::$_ IS NOT NULL", state => '22...',
		policy => q(reference_tables => '{"crm.ref": {"name": "controlled", "n": "controlled"}}'), settings => 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;' } for qw(integer date jsonb);
	return @ways;
}

# Exports that cannot be read: name, bytes of Bad.csv, and the SQLSTATE.  {t} is a
# string that may pass, {r} one that may not.
my $header = "Id,Name,Description,N,D,CreatedDate\r\n";
my $good = "001A00000000001IAA,{t},{r},1,2024-01-15,2024-01-15T14:30:00.000+0000\r\n";
my @bad = (
	[ 'an empty file', '', '22P04' ], [ 'a header twice', "Id,Name,NAME,N,D,CreatedDate\r\n$good", '42701' ], [ 'a missing field', "Id,Name,{r},N,CreatedDate\r\n$good", 'HV005' ],
	[ 'no header', $good, 'HV005' ], [ 'no header, and a value twice', "{r},{r},{t},{t},Id,Name\r\n$good", 'HV005' ], [ 'UTF-16', "\xff\xfeI\0d\0", '0A000' ],
	[ 'too few fields', "$header${good}2,{r}\r\n", '22P04' ], [ 'too many fields', "$header${good}2,{t},{r},1,,,{r},{r}\r\n", '22P04' ],
	[ 'an unclosed quote', "$header${good}2,\"{r},{r},1\r\n", '22P04' ], [ 'text behind a quote', "$header${good}2,\"{r}\"{r},x,1,,\r\n", '22P04' ],
	[ 'a quote within', "$header${good}2,{r}\"{r},x,1,,\r\n", '22P04' ], [ 'a lone carriage return', "$header${good}2,{r}\r{r},x,1,,\r\n", '22P04' ],
	[ 'a NUL', "$header${good}2,{r}\0{r},x,1,,\r\n", '22...' ], [ 'no UTF-8', "$header${good}2,{r}\xe9{r},x,1,,\r\n", '22021' ],
	[ 'a surrogate', "$header${good}2,{r}\\ud800{r},x,1,,\r\n", '22021' ], [ 'an escaped NUL', "$header${good}2,{r}\\x00{r},x,1,,\r\n", '22021' ],
	[ 'half an escape', "$header${good}2,{r}\\x4,x,1,,\r\n", '22P04' ], [ 'an escape that is none', "$header${good}2,{r}\\q{r},x,1,,\r\n", '22P04' ],
	[ 'a backslash at the end', "$header${good}2,{r}\\,x,1,,\r\n", '22P04' ], [ 'a long record', "$header${good}2," . ('{r}' x 200) . ",x,1,,\r\n", '54000' ],
	[ 'no number', "$header${good}2,{t},{r},{r},,\r\n", '22P02' ], [ 'a number too large', "$header${good}2,{t},{r},99999999999,,\r\n", '22003' ],
	[ 'no date', "$header${good}2,{t},{r},1,{r},\r\n", '2200[78]' ], [ 'no such date', "$header${good}2,{t},{r},1,2024-02-30,\r\n", '2200[78]' ],
	[ 'no time', "$header${good}2,{t},{r},1,,{r}\r\n", '2200[78]' ], [ 'a date for a time', "$header${good}2,{t},{r},1,,2024-01-15\r\n", '2200[78]' ],
	[ 'gzip that is none', "\x1f\x8b\x08{r}{r}", '22...|0A000|HV...' ]);
sub bad_files { return map { $_->[1] } @bad }
sub failing_files
{
	my $number = 0;
	return map { $number++; { name => "a file: $_->[0]", query => "SELECT b.id, b.name, b.n, b.d, b.createddate FROM raw.bad_$number b", state => $_->[2] } } @bad;
}

# Time, memory, disks; crashes.  Big queries sort and join by what they do not
# publish, so that it goes to temporary files.
my $big = "SELECT a.id, g AS n FROM raw.account a CROSS JOIN generate_series(1, 6000) g ORDER BY a.description, g";
my $small = 'SELECT a.id, a.name FROM raw.account a JOIN raw.opportunity o ON o.accountid = a.id WHERE o.nextstep <> a.description';
sub stopped
{
	my @ways;
	push @ways, { name => "a timeout after $_ ms", query => $big, settings => "SET work_mem = '64kB'; SET statement_timeout = '${_}ms';", state => '57014' } for 40, 80, 120, 160, 200, 250, 300, 350;
	push @ways, { name => "no room for temporary files, $_ kB", query => $big, admin => 1, settings => "SET temp_file_limit = '$_'; SET work_mem = '64kB';", state => '53400' } for 64, 256, 512, 1024, 2048;
	push @ways, { name => "a full disk of the target, $_ times", query => "SELECT a.id, a.name, g AS n FROM raw.account a CROSS JOIN generate_series(1, $_) g", admin => 1, target => 'ALTER TABLE crm.target SET TABLESPACE small', state => '53100' } for 2500, 4000;
	push @ways, { name => 'a full disk of temporary files', query => $big, admin => 1, settings => "SET temp_tablespaces = small; SET work_mem = '64kB';", state => '53100' };
	push @ways, { name => "cancelled at fault point $_", query => $small, fault => $_, action => 'sh:(for i in 1 2 3 4 5; do sleep 0.02; kill -INT $PPID; done) >/dev/null 2>&1 &', state => '57014' } for 5, 12, 19, 26, 33;
	push @ways, { name => "ended at fault point $_", query => $small, fault => $_, action => 'sh:kill -TERM $PPID; sleep 0.1', state => '57P01|killed' } for 8, 15, 22;
	push @ways, { name => "an error at $_", query => $small, point => $_, action => 'error', state => '38000' }
	  for 'storage.create after', 'storage.promote before', 'storage.promote after', 'catalog.put before';
	push @ways, { name => "killed at fault point $_", query => $small, fault => $_, action => 'kill', state => 'killed' } for map { 3 * $_ } 1 .. 12;
	return @ways;
}

# Services that fail, for a data set whose servers are behind them.
my %reasons = (500 => 'InternalError', 403 => 'AccessDenied', 404 => 'NoSuchKey', 400 => 'InvalidRequest', 412 => 'PreconditionFailed');
sub failing_services
{
	my @ways;
	my %matches = ('reading' => 'GET .*/Account\.csv', 'listing' => 'GET /raw/?\?', 'looking' => 'HEAD ', 'writing' => '(PUT|POST) /lake');
	for my $what (sort keys %matches)
	{
		push @ways, { name => "$what: status $_", service => 's3', state => '\w+', rule => { match => $matches{$what}, do => 'status', code => $_,
				body => "<Error><Code>$reasons{$_}</Code><Message>no</Message></Error>", times => 1000 } } for $what eq 'listing' ? (403) : (403, 412, 400);
	}
	push @ways, { name => "reading: $_", service => 's3', state => '\w+', rule => { match => $matches{reading}, do => $_, times => 1000 } } for qw(drop cut lose short long);
	push @ways, { name => "writing: $_", service => 's3', state => '\w+', rule => { match => $matches{writing}, do => $_, times => 1000 } } for qw(drop lose);
	push @ways, { name => 'reading: an answer that is the file', service => 's3', state => '\w+', rule => { match => $matches{reading}, do => 'status', code => 400, body => 'Id,Name {r} {r}', times => 1000 } };
	my $number = 0;
	for my $answer ((map { [ $_, 'AccessDeniedException' ], [ $_, 'InvalidInputException' ] } qw(GetTable CreateTable UpdateTable)), [ 'UpdateTable', 'ConcurrentModificationException' ])
	{
		my ($operation, $code) = @$answer;
		push @ways, { name => "Glue: $operation, $code", service => 'glue', state => '\w+', is_new => $operation eq 'CreateTable',
			settings => $operation eq 'UpdateTable' ? "COMMENT ON TABLE crm.behind IS 'number " . ++$number . "';" : '',
			rule => { match => $operation, do => 'status', code => 400, times => 1000, body => qq({"__type": "$code", "Message": "no"}), headers => { 'Content-Type' => 'application/x-amz-json-1.1' } } };
	}
	return map { { uses => 'behind', slow => $_->{rule}{do} ne 'status' || $_->{rule}{code} == 412, %$_ } } @ways;
}

sub ways_to_fail
{
	my @groups = ([ failing_expressions() ], [ failing_targets() ], [ refusals() ], [ failing_files() ], [ stopped() ], [ failing_services() ]);
	return @groups if $ENV{SFDW_ALL};
	# Every day some of each, but for those that are tried again and again.
	return map { my @group = grep { !$_->{slow} } @$_; [ @group[ map { int($_ * @group / 4) } 0 .. 3 ] ] } @groups;
}

1;
