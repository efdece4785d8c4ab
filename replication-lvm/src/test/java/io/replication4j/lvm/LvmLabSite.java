package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import io.replication4j.testing.Site;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A volume group of a real host. Its volumes hold texts by name, each in a block of its own; what a
 * volume holds is these, and the digest of the whole device.
 */
final class LvmLabSite implements Site {

  private static final int BLOCK = 4096;
  private static final int BLOCKS = 32;
  private static final int LONGEST_TEXT = 3500;

  private static final String CREATE =
      "lvcreate -y -q -W n -Z n -L \"$3m\" -n \"$2\" \"$1\" >&2; blkdiscard -z -l 131072 \"/dev/$1/$2\"";

  private static final String CREATE_THIN =
      "lvcreate -y -q -V \"$3m\" --thinpool \"$4\" -n \"$2\" \"$1\" >&2";

  /** The whole device's digest, then the first blocks. */
  private static final String READ =
      "sha256sum <\"/dev/$1\" | cut -c1-64; dd if=\"/dev/$1\" bs=131072 count=1 iflag=direct"
          + " status=none | base64 -w0";

  private static final String WRITE =
      "base64 -d | dd of=\"/dev/$1\" bs=4096 seek=\"$2\" iflag=fullblock conv=notrunc,fsync"
          + " status=none";

  private final CommandRunner runner;
  private final LvmOptions options;
  private final String group;
  private final int mebibytes;

  /**
   * @param mebibytes the size of its volumes
   */
  LvmLabSite(CommandRunner runner, LvmOptions options, String group, int mebibytes) {
    this.runner = runner;
    this.options = options;
    this.group = group;
    this.mebibytes = mebibytes;
  }

  @Override
  public CommandRunner runner() {
    return runner;
  }

  @Override
  public StorageBackend backend(CommandRunner through) {
    return LvmBackend.on(through, options);
  }

  @Override
  public FilesystemName name(String leaf) {
    return FilesystemName.of(group + "/" + leaf);
  }

  @Override
  public void create(FilesystemName filesystem) {
    String name = Volume.of(filesystem).name();
    String size = Integer.toString(mebibytes);
    if (options.thinPool().isPresent()) {
      shell(CREATE_THIN, "", group, name, size, options.thinPool().get());
    } else {
      shell(CREATE, "", group, name, size);
    }
  }

  @Override
  public void rename(FilesystemName from, FilesystemName to) {
    throw new UnsupportedOperationException("volumes have no children");
  }

  @Override
  public void destroy(FilesystemName filesystem) {
    shell("lvremove -y -q \"$1\"", "", filesystem.value());
  }

  @Override
  public boolean exists(FilesystemName filesystem) {
    String selection = "lv_name=\"" + Volume.of(filesystem).name() + "\"";
    return !shell("lvs --noheadings -o lv_name -S \"$1\" \"$2\"", "", selection, group).isBlank();
  }

  @Override
  public void write(FilesystemName filesystem, String file, String text) {
    String kept =
        text.length() <= LONGEST_TEXT ? text : text.length() + " characters " + text.hashCode();
    byte[] bytes = (file + "\0" + kept).getBytes(StandardCharsets.UTF_8);
    byte[][] blocks = blocks(filesystem.value());
    put(
        filesystem,
        slot(blocks, file),
        ByteBuffer.allocate(BLOCK).putInt(bytes.length).put(bytes).array());
  }

  @Override
  public void delete(FilesystemName filesystem, String file) {
    byte[][] blocks = blocks(filesystem.value());
    int slot = slot(blocks, file);
    if (read(blocks[slot + 1]).isPresent()) {
      put(filesystem, slot, new byte[BLOCK]);
    }
  }

  private void put(FilesystemName filesystem, int slot, byte[] block) {
    shell(
        WRITE,
        Base64.getEncoder().encodeToString(block),
        filesystem.value(),
        Integer.toString(slot));
  }

  /** The digest, then each block. */
  private byte[][] blocks(String volume) {
    String[] lines = shell(READ, "", volume).split("\n", 2);
    byte[] all = Base64.getDecoder().decode(lines[1].strip());
    List<byte[]> blocks = new ArrayList<>();
    blocks.add(lines[0].getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < BLOCKS; i++) {
      blocks.add(Arrays.copyOfRange(all, i * BLOCK, (i + 1) * BLOCK));
    }
    return blocks.toArray(byte[][]::new);
  }

  private static int slot(byte[][] blocks, String file) {
    int free = -1;
    for (int i = 1; i < blocks.length; i++) {
      Optional<String[]> fields = read(blocks[i]);
      if (fields.filter(f -> f[0].equals(file)).isPresent()) {
        return i - 1;
      } else if (fields.isEmpty() && free < 0) {
        free = i - 1;
      }
    }
    return free;
  }

  private static Optional<String[]> read(byte[] block) {
    int length = ByteBuffer.wrap(block).getInt();
    return length <= 0 || length > BLOCK - 4
        ? Optional.empty()
        : Optional.of(new String(block, 4, length, StandardCharsets.UTF_8).split("\0", 2));
  }

  @Override
  public Map<String, String> content(FilesystemName filesystem) {
    return content(filesystem.value());
  }

  @Override
  public Map<String, String> content(FilesystemName root, String path, String snapshot) {
    return content(Volume.of(root).snapshot(snapshot).path());
  }

  private Map<String, String> content(String volume) {
    byte[][] blocks = blocks(volume);
    Map<String, String> content = new TreeMap<>();
    content.put("", new String(blocks[0], StandardCharsets.US_ASCII));
    for (int i = 1; i < blocks.length; i++) {
      read(blocks[i]).ifPresent(fields -> content.put(fields[0], fields[1]));
    }
    return content;
  }

  @Override
  public FilesystemName aside(FilesystemName root, String member, String asideName) {
    return FilesystemName.of(Volume.of(root).snapshot(asideName).path());
  }

  /** What is received and became no snapshot, and the devices that were read through. */
  @Override
  public Set<String> leftovers() {
    String script =
        "lvs --noheadings -o lv_name \"$1\" | sed -n 's/^ *\\(.*+in\\) *$/\\1/p';"
            + " dmsetup ls | cut -f1 | sed -n '/^r4j:/p'";
    return shell(script, "", group).lines().collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public boolean isListing(Command command) {
    return command.argv().contains("fullreport");
  }

  private String shell(String script, String input, String... arguments) {
    List<String> argv = new ArrayList<>(List.of("sh", "-euc", script, "sh"));
    argv.addAll(Arrays.asList(arguments));
    try {
      CommandResult result = runner.run(Command.of(argv).withInput(input));
      if (!result.succeeded()) {
        throw new IllegalStateException(argv + ": " + result.errorTail());
      }
      return result.output();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
