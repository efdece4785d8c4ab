package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.FilesystemName;
import io.replication4j.NotFoundException;
import io.replication4j.Side;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.lvm.ReportParser.Report;
import io.replication4j.spi.ObserveRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a listing says of a version that is on its way, and what is done about it. */
class LandingTest {

  private static final Volume COPY = new Volume("vg", "copy");
  private static final VersionId BASE = VersionId.of("1-base");
  private static final String ANNOUNCED = "r4j.next=2-next/tosend/4096-00000000";

  private final Steps steps = new Steps(LvmOptions.defaults());

  private static LogicalVolume volume(
      String name, String origin, double filled, boolean merging, String... tags) {
    return new LogicalVolume(
        new Volume("vg", name),
        "uuid-" + name,
        1 << 20,
        1 << 20,
        Optional.of(origin).filter(o -> !o.isEmpty()),
        Optional.empty(),
        List.of(tags),
        origin.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(filled),
        false,
        merging,
        true,
        false,
        "linear");
  }

  private static LogicalVolume copy(String... tags) {
    return volume("copy", "", 0, false, tags);
  }

  private static LogicalVolume base(double filled) {
    return volume("copy.sent", "copy", filled, false, "r4j.id=1-base");
  }

  private static LogicalVolume incoming(String origin, boolean merging) {
    return volume(
        "copy.tosend+in",
        origin,
        1,
        merging,
        "r4j.id=2-next",
        "r4j.in=copy",
        "r4j.base=1-base",
        "r4j.chunk=4096",
        "r4j.digest=4096-00000000");
  }

  private static View view(LogicalVolume... volumes) {
    return View.of(COPY, new Report(Map.of("vg", 1L << 30), List.of(volumes)));
  }

  private static Optional<Landing.Stage> stage(LogicalVolume... volumes) {
    return view(volumes).landing().map(Landing::stage);
  }

  private List<String> commands(View view, SyncStep step) {
    return steps.commands("there", view, step).stream().map(Command::toShellText).toList();
  }

  @Test
  void whatWasAdoptedOnAnUntouchedVolumeIsToBeMerged() {
    assertEquals(
        Optional.of(Landing.Stage.ADOPTED), stage(copy(), base(0), incoming("copy", false)));
    assertEquals(
        Optional.of(Landing.Stage.ADOPTED),
        stage(copy(ANNOUNCED), base(0), incoming("copy", false)));
  }

  @Test
  void aVolumeThatTookItsPlaceIsNoLongerWhatWasReceived() {
    View view = view(copy("r4j.in=copy", "r4j.id=1-base", "r4j.digest=4096-0"), base(0));
    assertEquals(
        List.of(
            "lvchange -q --deltag r4j.in=copy --deltag r4j.id=1-base --deltag r4j.digest=4096-0"
                + " vg/copy"),
        commands(view, new SyncStep.Prepare(Side.TARGET)));
  }

  private static LogicalVolume image(String... more) {
    return volume(
        "copy.tosend+in",
        "",
        0,
        false,
        Stream.concat(Stream.of("r4j.in=copy", "r4j.id=1-base"), Stream.of(more))
            .toArray(String[]::new));
  }

  /** A command of a sync that was cut may be carried out long after it was given up. */
  @Test
  void whatDidNotArriveWholeDoesNotLandWhateverItWasMade() {
    LogicalVolume store =
        volume(
            "copy.tosend+in", "copy", 1, false, "r4j.id=2-next", "r4j.in=copy", "r4j.base=1-base");
    assertEquals(Optional.empty(), stage(copy(ANNOUNCED), base(0), store));
    LogicalVolume mark = volume("copy.tosend", "copy.tosend+in", 0, false, "r4j.id=1-base");
    View view = view(image(), mark);
    assertEquals(Optional.empty(), view.landing());
    assertEquals(Optional.empty(), view.kept());
    assertEquals(
        List.of("lvremove -y -q vg/copy.tosend+in"),
        commands(view, new SyncStep.AbortReceive(Side.TARGET, List.of(""))));
  }

  /** Of another version, or of what had arrived until then. */
  @Test
  void aWholeVolumeLandsOnlyWithASnapshotThatIsIt() {
    LogicalVolume image = image("r4j.digest=4096-00000000");
    for (LogicalVolume mark :
        List.of(
            volume("copy.tosend", "copy.tosend+in", 0, false, "r4j.id=2-other"),
            volume("copy.tosend", "copy.tosend+in", 1, false, "r4j.id=1-base"))) {
      assertEquals(Optional.empty(), stage(image, mark), mark::toString);
    }
  }

  @Test
  void aVolumeThatIsNotInItsPlaceYetIsKnownByTheIdThatItWillHave() {
    View view =
        view(
            image("r4j.digest=4096-00000000"),
            volume("copy.tosend", "copy.tosend+in", 0, false, "r4j.id=1-base"));
    assertEquals(Optional.of(Landing.Stage.IMAGE), view.landing().map(Landing::stage));
    ObserveRequest request = ObserveRequest.versions(FilesystemName.of("vg/copy"), false);
    assertEquals(
        "uuid-copy.tosend+in",
        new Observer(view, VolumeKind.of(view, LvmOptions.defaults()))
            .observation(request)
            .filesystemId());
  }

  @Test
  void whatWasAnnouncedIsMergedOnlyWhenNothingIsLeftToMerge() {
    assertEquals(
        Optional.of(Landing.Stage.MERGING),
        stage(copy(ANNOUNCED), base(1), incoming("copy", true)));
    assertEquals(Optional.of(Landing.Stage.MERGED), stage(copy(ANNOUNCED), base(1)));
  }

  @Test
  void whatCannotBeMergedAnyMoreIsNotMerged() {
    assertEquals(Optional.empty(), stage(copy(ANNOUNCED), base(1), incoming("copy", false)));
    assertEquals(Optional.empty(), stage(copy(ANNOUNCED), base(0), incoming("", false)));
  }

  @Test
  void whoGivesUpWhatWasReceivedFirstForgetsThatItWasToBeMerged() {
    View view = view(copy(ANNOUNCED), base(1), incoming("copy", false));
    assertEquals(
        List.of(
            "lvchange -q --deltag " + ANNOUNCED + " vg/copy", "lvremove -y -q vg/copy.tosend+in"),
        commands(view, new SyncStep.AbortReceive(Side.TARGET, List.of(""))));
  }

  /** A command of a sync that was cut may be carried out long after it was given up. */
  @Test
  void whatWasAnnouncedTwiceIsNotBelieved() {
    String late = "r4j.next=0-late/sent/";
    assertEquals(Optional.empty(), stage(copy(late, ANNOUNCED), base(1)));
    assertEquals(Optional.empty(), stage(copy(ANNOUNCED, late), base(1)));
    View view = view(copy(late), base(0), incoming("copy", false));
    assertEquals(
        "lvchange -q --addtag " + ANNOUNCED + " --deltag " + late + " vg/copy",
        commands(view, new SyncStep.Prepare(Side.TARGET)).get(0));
  }

  @Test
  void anotherVersionThatIsMergedIsNotForgotten() {
    String other = "r4j.next=3-other/tosend/4096-00000000";
    View view = view(copy(other), base(1), incoming("", false));
    assertEquals(
        List.of("lvremove -y -q vg/copy.tosend+in"),
        commands(view, new SyncStep.AbortReceive(Side.TARGET, List.of(""))));
  }

  @Test
  void aSnapshotIsRolledBackToByIdentityOnly() {
    View renamed = view(copy(), volume("copy.other", "copy", 1, false, "r4j.id=1-base"));
    assertTrue(
        commands(renamed, rollBack()).stream().anyMatch(c -> c.endsWith("--merge vg/copy.other")));
    View replaced = view(copy(), volume("copy.sent", "copy", 1, false, "r4j.id=9-foreign"));
    assertThrows(NotFoundException.class, () -> commands(replaced, rollBack()));
    assertThrows(NotFoundException.class, () -> commands(replaced, keepAside()));
  }

  @Test
  void newerSnapshotsThatAreKeptAsideGetRoomForAllThatIsOverwrittenLater() {
    View view =
        view(
            copy(),
            base(1),
            new LogicalVolume(
                new Volume("vg", "copy.other"),
                "uuid-other",
                1 << 16,
                1 << 20,
                Optional.of("copy"),
                Optional.empty(),
                List.of("r4j.id=2-newer"),
                OptionalDouble.of(1),
                false,
                false,
                true,
                false,
                "linear"));
    List<String> commands = commands(view, keepAside());
    int all = (1 + 2 + 256) * 4096; // header, areas, every chunk
    assertEquals("lvextend -q -L " + all + "b vg/copy.other", commands.get(0));
    assertTrue(commands.contains("lvrename -q vg copy.other copy.aside.other"), commands::toString);
  }

  @Test
  void aVersionOfAThinVolumeIsNoStrayAlthoughItHasNoOrigin() {
    LogicalVolume thin = thin("copy");
    LogicalVolume version = thin("copy.sent", "r4j.id=1-base", "r4j.of=copy");
    View view = view(thin, version);
    assertEquals(List.of(version), view.versions());
    assertEquals(List.of(), view.strays());
    assertEquals(List.of(), commands(view, new SyncStep.Prepare(Side.TARGET)));
    View otherKind = view(copy(), version); // a volume of the same name was made outside the pool
    assertEquals(List.of(), commands(otherKind, new SyncStep.Prepare(Side.TARGET)));
  }

  @Test
  void whatASnapshotLeftThatIsNoneIsRemovedBeforeAllElse() {
    View view = view(copy(), volume("copy.sent", "", 0, false, "r4j.id=1-base"));
    List<String> commands = commands(view, new SyncStep.Prepare(Side.TARGET));
    assertEquals(1, commands.size());
    assertTrue(commands.get(0).contains("vg-copy.sent-cow"), commands::toString);
  }

  @Test
  void thinVersionsThatAreKeptAsideNeedNoRoom() {
    View view =
        view(
            thin("copy"),
            thin("copy.sent", "r4j.id=1-base", "r4j.of=copy"),
            thin("copy.other", "r4j.id=2-newer", "r4j.of=copy"));
    List<String> commands = commands(view, keepAside());
    assertTrue(commands.stream().noneMatch(c -> c.startsWith("lvextend")), commands::toString);
    assertTrue(commands.contains("lvrename -q vg copy copy.aside"), commands::toString);
  }

  @Test
  void piecesThatWereLinedUpOnWhatIsGivenUpGoBeforeIt() {
    LogicalVolume part = thin("copy.tosend+in", "r4j.id=2-next", "r4j.in=copy", "r4j.base=1-base");
    View view = view(thin("copy"), thin("copy.sent", "r4j.id=1-base", "r4j.of=copy"), part);
    assertEquals(
        List.of(LvmCommands.sweep(part.volume()).toShellText(), "lvremove -y -q vg/copy.tosend+in"),
        commands(view, new SyncStep.AbortReceive(Side.TARGET, List.of(""))));
  }

  private static LogicalVolume thin(String name, String... tags) {
    return new LogicalVolume(
        new Volume("vg", name),
        "uuid-" + name,
        1 << 20,
        1 << 20,
        Optional.empty(),
        Optional.of("pool"),
        List.of(tags),
        OptionalDouble.empty(),
        false,
        false,
        true,
        false,
        "thin,sparse");
  }

  private static SyncStep rollBack() {
    return new SyncStep.RollBack("", "sent", BASE, List.of());
  }

  private static SyncStep keepAside() {
    return new SyncStep.KeepAside("", "aside", Optional.of(new Base("", "sent", BASE, false)));
  }
}
