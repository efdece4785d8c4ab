package io.replication4j.btrfs;

import io.replication4j.UnexpectedOutputException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code /proc/self/mountinfo} (proc(5), Linux 2.6.26 and later; btrfs shows {@code
 * subvolid=} since 4.2).
 */
record MountTable(List<Mount> mounts) {

  private static final Pattern ROW =
      Pattern.compile(
          "\\d+ \\d+ (\\d+:\\d+) (\\S+) (\\S+) (\\S+)(?: \\S+)* - (\\S+) (\\S*) (\\S*)");

  private static final Pattern SUBVOLID = Pattern.compile("(?:^|,)subvolid=(\\d{1,18})(?:,|$)");
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  /**
   * One mount.
   *
   * @param device the number that all mounts of one filesystem share
   * @param root the directory of the filesystem that is mounted here, from its top
   * @param point where
   * @param type {@code btrfs} and others
   * @param subvolume the id of the subvolume that {@code root} lies in; 0 where the kernel does not
   *     say
   */
  record Mount(String device, String root, String point, String type, long subvolume) {

    boolean holds(String path) {
      return point.equals("/") || path.equals(point) || path.startsWith(point + "/");
    }

    /** Whether what has this path from the top of the filesystem is to be seen here. */
    boolean shows(String path) {
      return root.equals("/") || ("/" + path).startsWith(root + "/");
    }

    /** The opposite of {@link #inFilesystem}, for what is to be seen here. */
    String onHost(String path) {
      String below = ("/" + path).substring(root.equals("/") ? 0 : root.length());
      return (point.equals("/") ? "" : point) + below;
    }

    /**
     * The path from the top of the filesystem, without a leading slash, of what is at {@code path}
     * on the host.
     */
    String inFilesystem(String path) {
      String below = point.equals("/") ? path : path.substring(point.length());
      String whole = (root.equals("/") ? "" : root) + below;
      return whole.isEmpty() || whole.equals("/") ? "" : whole.substring(1).replaceFirst("/$", "");
    }
  }

  MountTable {
    mounts = List.copyOf(mounts);
  }

  static MountTable parse(String output) {
    List<Mount> mounts = new ArrayList<>();
    for (String line : output.split("\n")) {
      Matcher m = ROW.matcher(line);
      if (!m.matches()) {
        throw new UnexpectedOutputException(
            "cannot read this row of /proc/self/mountinfo: '" + line + "'", null);
      }
      Matcher id = SUBVOLID.matcher(m.group(7));
      mounts.add(
          new Mount(
              m.group(1),
              unescape(m.group(2)),
              unescape(m.group(3)),
              m.group(5),
              id.find() ? Long.parseLong(id.group(1)) : 0));
    }
    return new MountTable(mounts);
  }

  /**
   * The mount that {@code path}, which need not exist, is or would be on: the deepest, of several
   * there the last.
   */
  Mount of(String path) {
    Mount best = null;
    for (Mount mount : mounts) {
      if (mount.holds(path) && (best == null || mount.point().length() >= best.point().length())) {
        best = mount;
      }
    }
    if (best == null) {
      throw new UnexpectedOutputException("/proc/self/mountinfo has no mount for " + path, null);
    }
    return best;
  }

  private static String unescape(String word) {
    return OCTAL
        .matcher(word)
        .replaceAll(m -> Matcher.quoteReplacement("" + (char) Integer.parseInt(m.group(1), 8)));
  }
}
