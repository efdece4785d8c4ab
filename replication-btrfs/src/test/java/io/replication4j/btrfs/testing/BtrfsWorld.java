package io.replication4j.btrfs.testing;

import io.replication4j.FilesystemName;
import io.replication4j.btrfs.BtrfsBackend;
import io.replication4j.btrfs.BtrfsOptions;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Two real btrfs filesystems on this machine, called {@code here} and {@code there} as if they were
 * on two hosts.
 */
public final class BtrfsWorld implements World {

  private static final int MEBIBYTES = 512;

  private final BtrfsLoop loop;
  private final BtrfsSite source;
  private final BtrfsSite target;

  private BtrfsWorld(BtrfsLoop loop, BtrfsOptions options) {
    this.loop = loop;
    this.source =
        new BtrfsSite(
            loop.mount("source", MEBIBYTES, "noatime"), NamedRunner.local("here"), options);
    this.target =
        new BtrfsSite(
            loop.mount("target", MEBIBYTES, "noatime"), NamedRunner.local("there"), options);
  }

  /** Two filesystems of 512 MiB. */
  public static BtrfsWorld open(BtrfsOptions options) {
    BtrfsLoop loop = BtrfsLoop.create();
    try {
      return new BtrfsWorld(loop, options);
    } catch (RuntimeException e) {
      loop.close();
      throw e;
    }
  }

  @Override
  public BtrfsSite source() {
    return source;
  }

  @Override
  public BtrfsSite target() {
    return target;
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(false, false, false, false, true, true);
  }

  @Override
  public void close() {
    source.runner().close();
    target.runner().close();
    loop.close();
  }

  /** One of the two. */
  public record BtrfsSite(Path top, CommandRunner runner, BtrfsOptions options) implements Site {

    private static final String OURS = ".replication4j";

    @Override
    public StorageBackend backend(CommandRunner through) {
      return BtrfsBackend.on(through, options);
    }

    @Override
    public FilesystemName name(String leaf) {
      return FilesystemName.of(top + "/" + leaf);
    }

    @Override
    public void create(FilesystemName filesystem) {
      BtrfsLoop.run("btrfs", "subvolume", "create", filesystem.value());
      flush();
    }

    @Override
    public void rename(FilesystemName from, FilesystemName to) {
      BtrfsLoop.run("mv", "-T", "--", from.value(), to.value());
      flush();
    }

    @Override
    public void destroy(FilesystemName filesystem) {
      List<String> nested = new ArrayList<>();
      walk(path(filesystem), (directory, relative) -> nested.add(directory.toString()));
      Collections.reverse(nested);
      nested.forEach(subvolume -> BtrfsLoop.run("btrfs", "subvolume", "delete", subvolume));
      BtrfsLoop.run("btrfs", "subvolume", "delete", filesystem.value());
      flush();
    }

    @Override
    public boolean exists(FilesystemName filesystem) {
      return isSubvolume(path(filesystem));
    }

    @Override
    public void write(FilesystemName filesystem, String file, String text) {
      makeWritable(filesystem);
      try {
        Files.createDirectories(path(filesystem).resolve(file).getParent());
        Files.writeString(path(filesystem).resolve(file), text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      flush();
    }

    @Override
    public void delete(FilesystemName filesystem, String file) {
      makeWritable(filesystem);
      try {
        Files.deleteIfExists(path(filesystem).resolve(file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      flush();
    }

    private static void makeWritable(FilesystemName filesystem) {
      BtrfsLoop.run("btrfs", "property", "set", filesystem.value(), "ro", "false");
    }

    /** As the storage's own commit does every 30 seconds. */
    private void flush() {
      BtrfsLoop.run("btrfs", "filesystem", "sync", top.toString());
    }

    @Override
    public Map<String, String> content(FilesystemName filesystem) {
      return contentOf(path(filesystem));
    }

    @Override
    public Map<String, String> content(FilesystemName root, String path, String snapshot) {
      Path sets =
          path(root).resolveSibling(OURS).resolve(encode(path(root).getFileName().toString()));
      return contentOf(sets.resolve(encode(snapshot)).resolve("@" + encode(path)));
    }

    private static String encode(String name) {
      return name.replace("%", "%25").replace("/", "%2F");
    }

    @Override
    public FilesystemName aside(FilesystemName root, String member, String asideName) {
      return FilesystemName.of(
          root + "-" + asideName + (member.isEmpty() ? "" : "-" + encode(member)));
    }

    @Override
    public Set<String> leftovers() {
      List<String> paths = new ArrayList<>();
      BtrfsLoop.run("btrfs", "subvolume", "list", top.toString())
          .lines()
          .map(row -> row.replaceFirst("^.* path ", ""))
          .forEach(paths::add);
      BtrfsLoop.run("find", top.toString(), "-name", "spool-*").lines().forEach(paths::add);
      return BtrfsLeftovers.among(paths);
    }

    @Override
    public boolean isListing(Command command) {
      return command.argv().size() > 2
          && command.argv().subList(0, 3).equals(List.of("btrfs", "subvolume", "list"));
    }

    private static Path path(FilesystemName filesystem) {
      return Path.of(filesystem.value());
    }

    /**
     * By file: text, mode (with the type), owner and extended attributes; nested subvolumes are
     * left out.
     */
    private static Map<String, String> contentOf(Path subvolume) {
      Map<String, String> content = new TreeMap<>();
      if (!isSubvolume(subvolume)) {
        throw new IllegalStateException("no subvolume: " + subvolume);
      }
      walk(
          subvolume,
          (directory, relative) -> {},
          (file, relative) -> content.put(relative, describe(file)));
      return content;
    }

    private static String describe(Path file) {
      try {
        Map<String, Object> attributes =
            Files.readAttributes(file, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
        String text =
            Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.readString(file) : "";
        String extended =
            BtrfsLoop.run("getfattr", "-h", "--absolute-names", "-d", "-m", "-", file.toString())
                .replaceFirst("# file: .*\n", "");
        return text + " " + new TreeMap<>(attributes) + " " + extended.strip();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static boolean isSubvolume(Path path) {
      try {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            && Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS).equals(256L);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** What to do with something that is found, and its path relative to where the walk began. */
    private interface Visit {
      void visit(Path path, String relative);
    }

    private static void walk(Path top, Visit subvolumes) {
      walk(top, subvolumes, (file, relative) -> {});
    }

    /** Descends into nested subvolumes only where {@code files} is not asked for. */
    private static void walk(Path top, Visit subvolumes, Visit files) {
      try {
        Files.walkFileTree(
            top,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult preVisitDirectory(
                  Path directory, BasicFileAttributes attributes) throws IOException {
                if (directory.equals(top)) {
                  return FileVisitResult.CONTINUE;
                }
                Object inode = Files.getAttribute(directory, "unix:ino", LinkOption.NOFOLLOW_LINKS);
                if (inode.equals(256L)) {
                  walk(directory, (d, r) -> subvolumes.visit(d, r));
                  subvolumes.visit(directory, top.relativize(directory).toString());
                }
                if (inode.equals(256L)
                    || inode.equals(2L)) { // the latter is the place of a nested one in a snapshot
                  return FileVisitResult.SKIP_SUBTREE;
                }
                files.visit(directory, top.relativize(directory).toString());
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.visit(file, top.relativize(file).toString());
                return FileVisitResult.CONTINUE;
              }
            });
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
