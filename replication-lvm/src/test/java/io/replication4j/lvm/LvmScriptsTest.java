package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.hash.Hashing;
import io.replication4j.BusyException;
import io.replication4j.NotFoundException;
import io.replication4j.StalePlanException;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.lvm.Tags.Next;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts, run by this machine's sh(1), with other programs in place of LVM's. */
class LvmScriptsTest {

  private static final Volume COPY = new Volume("vg", "copy");

  @TempDir private Path programs;
  private Path log;

  @BeforeEach
  void somePrograms() throws IOException {
    log = programs.resolve("log");
    Files.createFile(log);
    for (String name : List.of("cut", "cat", "dd")) {
      Path real = Path.of("/usr/bin").resolve(name);
      Files.createSymbolicLink(programs.resolve(name), real);
    }
  }

  /** A program that notes its words, and then does what {@code body} says. */
  private void program(String name, String body) throws IOException {
    Path file = programs.resolve(name);
    Files.writeString(file, "#!/bin/sh\necho \"" + name + " $*\" >>" + log + "\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private CommandResult run(Command command, String input) throws InterruptedException {
    List<String> argv = new ArrayList<>(List.of("/usr/bin/env", "PATH=" + programs, "/bin/sh"));
    argv.addAll(command.argv().subList(1, command.argv().size()));
    return LocalCommandRunner.create().run(Command.of(argv).withInput(input));
  }

  private static Class<?> meaning(Command command, CommandResult result) {
    return LvmErrors.of("there", command, result).getClass();
  }

  private String log() throws IOException {
    return Files.readString(log);
  }

  @Test
  void aHostWithoutBlockdevIsToldToInstallIt() throws Exception {
    program("lvcreate", "");
    Command receive = LvmCommands.receive(COPY, COPY.incoming("s"));
    CommandResult result = run(receive, "image 1048576 0 1-id\n");
    assertEquals(CommandNotFoundException.class, meaning(receive, result));
  }

  @Test
  void extentsThatDoNotDivideTheVolumeAreSaidToBeIt() throws Exception {
    program("lvcreate", "");
    program("blockdev", "echo 2097152");
    Command receive = LvmCommands.receive(COPY, COPY.incoming("s"));
    CommandResult result = run(receive, "image 1048576 0 1-id\n");
    assertEquals(UnsupportedException.class, meaning(receive, result));
  }

  @Test
  void aStoreSaysWhatItsStreamIs() throws Exception {
    program("lvcreate", "");
    run(
        LvmCommands.receive(COPY, COPY.incoming("s")),
        "store 8192 4 2-id 1-id 4096 1048576 7\nABCD");
    assertEquals(
        "lvcreate -y -q -W n -Z n -L 8192b -n copy.s+in --addtag r4j.in=copy --addtag r4j.id=2-id"
            + " --addtag r4j.base=1-id --addtag r4j.chunk=4096 --addtag r4j.bytes=1048576"
            + " --addtag r4j.exceptions=7 vg",
        log().strip());
  }

  @Test
  void whatIsKeptIsToldByTheDigestsOfItsWindows() throws Exception {
    for (String name : List.of("split", "sha256sum")) {
      Files.createSymbolicLink(programs.resolve(name), Path.of("/usr/bin").resolve(name));
    }
    program("lvchange", "");
    Path device = programs.resolve("device");
    byte[] content = new byte[3 << 20];
    content[content.length / 2] = 1;
    Files.write(device, content);
    List<String> words = new ArrayList<>(LvmCommands.kept(COPY, (2 << 20) + 512).argv());
    words.set(4, device.toString());
    CommandResult result = run(Command.of(words), "");
    assertTrue(result.succeeded(), result::toString);
    List<String> lines = new ArrayList<>(List.of(String.valueOf((2 << 20) + 512)));
    for (int at = 0; at < (2 << 20) + 512; at += 1 << 20) {
      int end = Math.min(at + (1 << 20), (2 << 20) + 512);
      lines.add(Hashing.sha256().hashBytes(content, at, end - at) + "  -");
    }
    assertEquals(lines, result.output().lines().toList());
  }

  @Test
  void whatIsKeptGetsTheRestOnlyIfItIsThatVersion() throws Exception {
    Files.createSymbolicLink(programs.resolve("tr"), Path.of("/usr/bin/tr"));
    program(
        "lvs",
        "case $* in *'\"r4j.id=1-id\" && lv_tags=\"r4j.in=copy\" && origin=\"\"'*) echo '  r4j.digest=old,r4j.id=1-id,r4j.in=copy';; esac");
    program("lvchange", "");
    Command receive = LvmCommands.receive(COPY, COPY.incoming("s"));
    CommandResult other = run(receive, "kept 0 0 2-id\nend new\n");
    assertEquals(NotFoundException.class, meaning(receive, other));
    run(receive, "kept 0 0 1-id\n");
    Command thin = ThinCommands.receive(COPY, COPY.incoming("s"), "pool");
    CommandResult otherThin = run(thin, "kept 1048576 2-id\nend new\n");
    assertEquals(NotFoundException.class, meaning(thin, otherThin));
    run(thin, "kept 1048576 1-id\n");
    String noLongerWhole = "lvchange -q --deltag r4j.digest=old vg/copy.s+in";
    assertEquals(
        List.of(noLongerWhole, noLongerWhole),
        log().lines().filter(line -> line.startsWith("lvchange")).toList());
    assertTrue(!log().contains("lvcreate"), this::toString);
  }

  /**
   * The same script for a volume that is a file of this test, so that it is there before.
   *
   * @param kept whether a file counts as the device that is there
   */
  private Command inFiles(Command receive, boolean kept) {
    List<String> words = new ArrayList<>(receive.argv());
    words.set(2, kept ? words.get(2).replace("-b ", "-f ") : words.get(2));
    words.set(4, ".." + programs);
    return Command.of(words);
  }

  /** Notes what its caller has as file 4. */
  private void noteWhatIsOpen() throws IOException {
    for (String name : List.of("readlink", "tr")) {
      Files.createSymbolicLink(programs.resolve(name), Path.of("/usr/bin").resolve(name));
    }
    Files.createFile(programs.resolve("copy.s+in"));
    String note = "echo \"open $(readlink /proc/self/fd/4)\" >>" + log;
    program("lvcreate", "");
    program("blockdev", "echo 1048576");
    program("blkdiscard", note);
    program("lvs", note + "\necho '  r4j.id=1-id,r4j.in=copy'");
    program("lvchange", note);
    program(
        "dmsetup",
        """
        case "$*" in
        'table vg-copy.s+in') echo '0 2048 thin 253:4 1';;
        info*) echo vg-pool-tpool;;
        table*) echo '0 4096 thin-pool 253:1 253:2 128 0 1 x';;
        status*) echo '0 4096 thin-pool 1 5/100 5/100 - rw';;
        esac""");
  }

  private List<String> open(Command receive, String input) throws Exception {
    Files.writeString(log, "");
    CommandResult result = run(receive, input);
    assertTrue(result.succeeded(), result::toString);
    return log().lines().filter(line -> line.startsWith("open")).toList();
  }

  /** One that outlived its sync would write into a volume that was made anew. */
  @Test
  void whoeverWaitsForMoreHoldsItsVolumeOpen() throws Exception {
    noteWhatIsOpen();
    String held = "open " + programs.resolve("copy.s+in").toRealPath();
    String free = "open ";
    Command classic = LvmCommands.receive(COPY, COPY.incoming("s"));
    Command thin = ThinCommands.receive(COPY, COPY.incoming("s"), "pool");
    String rest = "zero 0 512\nend new\n";
    assertEquals(
        List.of(held, free), open(inFiles(classic, false), "image 1048576 0 1-id\n" + rest));
    assertEquals(List.of(held, free), open(inFiles(thin, false), "image 1048576 1-id\n" + rest));
    assertEquals(List.of(held, held, free), open(inFiles(classic, true), "kept 0 0 1-id\n" + rest));
    assertEquals(
        List.of(held, held, free), open(inFiles(thin, true), "kept 1048576 1-id\n" + rest));
  }

  @Test
  void whatLiesOnTheSnapshotGoesBeforeIt() throws Exception {
    program(
        "dmsetup",
        """
        case $1 in
        ls) printf 'vg-copy\\t(253:0)\\nr4j:vg-copy.s-1\\t(253:1)\\nr4j:vg-copy.s-2\\t(253:2)\\nr4j-vg-copy.s\\t(253:3)\\n';;
        deps) case $4 in *-2) echo '1 dependencies : (vg-copy.other)';; *) echo '1 dependencies : (vg-copy.s-cow)';; esac;;
        esac""");
    program("lvremove", "echo '  Logical volume \"copy.s\" successfully removed.'");
    Command remove = LvmCommands.removeSnapshot(COPY.snapshot("s"), List.of(VersionId.of("1-id")));
    CommandResult result = run(remove, "");
    assertTrue(result.succeeded(), result::toString);
    assertEquals(
        List.of(
            "dmsetup remove --retry r4j:vg-copy.s-1",
            "lvremove -y -q -S lv_tags=\"r4j.id=1-id\" vg/copy.s"),
        log().lines().filter(line -> line.contains("remove")).toList());
  }

  @Test
  void whatIsSomethingElseByNowIsNotRemovedAndThatIsSaid() throws Exception {
    program("dmsetup", "");
    program("lvremove", ""); // as LVM 2.03.16 does when nothing is selected
    Command remove = LvmCommands.removeSnapshot(COPY.snapshot("s"), List.of(VersionId.of("1-id")));
    CommandResult result = run(remove, "");
    assertEquals(StalePlanException.class, meaning(remove, result));
  }

  /** Else what the volume became since would be called that version. */
  @Test
  void whatIsSomethingElseByNowIsNotMarked() throws Exception {
    program(
        "lvs", "case $* in *'lv_tags=\"r4j.next=1-id/s/4096-0\" vg/copy') echo '  copy';; esac");
    program("lvcreate", "");
    Next next = new Next(VersionId.of("1-id"), "s", Optional.of("4096-0"));
    Command late = mark(new Next(VersionId.of("2-id"), "s", Optional.of("4096-0")));
    assertEquals(StalePlanException.class, meaning(late, run(late, "")));
    assertTrue(!log().contains("lvcreate"), this::toString);
    assertTrue(run(mark(next), "").succeeded());
    assertTrue(log().contains("lvcreate -y -q -s -p r -c 4096b -l 5%ORIGIN -n copy.s"), log());
  }

  private static Command mark(Next next) {
    return LvmOptions.defaults()
        .mark(COPY, List.of(next.tag()), COPY.snapshot(next.label()), next.id());
  }

  @Test
  void whatIsLargeEnoughIsNotEnlargedAgain() throws Exception {
    program("lvs", "echo '  8388608'");
    program("lvextend", "exit 5");
    assertTrue(run(LvmCommands.enlargeOnce(COPY, 8388608), "").succeeded());
    assertEquals(5, run(LvmCommands.enlargeOnce(COPY, 8388609), "").exitStatus());
  }

  @Test
  void whoeverSendsEnlargesASnapshotAndGoesOnIfThatFails() throws Exception {
    program("dmsetup", "echo status");
    program("lvextend", "read -r stolen; echo noise; exit 5");
    CommandResult result =
        run(LvmCommands.send(COPY, List.of()), "enlarge 8192 vg/copy.s\nstatus vg-copy.s\n");
    assertEquals("enlarged 5\nstatus\n", result.output());
    assertTrue(log().contains("lvextend -q -L 8192b vg/copy.s"), this::toString);
  }

  @Test
  void aSnapshotThatIsReadIsNotTouched() throws Exception {
    program(
        "dmsetup",
        """
        case $1 in
        ls) printf 'r4j:vg-copy.s-1\\t(253:1)\\n';;
        deps) echo '1 dependencies : (vg-copy.s)';;
        remove) echo 'device-mapper: remove ioctl on r4j:vg-copy.s-1  failed: Device or resource busy' >&2; echo 'Command failed.' >&2; exit 1;;
        esac""");
    program("lvremove", "");
    Command remove = LvmCommands.removeSnapshot(COPY.snapshot("s"), List.of(VersionId.of("1-id")));
    CommandResult result = run(remove, "");
    assertEquals(BusyException.class, meaning(remove, result));
    assertTrue(!log().contains("lvremove"), this::toString);
  }

  @Test
  void theStoreOfAStrayGoesBeforeIt() throws Exception {
    program("dmsetup", "");
    program("lvremove", "echo removed");
    Command remove = LvmCommands.removeStray(COPY.snapshot("s"), VersionId.of("1-id"));
    assertTrue(run(remove, "").succeeded());
    assertEquals(
        List.of(
            "dmsetup ls",
            "dmsetup info vg-copy.s-cow",
            "dmsetup remove --retry vg-copy.s-cow",
            "lvremove -y -q -S lv_tags=\"r4j.id=1-id\" && origin=\"\" vg/copy.s"),
        log().lines().toList());
  }
}
