package io.replication4j.lvm.testing;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.lvm.LvmBackend;
import io.replication4j.lvm.LvmOptions;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Two hosts with a volume group in memory each. */
public record FakeLvmWorld(Site source, Site target) implements World {

  private static final long GROUP_BYTES = 64 << 20;

  public static FakeLvmWorld open(LvmOptions options, Clock clock) {
    return new FakeLvmWorld(
        new FakeSite(FakeLvm.withGroup("here", "vg", GROUP_BYTES, clock), options),
        new FakeSite(FakeLvm.withGroup("there", "backup", GROUP_BYTES, clock), options));
  }

  /** The same, with thin volumes on one side or both. */
  public static FakeLvmWorld open(Clock clock, boolean thinSource, boolean thinTarget) {
    return new FakeLvmWorld(
        site("here", "vg", clock, thinSource), site("there", "backup", clock, thinTarget));
  }

  private static FakeSite site(String host, String group, Clock clock, boolean thin) {
    FakeLvm lvm = FakeLvm.withGroup(host, group, GROUP_BYTES, clock);
    if (!thin) {
      return new FakeSite(lvm, LvmOptions.defaults());
    }
    lvm.createPool("pool");
    return new FakeSite(lvm, LvmOptions.builder().thinPool("pool").build());
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(false, false, false, false, true, false);
  }

  @Override
  public boolean hasChildren() {
    return false;
  }

  /** Nothing to close: it is only memory. */
  @Override
  public void close() {}

  /** One of the two. */
  private record FakeSite(FakeLvm lvm, LvmOptions options) implements Site {

    @Override
    public CommandRunner runner() {
      return lvm;
    }

    @Override
    public StorageBackend backend(CommandRunner runner) {
      return LvmBackend.on(runner, options);
    }

    @Override
    public FilesystemName name(String leaf) {
      return FilesystemName.of((lvm.host().equals("here") ? "vg/" : "backup/") + leaf);
    }

    private static String volume(FilesystemName name) {
      return name.value().substring(name.value().indexOf('/') + 1);
    }

    @Override
    public void create(FilesystemName filesystem) {
      lvm.createVolume(volume(filesystem));
    }

    @Override
    public void rename(FilesystemName from, FilesystemName to) {
      throw new UnsupportedOperationException("volumes have no children");
    }

    @Override
    public void destroy(FilesystemName filesystem) {
      lvm.removeVolume(volume(filesystem));
    }

    @Override
    public boolean exists(FilesystemName filesystem) {
      return lvm.exists(volume(filesystem));
    }

    @Override
    public void write(FilesystemName filesystem, String file, String text) {
      lvm.write(volume(filesystem), file, text);
    }

    @Override
    public void delete(FilesystemName filesystem, String file) {
      lvm.delete(volume(filesystem), file);
    }

    @Override
    public Map<String, String> content(FilesystemName filesystem) {
      return lvm.content(volume(filesystem));
    }

    @Override
    public Map<String, String> content(FilesystemName root, String path, String snapshot) {
      return lvm.content(volume(root) + "." + snapshot);
    }

    @Override
    public FilesystemName aside(FilesystemName root, String member, String asideName) {
      return FilesystemName.of(root + "." + asideName);
    }

    /** What is received and became no snapshot. */
    @Override
    public Set<String> leftovers() {
      return lvm.volumes().stream()
          .filter(volume -> volume.endsWith("+in"))
          .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public boolean isListing(Command command) {
      return command.argv().contains("fullreport")
          || command.argv().stream().anyMatch(word -> word.contains("echo same"));
    }

    /** What thin volumes hold is compared. */
    @Override
    public int listingCommands() {
      return options.thinPool().isPresent() ? 2 : 1;
    }
  }
}
