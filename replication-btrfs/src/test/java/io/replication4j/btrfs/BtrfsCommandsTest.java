package io.replication4j.btrfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.FilesystemName;
import io.replication4j.UnsupportedException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class BtrfsCommandsTest {

  @Test
  void oneBaseIsTheParentManyAreCloneSources() {
    assertEquals(
        List.of("btrfs", "-q", "send", "-p", "/s/1", "--", "/s/2"),
        BtrfsCommands.send(List.of(), List.of("/s/1"), List.of(), List.of("/s/2")).argv());
    assertEquals(
        List.of("btrfs", "-q", "send", "-c", "/s/1", "-c", "/t/1", "--", "/s/2", "/t/2"),
        BtrfsCommands.send(List.of(), List.of(), List.of("/s/1", "/t/1"), List.of("/s/2", "/t/2"))
            .argv());
  }

  @Test
  void manySnapshotsAreOneProcessStart() {
    List<List<String>> fromTo = List.of(List.of("/a b", "/s/@"), List.of("/a b/c", "/s/@c"));
    assertEquals(
        List.of("xargs", "-0", "-r", "-n", "2", "btrfs", "-q", "subvolume", "snapshot", "-r", "--"),
        BtrfsCommands.readOnlySnapshots(fromTo).argv(List.of()));
  }

  @Test
  void theOnlyShellTextIsConstant() {
    assertEquals(
        List.of(
            "sh",
            "-c",
            "# receive snapshots\n" + BtrfsCommands.RECEIVE_SCRIPT,
            "sh",
            "/s/$(odd)",
            "/s/.in"),
        BtrfsCommands.receive("/s/$(odd)", "/s/.in").argv());
  }

  /** Where things lie. */
  @Nested
  class Layout {

    private final MountTable.Mount mount = new MountTable.Mount("0:48", "/@", "/srv", "btrfs", 256);

    @Test
    void besideAFilesystem() {
      BtrfsLayout layout = layout("/srv/a/data", Optional.empty());
      assertEquals(
          "/srv/a/.replication4j/data/tosend/@d%2Fn 2", layout.snapshot("tosend", "d/n 2"));
      assertEquals("/srv/a/.replication4j-next-data", layout.next());
      assertEquals("@/a/data", layout.inFilesystem("/srv/a/data"));
    }

    @Test
    void insideAMountPoint() {
      assertEquals("/srv/.replication4j/%2F", layout("/srv", Optional.empty()).leafDirectory());
    }

    @Test
    void insideTheRootOfTheHost() {
      MountTable.Mount root = new MountTable.Mount("0:22", "/@", "/", "btrfs", 256);
      BtrfsLayout layout = BtrfsLayout.of(FilesystemName.of("/"), "/", root, Optional.empty());
      assertEquals("/.replication4j/%2F/sent/@", layout.snapshot("sent", ""));
      assertEquals("/srv/a", layout.live("srv/a"));
      assertEquals("@", layout.inFilesystem(layout.live("")));
      assertEquals("@/srv/a", layout.inFilesystem(layout.live("srv/a")));
      assertEquals("@/.replication4j", layout.inFilesystem(layout.holder()));
    }

    @Test
    void elsewhereUnderTheWholePath() {
      assertEquals(
          "/srv/x/.replication4j/%2Fsrv%2Fa%2Fdata",
          layout("/srv/a/data", Optional.of("/srv/x")).leafDirectory());
    }

    @Test
    void namesComeBack() {
      for (String name : List.of("plain", "a/b", "100%", "%2F", ".hidden", "%2E", "%252F", "ü n")) {
        assertEquals(name, BtrfsLayout.decode(BtrfsLayout.encode(name)));
        assertEquals(Optional.of(name), BtrfsLayout.member(BtrfsLayout.entry(name)));
      }
      assertEquals(Optional.empty(), BtrfsLayout.member("of somebody else"));
    }

    @Test
    void aPathThatIsTooLongForANameIsRefused() {
      assertThrows(UnsupportedException.class, () -> BtrfsLayout.entry("x".repeat(255)));
    }

    private BtrfsLayout layout(String path, Optional<String> override) {
      return BtrfsLayout.of(FilesystemName.of(path), path, mount, override);
    }
  }

  @Test
  void mountsAreFoundByTheDeepestPoint() {
    MountTable table =
        MountTable.parse(
            """
            24 1 0:22 / / rw,relatime - ext4 /dev/vda rw
            57 24 0:48 /@ /mnt/with\\040space rw,relatime shared:1 - btrfs /dev/loop0 rw,subvolid=256,subvol=/@
            58 57 0:50 / /mnt/with\\040space/deeper rw - btrfs /dev/loop1 rw,space_cache=v2,subvolid=5,subvol=/
            """);
    assertEquals("ext4", table.of("/mnt/with").type());
    assertEquals(256, table.of("/mnt/with space/x").subvolume());
    assertEquals("@/x", table.of("/mnt/with space/x").inFilesystem("/mnt/with space/x"));
    assertEquals("", table.of("/mnt/with space/deeper").inFilesystem("/mnt/with space/deeper"));
  }
}
