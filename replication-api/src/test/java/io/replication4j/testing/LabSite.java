package io.replication4j.testing;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One host of the {@link Lab} as a test sees it: what all kinds of storage have in common. Each
 * method costs one command, because under emulation commands are what costs time.
 */
public abstract class LabSite implements Site {

  /** With an owner, a mode and an extended attribute, so that there is more than text to lose. */
  private static final String WRITE =
      """
      mkdir -p "$(dirname "$2")"
      cat >"$2"
      chown 1234:99 "$2"
      chmod 640 "$2"
      setfattr -n user.of -v "$2" "$2"
      """;

  private static final String DELETE = "rm -f -- \"$2\"\n";

  /**
   * Each file's path, its metadata, its text (of a long one its digest) and its extended
   * attributes, each ended by a NUL; after the last file one NUL more.
   */
  private static final String LIST =
      """
      find . -xdev -type f -printf '%P\\0%m %U:%G %n %T@\\0' '(' -size -129 -exec cat {} ';' -o -exec sha256sum {} ';' ')' \\
        -printf '\\0' -exec getfattr -d -m - {} ';' -printf '\\0'
      printf '\\0'
      """;

  private final LabHost host;
  private final FilesystemName top;

  /**
   * @param top what the world's filesystems are below of
   */
  protected LabSite(LabHost host, FilesystemName top) {
    this.host = host;
    this.top = top;
  }

  /** A script of sh(1) that goes into the live data of {@code $1} and makes it writable. */
  protected abstract String enter();

  /** A script of sh(1) that follows a change and makes it known to the storage. */
  protected abstract String leave();

  /** A script of sh(1) that goes into {@code $1}, as {@link #place} calls it, to read only. */
  protected abstract String look();

  /** What {@link #look} calls a snapshot. */
  protected abstract String place(FilesystemName root, String path, String snapshot);

  @Override
  public final CommandRunner runner() {
    return host.runner();
  }

  @Override
  public final FilesystemName name(String leaf) {
    return top.child(leaf);
  }

  @Override
  public final void write(FilesystemName filesystem, String file, String text) {
    String script = enter() + WRITE + leave();
    run(Command.of("sh", "-euc", script, "sh", filesystem.value(), file).withInput(text));
  }

  @Override
  public final void delete(FilesystemName filesystem, String file) {
    shell(enter() + DELETE + leave(), filesystem.value(), file);
  }

  @Override
  public final Map<String, String> content(FilesystemName filesystem) {
    return contents(List.of(filesystem)).get(0);
  }

  @Override
  public final List<Map<String, String>> contents(List<FilesystemName> filesystems) {
    return contentsOf(filesystems.stream().map(FilesystemName::value).toList());
  }

  @Override
  public final Map<String, String> content(FilesystemName root, String path, String snapshot) {
    return contentsOf(List.of(place(root, path, snapshot))).get(0);
  }

  private List<Map<String, String>> contentsOf(List<String> places) {
    String script = "for place; do (\nset -- \"$place\"\n" + look() + LIST + "); done\n";
    String[] fields = shell(script, places.toArray(String[]::new)).split("\0", -1);
    List<Map<String, String>> contents = new ArrayList<>();
    int i = 0;
    for (int place = 0; place < places.size(); place++) {
      Map<String, String> content = new TreeMap<>();
      for (; !fields[i].isEmpty(); i += 4) {
        content.put(fields[i], fields[i + 2] + "\n-- " + fields[i + 1] + "\n" + fields[i + 3]);
      }
      contents.add(content);
      i++;
    }
    return contents;
  }

  /** As {@link LabHost#shell}. */
  protected final String shell(String script, String... arguments) {
    try {
      return host.shell(script, arguments);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** As {@link LabHost#run(Command)}. */
  protected final String run(Command command) {
    try {
      return host.run(command);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }
}
