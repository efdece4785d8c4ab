package io.replication4j;

/**
 * The name of a filesystem on its host: a dataset ({@code tank/data}), the absolute path of a
 * subvolume ({@code /srv/data}), a volume ({@code vg/data}). Parts are separated by {@code /}.
 *
 * @param value never empty, never starting with {@code -}, without control characters, empty parts,
 *     {@code .} and {@code ..}
 */
public record FilesystemName(String value) implements Comparable<FilesystemName> {

  public FilesystemName {
    Names.requireArgument("filesystem name", value);
    String relative = value.startsWith("/") ? value.substring(1) : value;
    for (String part : relative.split("/", -1)) {
      if ((part.isEmpty() && !value.equals("/")) || part.equals(".") || part.equals("..")) {
        throw new IllegalArgumentException(
            "filesystem name with an empty, '.' or '..' part: '" + value + "'");
      }
    }
  }

  public static FilesystemName of(String value) {
    return new FilesystemName(value);
  }

  /** The filesystem at {@code path} below this one; this one itself for the empty path. */
  public FilesystemName child(String path) {
    if (path.isEmpty()) {
      return this;
    }
    return new FilesystemName(value.equals("/") ? "/" + path : value + "/" + path);
  }

  /** Whether this is {@code other} or lies below it. */
  public boolean isWithin(FilesystemName other) {
    return value.equals(other.value)
        || value.startsWith(other.value + "/")
        || other.value.equals("/");
  }

  /**
   * The path from {@code root} to this filesystem, empty for the root itself.
   *
   * @throws IllegalArgumentException if this does not lie within {@code root}
   */
  public String pathFrom(FilesystemName root) {
    if (!isWithin(root)) {
      throw new IllegalArgumentException(this + " does not lie within " + root);
    }
    return value.equals(root.value) ? "" : value.substring(root.child("x").value.length() - 1);
  }

  @Override
  public int compareTo(FilesystemName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
