package io.replication4j.lvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.FilesystemName;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.lvm.ReportParser.Report;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What LVM 2.03.16 really printed. */
class ReportParserTest {

  private static String captured() throws IOException {
    try (InputStream in =
        ReportParserTest.class.getResourceAsStream("/lvm/2.03.16/fullreport.json")) {
      if (in == null) {
        throw new IOException("not captured");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Report report() throws IOException {
    return ReportParser.parse("here", captured());
  }

  private static LogicalVolume volume(String name) throws IOException {
    return report().volumes().stream()
        .filter(v -> v.volume().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void groupsComeWithWhatIsFree() throws IOException {
    assertEquals(Map.of("capt", 256_245_760L), report().freeBytes());
  }

  @Test
  void aSnapshotSaysHowFullItIsAndWhoseItIs() throws IOException {
    LogicalVolume sent = volume("data.sent-dr");
    assertEquals(Optional.of("data"), sent.origin());
    assertEquals(26.25, sent.filled().orElseThrow());
    assertFalse(sent.isUntouched());
    assertEquals(
        "1795262498679580804-c283bb45-a5ea-4d8e-91ab-f7ffb3040ae8",
        sent.id().orElseThrow().value());
    assertEquals(1_795_262_498_679_580_804L, Tags.takenAt(sent.id().orElseThrow()));
  }

  @Test
  void anOverflowedSnapshotIsLost() throws IOException {
    assertTrue(volume("data.lost").invalid());
    View view = View.of(Volume.of(FilesystemName.of("capt/data")), report());
    assertEquals(List.of("lost"), view.lost().stream().map(view::label).toList());
    assertEquals(
        List.of("sent-dr", "user snap"), view.versions().stream().map(view::label).toList());
  }

  @Test
  void aHiddenSnapshotIsTheOneThatIsBeingMerged() throws IOException {
    assertTrue(volume("merged.s").merging());
    assertFalse(volume("merged").merging());
    assertTrue(volume("merged").open());
  }

  @Test
  void aThinVolumeIsKnownByItsPool() throws IOException {
    assertEquals(Optional.of("pool"), volume("thin").pool());
  }

  @Test
  void whatIsBeingReceivedIsFoundByItsTag() throws IOException {
    View view = View.of(Volume.of(FilesystemName.of("capt/copy")), report());
    assertEquals(Optional.empty(), view.live());
    assertEquals(List.of("tosend-dr"), view.incoming().stream().map(view::label).toList());
    assertEquals(1, view.remains().size());
  }

  @Test
  void physicalVolumesWithoutAGroupAreNoGroup() {
    String orphans = "{\"report\": [{\"pv\": [{}], \"pvseg\": [{}]}]}";
    assertEquals(List.of(), ReportParser.parse("here", orphans).volumes());
  }

  @Test
  void nothingIsUsedOfWhatCannotBeReadWhole() throws IOException {
    String whole = captured();
    for (String broken :
        List.of(
            "",
            "{}",
            whole.substring(0, whole.length() / 2),
            whole.replace("\"lv_tags\"", "\"tags\""),
            whole.replace("\"655360\"", "\"640k\""))) {
      assertThrows(
          UnexpectedOutputException.class, () -> ReportParser.parse("here", broken), broken);
    }
  }
}
