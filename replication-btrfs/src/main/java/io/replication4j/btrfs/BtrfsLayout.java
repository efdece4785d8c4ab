package io.replication4j.btrfs;

import io.replication4j.FilesystemName;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where everything of one filesystem lies on its host. Snapshots live in a subvolume of ours, so
 * that changes there never look like changes of the filesystem: {@code
 * <directory>/.replication4j/<leaf>/<set>/@<member>}. A set holds the snapshots of one name, so
 * that renaming them is one rename. Sets whose name starts with a dot are internal.
 *
 * @param root the filesystem, as it was named
 * @param path its path with all symbolic links resolved
 * @param mount the mount that it is on
 * @param holder the subvolume of ours
 * @param leaf the directory in it that is this filesystem's
 */
record BtrfsLayout(
    FilesystemName root, String path, MountTable.Mount mount, String holder, String leaf) {

  /** The name of the subvolume of ours. */
  static final String DIRECTORY = ".replication4j";

  /**
   * The leaf of what the subvolume of ours lies in, wherever that is mounted: no name of what lies
   * beside it reads so.
   */
  private static final String ITSELF = encode("/");

  /** What the name of every spool begins with. */
  static final String SPOOL = "spool-";

  /** Internal: what is being received, and was not on disk yet when that was cut. */
  static final String RECEIVING = "receiving-";

  private static final int LONGEST_NAME = 255;

  static BtrfsLayout of(
      FilesystemName root, String path, MountTable.Mount mount, Optional<String> override) {
    if (override.isPresent()) {
      return new BtrfsLayout(root, path, mount, at(override.get(), DIRECTORY), encode(path));
    }
    if (path.equals(mount.point())) {
      return new BtrfsLayout(root, path, mount, at(path, DIRECTORY), ITSELF);
    }
    return new BtrfsLayout(
        root,
        path,
        mount,
        at(parentOf(path), DIRECTORY),
        encode(path.substring(path.lastIndexOf('/') + 1)));
  }

  static String parentOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  String leafDirectory() {
    return holder + "/" + leaf;
  }

  /** The directory of the snapshots called {@code name}. */
  String set(String name) {
    return leafDirectory() + "/" + encode(name);
  }

  /** A directory of ours that is no set of snapshots. */
  String internal(String name) {
    return leafDirectory() + "/." + name;
  }

  /** What is to become the set of that name, when it is on disk. */
  String receiving(String name) {
    return internal(requireName(RECEIVING + encode(name)));
  }

  String snapshot(String name, String member) {
    return set(name) + "/" + entry(member);
  }

  String stateFile(String pair) {
    return leafDirectory() + "/state-" + pair + ".json";
  }

  /** Where the stream of a version waits until it is whole. */
  String spool(VersionId id) {
    return leafDirectory() + "/" + requireName(SPOOL + encode(id.value()));
  }

  /** Where the member lives. */
  String live(String member) {
    return at(path, member);
  }

  static String at(String top, String member) {
    return member.isEmpty() ? top : (top.equals("/") ? "" : top) + "/" + member;
  }

  boolean isMountPoint() {
    return path.equals(mount.point());
  }

  /** Whether it is the top of its btrfs, which is in no listing. */
  boolean isTop() {
    return inFilesystem(path).isEmpty();
  }

  /**
   * Where a copy is built, beside the final location: a read-only one cannot be moved between
   * directories.
   */
  String next() {
    return beside("next");
  }

  /** Where the replaced copy waits, on a host that cannot exchange two names. */
  String old() {
    return beside("old");
  }

  private String beside(String what) {
    String parent = parentOf(path);
    String name = path.substring(path.lastIndexOf('/') + 1);
    return (parent.equals("/") ? "" : parent)
        + "/"
        + requireName(DIRECTORY + "-" + what + "-" + name);
  }

  /** Where what is kept aside goes: beside the filesystem, so that it is no member any more. */
  String aside(String name) {
    return path + "-" + encode(name);
  }

  /** The path of {@code hostPath} from the top of the filesystem. */
  String inFilesystem(String hostPath) {
    return mount.inFilesystem(hostPath);
  }

  /** Where the subvolume is on the host, if that is mounted. */
  String onHost(Subvolume subvolume) {
    return mount.onHost(subvolume.path());
  }

  /**
   * Whether it is in a set of snapshots, of this or of another filesystem, that can be read here.
   */
  boolean isSnapshot(Subvolume subvolume) {
    String[] parts = subvolume.path().split("/");
    int ours = parts.length - 4; // .replication4j/LEAF/SET/ENTRY
    return ours >= 0
        && parts[ours].equals(DIRECTORY)
        && !parts[ours + 2].startsWith(".")
        && mount.shows(subvolume.path());
  }

  /** The name of a member's snapshot in its set. */
  static String entry(String member) {
    return requireName("@" + member.replace("%", "%25").replace("/", "%2F"));
  }

  /** The member whose snapshot has this name in its set; empty if it is none of ours. */
  static Optional<String> member(String entry) {
    if (!entry.startsWith("@")) {
      return Optional.empty();
    }
    String member = decode(entry.substring(1));
    return entry(member).equals(entry) ? Optional.of(member) : Optional.empty();
  }

  static String encode(String name) {
    String encoded = name.replace("%", "%25").replace("/", "%2F");
    return requireName(encoded.startsWith(".") ? "%2E" + encoded.substring(1) : encoded);
  }

  static String decode(String name) {
    return name.replace("%2E", ".").replace("%2F", "/").replace("%25", "%");
  }

  private static String requireName(String name) {
    if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
      throw new UnsupportedException(
          "'"
              + name
              + "' is longer than the "
              + LONGEST_NAME
              + " bytes that a file name can have; shorten the path or the name",
          null);
    }
    return name;
  }
}
