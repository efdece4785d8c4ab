package io.replication4j;

import static java.util.Objects.requireNonNull;

/**
 * Where a filesystem lives, in words: what plans, states and messages show.
 *
 * @param scheme the backend: {@code zfs}, {@code btrfs}, {@code lvm}, {@code file}
 * @param host the name that its runner goes by
 */
public record Endpoint(String scheme, String host, FilesystemName filesystem) {

  public Endpoint {
    Names.requireLabel("scheme", scheme);
    Names.requireArgument("host", host);
    requireNonNull(filesystem, "filesystem");
  }

  /** Whether one of the two filesystems lies within the other, as far as names can tell. */
  public boolean overlaps(Endpoint other) {
    return scheme.equals(other.scheme)
        && host.equals(other.host)
        && (filesystem.isWithin(other.filesystem) || other.filesystem.isWithin(filesystem));
  }

  @Override
  public String toString() {
    return scheme + ":" + filesystem + " on " + host;
  }
}
