package io.replication4j.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.replication4j.FilesystemName;
import io.replication4j.spi.StorageBackend;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A test in a {@link World} of its own. The subclass says which storage that is; everything that it
 * opens is closed after each test, whatever its outcome.
 */
public abstract class WorldTest {

  /**
   * Marks the tests whose storage commands others give, too: left out where each command costs
   * tenths of a second, see {@code lab.excluded} in the parent's POM.
   */
  protected static final String VARIANT = "variant";

  /**
   * Marks the tests that real storage on the machine of the build answers as that of another host
   * would: left out on other hosts, where there is such.
   */
  protected static final String LOCAL = "local";

  /** What the storage's clock says, where it can be told, and the pairs' clock always. */
  protected final TestClock clock = TestClock.at(Instant.parse("2026-11-20T12:00:00Z"));

  private World world;

  /**
   * Opens empty storage.
   *
   * @param storageClock what the storage takes the time from, if it can be told
   */
  protected abstract World open(Clock storageClock) throws Exception;

  @BeforeEach
  final void openWorld() throws Exception {
    world = open(clock);
  }

  @AfterEach
  final void closeWorld() {
    if (world != null) {
      world.close();
    }
  }

  /** A fresh world instead of the one so far. */
  final World reopen() throws Exception {
    closeWorld();
    openWorld();
    return world;
  }

  /** Where this test takes place. */
  protected final World world() {
    return world;
  }

  /** This test is about children. */
  final void assumeChildren() {
    assumeTrue(world.hasChildren(), "filesystems have no children here");
  }

  /** This test is about what a target holds beside the newest version. */
  final void assumeVersions() {
    assumeTrue(world.keepsVersions(), "a target holds one version here");
  }

  final Site source() {
    return world.source();
  }

  final Site target() {
    return world.target();
  }

  /** The backend of a site, its commands recorded and disturbed by {@code script}. */
  static StorageBackend backend(Site site, FaultScript script) {
    return site.backend(script.wrap(site.runner()));
  }

  /** What the filesystem and the named descendants hold, by path. */
  static Map<String, Map<String, String>> contents(
      Site site, FilesystemName root, Collection<String> paths) {
    List<Map<String, String>> found = site.contents(paths.stream().map(root::child).toList());
    Map<String, Map<String, String>> contents = new TreeMap<>();
    Iterator<Map<String, String>> next = found.iterator();
    for (String path : paths) {
      contents.put(path, next.next());
    }
    return contents;
  }
}
