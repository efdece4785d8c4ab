package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The name of a logical volume, and of what stands beside it. Pure.
 *
 * @param group the volume group
 * @param name the volume in it
 */
record Volume(String group, String name) {

  /** lvm(8), "VALID NAMES". */
  private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]{0,119}");

  /** lvm(8): the beginnings and parts of names that belong to LVM itself. */
  private static final Pattern RESERVED =
      Pattern.compile(
          "(?:snapshot|pvmove).*|.*_(?:cdata|cmeta|corig|cpool|cvol|imeta|iorig|mimage|mlog|pmspare"
              + "|rimage|rmeta|tdata|tmeta|vdata|vorigin|wcorig).*");

  private static final String INCOMING = "+in";

  /** Of a name that need not be legal: then there is no such volume. */
  static Volume of(FilesystemName root) {
    String value = root.value();
    int slash = value.indexOf('/');
    return slash < 0
        ? new Volume("", value)
        : new Volume(value.substring(0, slash), value.substring(slash + 1));
  }

  /**
   * Throws {@link IllegalArgumentException} for a name that no volume can have.
   *
   * @see <a href="https://man7.org/linux/man-pages/man8/lvm.8.html">lvm(8)</a>
   */
  static void requireValid(FilesystemName root) {
    Volume volume = of(root);
    if (!LEGAL.matcher(volume.group).matches()
        || !LEGAL.matcher(volume.name).matches()
        || volume.name.equals(".")
        || volume.name.equals("..")
        || RESERVED.matcher(volume.name).matches()) {
      throw new IllegalArgumentException(
          "a logical volume is named GROUP/VOLUME, of letters, digits and + _ . -, without LVM's"
              + " own endings: '"
              + root
              + "'");
    }
  }

  /** {@code group/name}, as LVM's tools take it. */
  String path() {
    return group + "/" + name;
  }

  /** Another volume of the same group. */
  Volume sibling(String other) {
    return new Volume(group, other);
  }

  /** The snapshot of that label. */
  Volume snapshot(String label) {
    return sibling(name + "." + encode(label));
  }

  /** What is received to become the snapshot of that label. */
  Volume incoming(String label) {
    return sibling(snapshot(label).name + INCOMING);
  }

  /**
   * The label of a snapshot of this volume, or of what is to become one; a volume of another name
   * is its own label.
   */
  String label(String volume) {
    String own =
        volume.endsWith(INCOMING)
            ? volume.substring(0, volume.length() - INCOMING.length())
            : volume;
    return own.startsWith(name + ".") ? decode(own.substring(name.length() + 1)) : own;
  }

  /** The name under which device-mapper knows it: dashes are doubled. */
  String mapped() {
    return group.replace("-", "--") + "-" + name.replace("-", "--");
  }

  /** The device that holds its data. */
  String device() {
    return "/dev/mapper/" + mapped();
  }

  /** If this is a snapshot: the device that holds its exceptions. */
  String storeDevice() {
    return device() + "-cow";
  }

  /** A label may hold what a volume's name may not: that becomes {@code +} and two hex digits. */
  static String encode(String label) {
    boolean plain = !RESERVED.matcher(label).matches();
    StringBuilder encoded = new StringBuilder();
    for (byte b : label.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean kept =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '-'
              || (c == '_' && plain);
      encoded.append(kept ? String.valueOf(c) : String.format("+%02X", (int) c));
    }
    return encoded.toString();
  }

  private static String decode(String encoded) {
    byte[] bytes = new byte[encoded.length()];
    int length = 0;
    for (int i = 0; i < encoded.length(); i++) {
      boolean escaped = encoded.substring(i).matches("(?s)\\+[0-9A-F]{2}.*");
      bytes[length++] =
          (byte)
              (escaped ? Integer.parseInt(encoded.substring(i + 1, i + 3), 16) : encoded.charAt(i));
      i += escaped ? 2 : 0;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** All names that a list of volumes has. */
  static List<String> paths(List<Volume> volumes) {
    return volumes.stream().map(Volume::path).toList();
  }

  @Override
  public String toString() {
    return path();
  }
}
