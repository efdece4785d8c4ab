package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.UnsupportedException;
import io.replication4j.VersionId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ZfsCommandsTest {

  private static final FilesystemName ROOT = FilesystemName.of("tank/my data");
  private static final ZfsCapabilities MODERN = ZfsCapabilities.openZfs("2.3.2");
  private static final ZfsCapabilities OLD =
      ZfsCapabilities.fromUsage(Captured.text("0.7.0/usage.txt"), true);

  private final ZfsCommands modern = new ZfsCommands("here", MODERN, ZfsOptions.defaults());
  private final ZfsCommands old = new ZfsCommands("there", OLD, ZfsOptions.defaults());

  private static Optional<Base> base(String path, boolean bookmark) {
    return Optional.of(new Base(path, "sent", VersionId.of("1"), bookmark));
  }

  private static Send send(Optional<Base> base, boolean tree, boolean intermediates) {
    return new Send(
        List.of(new MemberSend("", "tosend", Optional.empty(), base)),
        tree,
        intermediates,
        Optional.empty());
  }

  @Test
  void aFullStreamCarriesPropertiesAndCompressedBlocks() {
    assertEquals(
        "zfs send -c -p 'tank/my data@tosend'",
        modern.send(ROOT, send(Optional.empty(), false, false)).toString());
    assertEquals(
        "zfs send -c -R 'tank/my data@tosend'",
        modern.send(ROOT, send(Optional.empty(), true, false)).toString());
  }

  @Test
  void anIncrementStartsFromItsBase() {
    assertEquals(
        "zfs send -c -R -i @sent 'tank/my data@tosend'",
        modern.send(ROOT, send(base("", false), true, false)).toString());
    assertEquals(
        "zfs send -c -R -I @sent 'tank/my data@tosend'",
        modern.send(ROOT, send(base("", false), true, true)).toString());
  }

  @Test
  void aBookmarkIsTheBaseOfOneStepOnly() {
    assertEquals(
        "zfs send -c -p -i '#sent' 'tank/my data@tosend'",
        modern.send(ROOT, send(base("", true), false, true)).toString());
  }

  @Test
  void aBaseElsewhereIsGivenByItsFullName() {
    assertEquals(
        "zfs send -c -p -i 'tank/my data/was@sent' 'tank/my data@tosend'",
        modern.send(ROOT, send(base("was", false), false, true)).toString());
  }

  @Test
  void aStreamIsResumedByItsTokenAlone() {
    Send resumed =
        new Send(
            List.of(new MemberSend("", "tosend", Optional.empty(), Optional.empty())),
            false,
            false,
            Optional.of("1-2-3-4"));
    assertEquals("zfs send -t 1-2-3-4", modern.send(ROOT, resumed).toString());
  }

  @Test
  void nothingIsEverReceivedByForceOrMountedOrOntoTheSourcesMountPoint() {
    assertEquals(
        "zfs receive -s -u -o readonly=on -x mountpoint 'tank/my data'",
        modern.receive(ROOT, send(Optional.empty(), true, false)).toString());
    assertEquals(
        "zfs receive -s -u 'tank/my data'",
        modern.receive(ROOT, send(base("", false), true, false)).toString());
    assertEquals(
        "zfs receive -u 'tank/my data'",
        old.receive(ROOT, send(Optional.empty(), true, false)).toString());
  }

  /** Killed by a signal, it would hold its snapshots until the pool is imported again. */
  private static final String UNKILLED =
      "sh -c 'trap '\\'''\\'' HUP INT TERM PIPE; exec \"$@\"' sh ";

  @Test
  void anOldZfsIsNotAskedForWhatItCannotDo() {
    assertEquals(
        UNKILLED + "zfs send -R 'tank/my data@tosend'",
        old.send(ROOT, send(Optional.empty(), true, false)).toString());
    assertEquals(
        UNKILLED + "zfs send -i @sent 'tank/my data@tosend'",
        old.send(ROOT, send(base("", false), false, false)).toString());
    assertEquals(List.of(), old.estimate(ROOT, send(Optional.empty(), true, false)));
    assertThrows(UnsupportedException.class, () -> old.bookmark("tank@s", "tank#b"));
    assertEquals("zfs inherit io.replication4j:flush tank", old.flush(List.of("tank")).toString());
  }

  @Test
  void flagsOfTheLineageAreUsedOrRefusedButNeverDropped() {
    ZfsOptions raw = ZfsOptions.builder().raw(true).largeBlocks(true).compressed(false).build();
    assertEquals(
        "zfs send -w -L -p 'tank/my data@tosend'",
        new ZfsCommands("h", MODERN, raw)
            .send(ROOT, send(Optional.empty(), false, false))
            .toString());
    assertThrows(
        UnsupportedException.class,
        () -> new ZfsCommands("h", OLD, raw).send(ROOT, send(Optional.empty(), false, false)));
  }

  @Test
  void severalSnapshotsAreOneCommandWhereTheToolTakesSeveral() {
    List<String> two = List.of("tank/a@x", "tank/b@y");
    assertEquals("zfs snapshot -r tank/a@x tank/b@y", modern.snapshot(two, true).get(0).toString());
    assertEquals(1, old.snapshot(two, true).size());
    assertEquals(
        "zfs snapshot -r tank/a@x\nzfs snapshot -r tank/b@y",
        old.snapshot(two, true).get(0).toString());
  }

  @Test
  void oneCommandAsksEverythingOfAnyNumberOfDatasets() {
    String look =
        modern
            .look(
                List.of("tank/a"),
                List.of("tank/b"),
                List.of("tank/a", "tank/b", "tank"),
                List.of("x:y"),
                List.of("tank"))
            .toString();
    assertEquals(
        List.of(
            "zfs list -H -Hp -r -t filesystem,volume,snapshot,bookmark -o"
                + " name,type,guid,createtxg,creation,available,written,receive_resume_token tank/a",
            "zfs list -Hp -d 1 -t filesystem,volume,snapshot,bookmark -o"
                + " name,type,guid,createtxg,creation,available,written,receive_resume_token tank/b",
            "zfs get -H -Hp -o name,property,value,source type,available,x:y tank/a tank/b tank",
            "zfs list -H -d 1 -t filesystem,volume -o name,type tank"),
        look.lines().toList());
  }

  @Test
  void zfsFuseIsKnownByItsUsage() {
    assertFalse(OLD.exactListing());
    assertFalse(OLD.bookmarks());
    assertFalse(OLD.manySnapshots());
    assertFalse(OLD.receives('s'));
    assertFalse(OLD.sends('c'));
  }

  @Test
  void aPairsPropertyNameHasNoUpperCase() {
    assertEquals("io.replication4j:state._pair__1.x:y-z", ZfsProperties.state("Pair_1.x:y-z"));
  }
}
