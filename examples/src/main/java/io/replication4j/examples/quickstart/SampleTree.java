package io.replication4j.examples.quickstart;

import io.replication4j.examples.lab.Storage;
import io.replication4j.examples.lab.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/** Files of every kind that a filesystem holds, and changes to them of every kind. */
final class SampleTree {

  private static final int MIB = 1 << 20;

  private final Tools tools;
  private final Storage storage;
  private final String leaf;
  private final Path top;
  private final Random random = new Random(42);

  SampleTree(Tools tools, Storage storage, String leaf) {
    this.tools = tools;
    this.storage = storage;
    this.leaf = leaf;
    this.top = storage.sourceDirectory(leaf);
  }

  /** The first state. */
  void create() throws IOException, InterruptedException {
    Files.createDirectories(top.resolve("docs/old"));
    for (int i = 0; i < 50; i++) {
      write("docs/old/note " + i + ".txt", 1 + random.nextInt(20_000));
    }
    write("docs/it's \"odd\" $(name); ünïcode", 100);
    write("data.bin", 48 * MIB);
    write("shared", 5000);
    Files.createLink(top.resolve("docs/shared, second name"), top.resolve("shared"));
    Files.createSymbolicLink(top.resolve("latest"), Path.of("docs/old"));
    sparse("disk.img", 0, 12 * MIB);
    tools.run("mkfifo", path("pipe"));
    tools.run("mknod", path("null"), "c", "1", "3");
    owner("docs/old/note 1.txt", "1234:2345", "4750");
    attribute("user.origin", "first", "data.bin");
    acl("u:nobody:r", "docs/old/note 2.txt");
    tools.run("touch", "-d", "2001-02-03 04:05:06.789", path("docs/old/note 3.txt"));
    storage.createChild(leaf, "projects");
    write("projects/plan.txt", 3000);
  }

  /** Deletions, renames, new files, changed data and metadata, a new child. */
  void change() throws IOException, InterruptedException {
    for (int i = 10; i < 20; i++) {
      Files.delete(top.resolve("docs/old/note " + i + ".txt"));
    }
    Files.move(top.resolve("docs/old/note 5.txt"), top.resolve("docs/moved.txt"));
    Files.move(top.resolve("docs/old"), top.resolve("docs/archive"));
    write("docs/new.txt", 7000);
    append("data.bin", 2 * MIB);
    overwrite("disk.img", 6 * MIB);
    tools.succeeds("fallocate", "-p", "-o", "12582912", "-l", "32768", path("disk.img"));
    sparse("second.img", 4 * MIB, 20 * MIB);
    Files.delete(top.resolve("docs/shared, second name"));
    Files.createLink(top.resolve("docs/shared, third name"), top.resolve("shared"));
    attribute("user.origin", "second", "data.bin");
    attribute("user.reviewed", "yes", "docs/moved.txt");
    acl("u:nobody:rw,g:daemon:r", "docs/archive/note 2.txt");
    owner("docs/archive/note 1.txt", "4321:5432", "0640");
    write("projects/plan.txt", 4000);
    storage.createChild(leaf, "projects/inner");
    write("projects/inner/deep.txt", 2000);
  }

  /** Something that takes a while to send. */
  void addLargeFile() throws IOException {
    write("large.bin", 48 * MIB);
  }

  private String path(String name) {
    return top.resolve(name).toString();
  }

  private void write(String name, int bytes) throws IOException {
    Files.write(top.resolve(name), randomBytes(bytes));
  }

  private void append(String name, int bytes) throws IOException {
    Files.write(top.resolve(name), randomBytes(bytes), StandardOpenOption.APPEND);
  }

  private void overwrite(String name, int offset) throws IOException {
    try (FileChannel file = FileChannel.open(top.resolve(name), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(randomBytes(70_000)), offset);
    }
  }

  /** Two pieces of data with a hole between. */
  private void sparse(String name, int first, int second) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(top.resolve(name).toFile(), "rw")) {
      for (int offset : new int[] {first, second}) {
        file.seek(offset);
        file.write(randomBytes(100_000));
      }
    }
  }

  private byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private void owner(String name, String owner, String mode) throws InterruptedException {
    tools.run("chown", owner, path(name));
    tools.run("chmod", mode, path(name));
  }

  private void attribute(String key, String value, String name) throws InterruptedException {
    if (storage.hasAttributes()) {
      tools.run("setfattr", "-n", key, "-v", value, path(name));
    }
  }

  private void acl(String entry, String name) throws InterruptedException {
    if (storage.hasAcls()) {
      tools.run("setfacl", "-m", entry, path(name));
    }
  }
}
