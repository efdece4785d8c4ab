package io.replication4j.lvm.testing;

import static java.util.Objects.requireNonNull;

import com.google.common.hash.Hashing;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.FakeLocks;
import io.replication4j.testing.FakeProcess;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A host with one volume group, in memory: understands the commands that {@link
 * io.replication4j.lvm.LvmBackend} runs, answers and refuses as LVM 2.03.16 does, and keeps what a
 * stream left behind that was cut. For tests of host applications, and of ourselves. Volumes are
 * small, and hold texts by name. Thread-safe.
 */
public final class FakeLvm implements CommandRunner {

  /** What a volume of a test has. */
  public static final long VOLUME_BYTES = 1 << 20;

  private static final long POOL_BYTES = 32 << 20;

  private static final int LONGEST_TEXT = 3500;
  private static final int WINDOW = 1 << 20;

  private final String host;
  private final FakeGroup group;
  private final Clock clock;
  private final FakeLocks locks = new FakeLocks();
  private long taken;
  private boolean powerFails;
  private Optional<String> pool = Optional.empty();
  private boolean poolFull;
  private boolean metadataHeld;

  private FakeLvm(String host, String group, long bytes, Clock clock) {
    this.host = requireNonNull(host, "host");
    this.group = new FakeGroup(group, bytes);
    this.clock = requireNonNull(clock, "clock");
  }

  /** A host with an empty volume group of that size. */
  public static FakeLvm withGroup(String host, String group, long bytes, Clock clock) {
    return new FakeLvm(host, group, bytes, clock);
  }

  // ------------------------------------------------------------------ what its users do

  /** From then on volumes are made in a thin pool. */
  public synchronized void createPool(String name) {
    group.createPool(name, POOL_BYTES);
    pool = Optional.of(name);
  }

  /** Whether the pool has no room for more. */
  public synchronized void setPoolFull(boolean full) {
    poolFull = full;
  }

  synchronized boolean isPoolFull() {
    return poolFull;
  }

  /** Whether somebody else holds the metadata snapshot of the pool. */
  public synchronized void setMetadataHeld(boolean held) {
    metadataHeld = held;
  }

  void requireMetadata() {
    if (metadataHeld) {
      throw new FakeRefusal(
          75, "replication4j: the metadata snapshot of thin pool vg-pool is somebody else's");
    }
  }

  /** Makes a volume of {@link #VOLUME_BYTES} that holds nothing. */
  public synchronized void createVolume(String name) {
    createVolume(name, VOLUME_BYTES);
  }

  /** Makes a volume of so many bytes that holds zeroes; one in a pool has no block. */
  public synchronized void createVolume(String name, long bytes) {
    if (pool.isPresent()) {
      group.createThin(name, bytes, pool.get());
      return;
    }
    FakeVolume volume = group.create(name, bytes);
    for (long chunk = 0; chunk < volume.chunkCount(); chunk++) {
      group.write(volume, chunk, new byte[FakeVolume.CHUNK]);
    }
  }

  /** Makes a volume larger; what is behind the old end is zero. */
  public synchronized void extend(String name, long more) {
    FakeVolume volume = group.need(name);
    long end = volume.chunkCount();
    grow(volume, volume.bytes + more);
    for (long chunk = end; chunk < volume.chunkCount(); chunk++) {
      group.write(volume, chunk, new byte[FakeVolume.CHUNK]);
    }
  }

  /** Makes a thin volume smaller: only these can be while they have versions. */
  public synchronized void shrink(String name, long bytes) {
    FakeVolume volume = group.need(name);
    volume.bytes = bytes;
    volume.chunks.keySet().removeIf(chunk -> chunk >= volume.chunkCount());
  }

  /** The next time that a volume is made larger, the host fails in the middle of it. */
  public synchronized void failWhileGrowing() {
    powerFails = true;
  }

  /** Removes a volume with its snapshots. */
  public synchronized void removeVolume(String name) {
    FakeVolume volume = group.need(name);
    group.remove(volume);
    if (volume.pool.isPresent()) { // LVM does not remove thin snapshots with their origin
      group.volumes().stream()
          .filter(v -> v.pool.isPresent() && v.name.startsWith(name + "."))
          .forEach(group::remove);
    }
  }

  /** Removes a thin volume; what LVM leaves of it is left. */
  public synchronized void removeAlone(String name) {
    group.remove(group.need(name));
  }

  /** As an administrator does: snapshots keep their names. */
  public synchronized void rename(String from, String to) {
    group.rename(from, to);
  }

  /** Makes a thin volume of another, as an administrator does. */
  public synchronized void copyThin(String origin, String name) {
    group.thinSnapshot(origin, name);
  }

  /** Makes a thin volume of one that is in no pool, which it reads where it has nothing itself. */
  public synchronized void createOnExternal(String origin, String name) {
    group.onExternal(group.need(origin), name, pool.orElseThrow());
  }

  public synchronized boolean exists(String name) {
    return group.find(name).isPresent();
  }

  /** The names of all volumes, sorted. */
  public synchronized List<String> volumes() {
    return group.volumes().stream().map(volume -> volume.name).toList();
  }

  /** As a mount does, or a virtual machine. */
  public synchronized void setOpen(String name, boolean open) {
    group.need(name).open = open;
  }

  /** Makes a snapshot a volume of its own, as a power cut does while it is made or removed. */
  public synchronized void separate(String name) {
    group.need(name).origin = Optional.empty();
  }

  /** Makes the volume that a snapshot is while it is removed. */
  public synchronized void createSeparated(String name, String id) {
    group.create(name, VOLUME_BYTES / 4).tags.add("r4j.id=" + id);
  }

  /** The size of a volume; of a snapshot, of its store. */
  public synchronized long bytes(String name) {
    return group.need(name).bytes;
  }

  /** Room that no volume has. */
  public synchronized long free() {
    return group.free();
  }

  /** Leaves a device on a volume, as a sender does that is killed between two of its commands. */
  public synchronized void leaveDevice(String name) {
    group.need(name).leftDevices.add("r4j:" + group.name() + "-" + name + "-1");
  }

  /** Creates or replaces a text in a volume; of a long one only what tells it from others. */
  public synchronized void write(String name, String file, String text) {
    FakeVolume volume = group.need(name);
    String kept =
        text.length() <= LONGEST_TEXT ? text : text.length() + " characters " + text.hashCode();
    group.write(volume, slot(volume, file), entry(file, kept));
  }

  /** Deletes a text, if it is there. */
  public synchronized void delete(String name, String file) {
    FakeVolume volume = group.need(name);
    long slot = slot(volume, file);
    if (read(volume.chunk(slot)).isPresent()) {
      group.write(volume, slot, new byte[FakeVolume.CHUNK]);
    }
  }

  /** Overwrites a volume from its beginning with something new. */
  public synchronized void scribble(String name, int chunks) {
    FakeVolume volume = group.need(name);
    for (long chunk = 0; chunk < chunks; chunk++) {
      group.write(
          volume, volume.chunkCount() - 1 - chunk, entry("scribble " + chunk, "x" + taken++));
    }
  }

  /** Flips a bit below the volume, where no snapshot of it sees that, as a disk does. */
  public synchronized void flipBit(String name, long offset) {
    FakeVolume volume = group.need(name);
    byte[] chunk = volume.chunk(offset / FakeVolume.CHUNK);
    chunk[(int) (offset % FakeVolume.CHUNK)] ^= 1;
    volume.chunks.put(offset / FakeVolume.CHUNK, chunk);
  }

  /** Makes a volume that takes all the room there is. */
  public synchronized void fill(String name) {
    group.create(name, group.free());
  }

  /** The texts in a volume or snapshot, by name. */
  public synchronized Map<String, String> content(String name) {
    FakeVolume volume = group.need(name);
    Map<String, String> content = new TreeMap<>();
    for (long chunk = 0; chunk < volume.chunkCount(); chunk++) {
      read(volume.chunk(chunk)).ifPresent(fields -> content.put(fields[0], fields[1]));
    }
    return content;
  }

  private static long slot(FakeVolume volume, String file) {
    Optional<Long> free = Optional.empty();
    for (long chunk = 0; chunk < volume.chunkCount(); chunk++) {
      Optional<String[]> fields = read(volume.chunk(chunk));
      if (fields.filter(f -> f[0].equals(file)).isPresent()) {
        return chunk;
      } else if (fields.isEmpty() && free.isEmpty()) {
        free = Optional.of(chunk);
      }
    }
    return free.orElseThrow();
  }

  static byte[] entry(String file, String text) {
    byte[] bytes = (file + "\0" + text).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(FakeVolume.CHUNK).putInt(bytes.length).put(bytes).array();
  }

  /** Name and text; empty for a chunk of zeroes. */
  static Optional<String[]> read(byte[] chunk) {
    int length = ByteBuffer.wrap(chunk).getInt();
    if (length == 0) {
      return Optional.empty();
    }
    if (length < 0 || length > FakeVolume.CHUNK - 4) {
      throw new AssertionError("rubbish in a volume: " + Arrays.toString(Arrays.copyOf(chunk, 16)));
    }
    return Optional.of(new String(chunk, 4, length, StandardCharsets.UTF_8).split("\0", 2));
  }

  // ------------------------------------------------------------------ what the library does

  @Override
  public String host() {
    return host;
  }

  @Override
  public synchronized CommandResult run(Command command) {
    try {
      return new CommandResult(0, output(command.argv()), "", Duration.ZERO);
    } catch (FakeRefusal e) {
      return new CommandResult(e.status(), "", String.valueOf(e.getMessage()), Duration.ZERO);
    }
  }

  private String output(List<String> argv) {
    FakeWords words = new FakeWords(argv);
    switch (argv.get(0)) {
      case "sync":
        return "";
      case "lvm":
        return argv.get(1).equals("version")
            ? "  LVM version:     2.03.16(2) (2022-05-18)\n"
            : new FakeReport(group).text();
      case "lvs":
        return group.need(words.volume()).bytes + "\n";
      case "lvcreate":
        create(words);
        return "";
      case "lvrename":
        group.rename(argv.get(argv.size() - 2), argv.get(argv.size() - 1));
        return "";
      case "lvremove":
        return remove(words);
      case "lvchange":
        change(words);
        return "";
      case "dmsetup":
        return group.mapped(argv.get(2)).status();
      case "lvextend":
        group.enlarge(group.need(words.volume()), words.bytes("-L"));
        return "";
      case "lvconvert":
        convert(words);
        return "";
      case "sh":
        return script(argv.get(2), argv.subList(4, argv.size()));
      default:
        throw new FakeRefusal(127, "sh: 1: " + argv.get(0) + ": not found");
    }
  }

  private void create(FakeWords words) {
    FakeVolume made =
        words.has("-l")
            ? group.snapshot(words.volume(), words.value("-n"), words.value("-l"))
            : group.thinSnapshot(words.volume(), words.value("-n"));
    made.tags.addAll(words.values("--addtag"));
  }

  /** Prints a line for each that is removed. */
  private String remove(FakeWords words) {
    StringBuilder removed = new StringBuilder();
    List<FakeVolume> doomed = words.volumes().stream().map(group::need).toList();
    Optional<String> selection = words.values("-S").stream().findFirst();
    for (FakeVolume volume : doomed) {
      boolean selected = selection.map(s -> isSelected(volume, s)).orElse(true);
      if (selected) {
        group.remove(volume);
        removed.append("  Logical volume \"" + volume.name + "\" successfully removed.\n");
      }
    }
    return removed.toString();
  }

  private static boolean isSelected(FakeVolume volume, String selection) {
    return (selection.contains('"' + volume.uuid + '"')
            || volume.tags.stream().anyMatch(tag -> selection.contains('"' + tag + '"')))
        && !(selection.contains("origin=\"\"") && volume.origin.isPresent());
  }

  private void change(FakeWords words) {
    FakeVolume volume = group.need(words.volume());
    volume.tags.removeAll(words.values("--deltag"));
    volume.tags.addAll(words.values("--addtag"));
  }

  private void convert(FakeWords words) {
    List<FakeVolume> volumes = words.volumes().stream().map(group::need).toList();
    if (words.has("--merge")) {
      group.merge(volumes.get(0));
    } else {
      group.adopt(volumes.get(1), volumes.get(0));
    }
  }

  /** Told apart by what they run. */
  private String script(String text, List<String> arguments) {
    if (text.contains("is not what was to be marked")) {
      requireTagged(arguments.get(0), arguments.get(1));
      return output(arguments.subList(2, arguments.size()));
    } else if (text.contains("lvremove")) {
      removeSnapshot(arguments);
      return "";
    } else if (text.contains("dmsetup deps")) {
      return leftOn(group.mapped(arguments.get(0)), arguments.get(1).equals("dmsetup"));
    } else if (text.contains("lvchange -q --refresh")) {
      String path = arguments.get(0);
      group.resumeMerge(group.need(path.substring(path.indexOf('/') + 1)));
      return "";
    } else if (text.contains("-ge \"$2\"")) {
      String path = arguments.get(0);
      FakeVolume volume = group.need(path.substring(path.indexOf('/') + 1));
      long bytes = Long.parseLong(arguments.get(1));
      if (volume.bytes < bytes) {
        group.enlarge(volume, bytes);
      }
      return "";
    } else if (text.contains("lvextend")) {
      String path = arguments.get(0);
      grow(group.need(path.substring(path.indexOf('/') + 1)), Long.parseLong(arguments.get(1)));
      return "";
    }
    if (text.contains("thin_delta")) {
      return compared(arguments);
    }
    FakeVolume made =
        arguments.size() == 4
            ? group.thinSnapshot(arguments.get(1), arguments.get(2))
            : group.snapshot(arguments.get(1), arguments.get(2), arguments.get(5));
    if (arguments.size() == 4) {
      made.tags.add("r4j.of=" + arguments.get(1) + "/" + arguments.get(3));
    }
    String id = clock.millis() * 1_000_000 + ++taken + "-" + host + taken;
    made.tags.add("r4j.id=" + id);
    return "";
  }

  private void requireTagged(String path, String selection) {
    FakeVolume volume = group.need(path.substring(path.indexOf('/') + 1));
    boolean selected =
        Arrays.stream(selection.split(" && "))
            .map(one -> one.replace("lv_tags=", "").replace("\"", ""))
            .allMatch(volume.tags::contains);
    if (!selected) {
      throw new FakeRefusal(69, "replication4j: " + path + " is not what was to be marked");
    }
  }

  private void removeSnapshot(List<String> arguments) {
    String path = arguments.get(1);
    String name = path.substring(path.indexOf('/') + 1);
    group.find(name).ifPresent(volume -> volume.leftDevices.clear());
    if (!arguments.get(3).isEmpty()) {
      group.forgetStore(name);
    }
    List<String> argv = new ArrayList<>(List.of("lvremove", "-y", "-q"));
    if (!arguments.get(2).isEmpty()) {
      argv.addAll(List.of("-S", arguments.get(2)));
    }
    argv.add(path);
    if (remove(new FakeWords(argv)).isEmpty()) {
      throw new FakeRefusal(69, "replication4j: " + path + " is not what was to be removed");
    }
  }

  private String compared(List<String> mapped) {
    requireMetadata();
    StringBuilder answers = new StringBuilder();
    for (int i = 0; i < mapped.size(); i += 2) {
      boolean same = group.mapped(mapped.get(i)).sharesAll(group.mapped(mapped.get(i + 1)));
      answers.append(same ? "same\n" : "changed\n");
    }
    return answers.toString();
  }

  private void grow(FakeVolume volume, long bytes) {
    if (volume.bytes < bytes) {
      if (bytes % FakeGroup.EXTENT != 0) {
        throw new FakeRefusal(66, "replication4j: the extent size does not divide the volume");
      }
      if (volume.pool.isPresent()) {
        volume.bytes = bytes;
        return;
      }
      group.activate(volume, false);
      if (powerFails) {
        powerFails = false;
        throw new FakeRefusal(255, "");
      }
      try {
        group.enlarge(volume, bytes);
      } finally {
        group.activate(volume, true);
      }
    }
    group.activate(volume, true);
  }

  private static String leftOn(FakeVolume volume, boolean remove) {
    String names =
        volume.leftDevices.stream().map(name -> name + "\n").collect(Collectors.joining());
    if (remove) {
      volume.leftDevices.clear();
    }
    return names;
  }

  /** Only the scripts that send, receive and compare can be started. */
  @Override
  public RunningCommand start(Command command) {
    return locks.start(command).orElseGet(() -> stream(command));
  }

  private synchronized RunningCommand stream(Command command) {
    List<String> arguments = command.argv().subList(4, command.argv().size());
    if (command.argv().get(2).contains("--filter=sha256sum")) {
      return FakeProcess.sending(kept(arguments.get(0), Long.parseLong(arguments.get(1))));
    }
    if (arguments.size() == 1) {
      return new FakeDigestScript(this, group, arguments.get(0));
    }
    return arguments.get(0).startsWith("r4j:")
        ? new FakeSendScript(this, group)
        : new FakeReceiveScript(this, group, arguments);
  }

  /** A number of bytes, and digests of their windows. */
  private byte[] kept(String device, long bytes) {
    FakeVolume volume = group.mapped(device.substring("/dev/mapper/".length()));
    StringBuilder lines = new StringBuilder().append(bytes).append('\n');
    for (long at = 0; at < bytes; at += WINDOW) {
      ByteArrayOutputStream window = new ByteArrayOutputStream();
      long end = Math.min(at + WINDOW, bytes);
      for (long chunk = at / FakeVolume.CHUNK; chunk * FakeVolume.CHUNK < end; chunk++) {
        int length = (int) Math.min(FakeVolume.CHUNK, end - chunk * FakeVolume.CHUNK);
        window.write(volume.chunk(chunk), 0, length);
      }
      lines.append(Hashing.sha256().hashBytes(window.toByteArray())).append("  -\n");
    }
    return lines.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Nothing to close: what was started ends by itself. */
  @Override
  public void close() {}

  @Override
  public synchronized String toString() {
    return group.volumes().stream()
        .map(v -> v.name + v.origin.map(o -> " of " + o.name).orElse("") + " " + v.tags)
        .collect(Collectors.joining("\n"));
  }

  /** An LVM command's words. */
  private record FakeWords(List<String> argv) {

    private static final List<String> WITHOUT_VALUE =
        List.of("-y", "-q", "-s", "--merge", "--noheadings");

    boolean has(String option) {
      return argv.contains(option);
    }

    String value(String option) {
      return values(option).get(0);
    }

    List<String> values(String option) {
      List<String> values = new ArrayList<>();
      for (int i = 1; i < argv.size() - 1; i++) {
        if (argv.get(i).equals(option)) {
          values.add(argv.get(i + 1));
        }
      }
      return values;
    }

    long bytes(String option) {
      return Long.parseLong(value(option).replace("b", ""));
    }

    /** The operands, without the group. */
    List<String> volumes() {
      List<String> volumes = new ArrayList<>();
      for (int i = 1; i < argv.size(); i++) {
        String word = argv.get(i);
        if (!word.startsWith("-")) {
          volumes.add(word.substring(word.indexOf('/') + 1));
        } else if (!WITHOUT_VALUE.contains(word)) {
          i++;
        }
      }
      return volumes;
    }

    String volume() {
      return volumes().get(0);
    }
  }
}
