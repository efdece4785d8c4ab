package io.replication4j.lvm;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of a host's LVM: {@code lvm version}. Pure. */
record LvmVersion(int major, int minor, int patch) {

  private static final Pattern LINE =
      Pattern.compile("\\s*LVM version:\\s+(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})\\b.*");

  static LvmVersion parse(String host, String output) {
    Matcher matcher = LINE.matcher(output.lines().findFirst().orElse(""));
    if (!matcher.matches()) {
      throw new UnexpectedOutputException(
          "lvm version on " + host + " printed '" + output.strip() + "'", null);
    }
    return new LvmVersion(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)));
  }

  /**
   * Throws {@link UnsupportedException} for an LVM that rounds the fill of a large snapshot to 0.00
   * although there are changes in it: they would not be sent.
   */
  void requireExact(String host) {
    boolean exact = major > 2 || (major == 2 && (minor > 2 || (minor == 2 && patch >= 178)));
    if (!exact) {
      throw new UnsupportedException(
          "LVM on "
              + host
              + " is "
              + this
              + ", which does not say exactly whether a snapshot is empty; install 2.02.178 (2018)"
              + " or newer. Nothing was done",
          null);
    }
  }

  @Override
  public String toString() {
    return String.format("%d.%02d.%d", major, minor, patch);
  }
}
