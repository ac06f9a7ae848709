# A server for which one folder is a disk of a few megabytes.
package SmallDisk;
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(start_with_small_disk);

my $here = abs_path(dirname(__FILE__));

# A real disk, mounted where only this server sees it; false when the system
# does not let an ordinary user do that (in a chroot, for one).
sub start_with_mount
{
	my ($node, $folder, $megabytes) = @_;
	return 0 if $ENV{SFDW_NO_NAMESPACES};
	my @unshare =
	  ('unshare', '--user', '--map-current-user', '--keep-caps', '--mount');
	my $mount = "mount -t tmpfs -o size=${megabytes}m tmpfs '$folder'";
	return 0 if system("@unshare sh -c \"$mount\" 2>/dev/null") != 0;
	system_or_bail(@unshare, 'sh', '-c',
			"$mount && exec pg_ctl -s -w -D '"
		  . $node->data_dir . "' -l '" . $node->logfile . "' start");
	$node->_update_pid(1);
	return 1;
}

# Start the node; the second way refuses the same writes, without a mount.
sub start_with_small_disk
{
	my ($node, $folder, $megabytes) = @_;
	if (start_with_mount($node, $folder, $megabytes))
	{
		note('the small disk is a mounted one');
		return;
	}
	note('the small disk is a preloaded library: nothing can be mounted here');
	my $library = PostgreSQL::Test::Utils::tempdir() . '/small_disk.so';
	system_or_bail('cc', '-shared', '-fPIC', '-o', $library,
		"$here/../preload/small_disk.c");
	local $ENV{LD_PRELOAD}       = $library;
	local $ENV{SMALL_DISK}       = $folder;
	local $ENV{SMALL_DISK_BYTES} = $megabytes * 1024 * 1024;
	$node->start;
	return;
}

1;
