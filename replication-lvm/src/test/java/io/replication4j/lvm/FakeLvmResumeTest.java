package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.BusyException;
import io.replication4j.FilesystemName;
import io.replication4j.SyncReport.StepReport;
import io.replication4j.command.Command;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.ResumeContract;
import io.replication4j.testing.World;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Streams that are cut, to a volume and to a store that are kept, on LVM in memory. */
class FakeLvmResumeTest extends ResumeContract {

  private static final long MORE_BYTES = 15 << 20;
  private static final String INCOMING = "copy.tosend-data-dr+in";
  private static final String MARK = "copy.tosend-data-dr";
  private static final Pattern ID_OF_INCOMING =
      Pattern.compile(Pattern.quote(INCOMING) + ".*(r4j\\.id=[^,\\]]+)");
  private static final Pattern EXCEPTIONS = Pattern.compile("r4j\\.exceptions=\\d+");

  private int chunks = 3000;

  @Override
  protected World open(Clock storageClock) {
    return FakeLvmWorld.open(LvmOptions.builder().reservePercent(80).build(), storageClock);
  }

  private FakeLvm lvm() {
    return (FakeLvm) world().source().runner();
  }

  @Override
  protected void prepare(FilesystemName source) {
    lvm().extend(Volume.of(source).name(), MORE_BYTES);
  }

  @Override
  protected void fill(FilesystemName source) {
    lvm().scribble(Volume.of(source).name(), chunks);
  }

  /** One run of an image, and what is left of a window. */
  @Override
  protected long mostLost() {
    return 6 << 20;
  }

  @Override
  protected void damage() {
    there().flipBit(INCOMING, 8 << 20);
  }

  private FakeLvm there() {
    return (FakeLvm) world().target().runner();
  }

  /** What is behind the old end is in no list, and in the stream. */
  @Test
  void aSourceThatBecameLargerAndIsWrittenToIsResumed() throws Exception {
    begin(true);
    lvm().extend("data", 1 << 20);
    StepReport resumed = resumed(9 << 20, this::writeMore);
    boolean kept = resumesIncrements();
    assertEquals(kept, resumed.bytesFound() >= (9 << 20) - mostLost(), resumed::toString);
  }

  /** The kernel begins another area then; a list that is sent again ends before it. */
  @Test
  void aListThatFillsItsLastAreaIsResumed() throws Exception {
    chunks = 12 * 256;
    begin(true);
    StepReport resumed = resumed(9 << 20, () -> {});
    boolean kept = resumesIncrements();
    assertEquals(kept, resumed.bytesFound() >= (9 << 20) - mostLost(), resumed::toString);
  }

  /**
   * A writer that outlived its sync would write into the new stream what it has of the old one: it
   * is waited for. A release before this one did not say how many chunks that had.
   */
  @Test
  void aStoreOfAnotherStreamGivesWay() throws Exception {
    begin(true);
    StepReport begunAnew =
        resumed(
            9 << 20,
            () -> {
              forgetCount();
              writeMore();
              there().setOpen(INCOMING, true);
              if (resumesIncrements()) {
                BusyException e = assertThrows(BusyException.class, this::syncOnce);
                assertTrue(String.valueOf(e.getMessage()).contains(INCOMING), e::getMessage);
              }
              there().setOpen(INCOMING, false);
            });
    assertEquals(0, begunAnew.bytesFound(), begunAnew::toString);
  }

  /** It would write into the volume when that is in its place. */
  @Test
  void aVolumeThatSomebodyStillWritesToDoesNotLand() throws Exception {
    begin(false);
    resumed(
        9 << 20,
        () -> {
          there().setOpen(INCOMING, true);
          assertIncomingIsBusy();
          takeMark();
          assertIncomingIsBusy();
          there().run(Command.of("lvremove", "-y", "-q", "vg/" + MARK));
          there().setOpen(INCOMING, false);
        });
  }

  private void assertIncomingIsBusy() {
    BusyException e = assertThrows(BusyException.class, this::syncOnce);
    assertTrue(String.valueOf(e.getMessage()).contains(INCOMING), e::getMessage);
    assertTrue(!there().exists("copy") && there().exists(INCOMING), there()::toString);
  }

  /** As a sync does that is cut before the volume gets its name. */
  private void takeMark() {
    Matcher id = ID_OF_INCOMING.matcher(there().toString());
    assertTrue(id.find(), there()::toString);
    List<String> words = new ArrayList<>(List.of("lvcreate", "-y", "-q", "-s", "-n", MARK));
    words.addAll(List.of("--addtag", id.group(1)));
    words.addAll(
        resumesIncrements()
            ? List.of("-l", "5%ORIGIN")
            : List.of("-k", "n", "--addtag", "r4j.of=copy/"));
    words.add("vg/" + INCOMING);
    assertTrue(there().run(Command.of(words)).succeeded());
  }

  private void forgetCount() {
    Matcher tag = EXCEPTIONS.matcher(there().toString());
    assertEquals(resumesIncrements(), tag.find());
    if (resumesIncrements()) {
      there().run(Command.of("lvchange", "-q", "--deltag", tag.group(), "vg/" + INCOMING));
    }
  }
}
