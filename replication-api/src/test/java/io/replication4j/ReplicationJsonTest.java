package io.replication4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicationJsonTest {

  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00.123456789Z");
  private static final VersionId ID = VersionId.of("18446744073709551615");
  private static final Endpoint SOURCE =
      new Endpoint("zfs", "local", FilesystemName.of("tank/a b"));
  private static final Endpoint TARGET =
      new Endpoint("zfs", "backup@höst", FilesystemName.of("tank/$(x)'\""));
  private static final SyncStep.Base BASE = new SyncStep.Base("old", "sent-p", ID, true);
  private static final Snapshot SNAPSHOT =
      new Snapshot(FilesystemName.of("tank/a"), "s", ID, -1, Optional.of(NOON));
  private static final Bookmark BOOKMARK =
      new Bookmark(FilesystemName.of("tank/a"), "b", ID, 7, Optional.empty());

  static List<SyncStep> steps() {
    List<String> members = List.of("", "child", "child/grand child");
    return List.of(
        new SyncStep.Prepare(Side.TARGET),
        new SyncStep.CreateSnapshot(Side.SOURCE, "tosend-p", members, true),
        new SyncStep.RenameSnapshot(Side.TARGET, "tosend-p", "sent-p", members, false),
        new SyncStep.DestroySnapshot(Side.SOURCE, "sent-p", members, true, List.of(ID)),
        new SyncStep.Hold(Side.SOURCE, "sent-p", "tag", members, true),
        new SyncStep.Release(Side.SOURCE, "sent-p", "tag", members, true),
        new SyncStep.CreateBookmark(Side.SOURCE, "", "sent-p", "mark"),
        new SyncStep.SetProperty(Side.TARGET, "child", "readonly", ""),
        new SyncStep.Send(
            List.of(
                new SyncStep.MemberSend("", "tosend-p", Optional.of(ID), Optional.of(BASE)),
                new SyncStep.MemberSend("new", "tosend-p", Optional.empty(), Optional.empty())),
            true,
            true,
            Optional.empty()),
        new SyncStep.Send(
            List.of(new SyncStep.MemberSend("", "tosend-p", Optional.of(ID), Optional.empty())),
            false,
            false,
            Optional.of("1-c-d")),
        new SyncStep.AbortReceive(Side.TARGET, members),
        new SyncStep.RollBack("", "sent-p", ID, List.of(ID)),
        new SyncStep.KeepAside("", "aside", Optional.of(BASE)),
        new SyncStep.CheckUnmodified("sent-p", members, Optional.of("aside")),
        new SyncStep.InstallCopy("tosend-p", members, Optional.of("sent-p")),
        new SyncStep.InstallCopy("tosend-p", members, Optional.empty(), true),
        new SyncStep.RenameMember("a", "b", ID),
        new SyncStep.DestroyMember("a", List.of(ID)),
        new SyncStep.RecordState(Side.SOURCE, "p", Map.of("large-blocks", "on")));
  }

  static List<Conflict> conflicts() {
    return List.of(
        new Conflict.Diverged(
            TARGET,
            "child",
            ID,
            List.of(SNAPSHOT, BOOKMARK),
            "files differ",
            false,
            Optional.of("empty it")),
        new Conflict.NoCommonBase(SOURCE, TARGET, "", List.of(BOOKMARK), Optional.empty()),
        new Conflict.BrokenChain(SOURCE, TARGET, ID, Optional.of(TARGET)),
        new Conflict.RolesReversed(SOURCE, TARGET, state("")),
        new Conflict.TwoSources(SOURCE, TARGET, 1, 2),
        new Conflict.LineageChanged(SOURCE, Map.of("raw", "on"), Map.of()),
        new Conflict.TargetOccupied(TARGET, "a directory with files"));
  }

  static List<SyncPlan> plans() {
    PlannedStep planned =
        new PlannedStep(
            new SyncStep.Prepare(Side.TARGET),
            List.of(new PlannedCommand("h", "zfs create 'a b'")));
    return List.of(
        new SyncPlan.UpToDate("p", ID, List.of("w")),
        new SyncPlan.Transfer("p", SOURCE, TARGET, Optional.empty(), List.of(planned), List.of()),
        new SyncPlan.Blocked("p", conflicts().get(0), List.of("w")));
  }

  static PairState state(String message) {
    return new PairState(
        "p",
        Role.TARGET,
        3,
        "123",
        SOURCE,
        TARGET,
        Optional.of(ID),
        Optional.of(NOON),
        Optional.empty(),
        PairState.Result.FAILED,
        message,
        Long.MAX_VALUE,
        5,
        Map.of("compressed", "off"));
  }

  static Stream<SyncReport> reports() {
    List<SyncReport.StepReport> done =
        steps().stream()
            .map(
                step ->
                    new SyncReport.StepReport(
                        step,
                        true,
                        9,
                        8,
                        Duration.ofMillis(1500),
                        List.of(new SyncReport.CommandReport("h", "zfs list", 1, Duration.ZERO))))
            .toList();
    return conflicts().stream()
        .map(
            conflict ->
                new SyncReport(
                    "p",
                    SOURCE,
                    TARGET,
                    SyncReport.Outcome.BLOCKED,
                    Optional.of(ID),
                    Optional.of(NOON),
                    NOON,
                    NOON.plusSeconds(1),
                    9,
                    8,
                    done,
                    List.of("w"),
                    Optional.of(conflict),
                    Optional.of("failed")));
  }

  @Test
  void aVerificationComesBackWithEveryTypeOfDifference() {
    List<Verification.Difference> differences =
        List.of(
            new Verification.Difference.Size("", 1 << 20, 2 << 20),
            new Verification.Difference.Range("", 4096, 8192),
            new Verification.Difference.Content("a/b", "deleted"));
    Verification verification =
        new Verification(
            "p",
            SOURCE,
            TARGET,
            ID,
            Optional.of(NOON),
            Verification.Evidence.READ,
            1 << 20,
            differences,
            8192,
            NOON,
            NOON.plusSeconds(1));
    assertEquals(Verification.Difference.class.getPermittedSubclasses().length, differences.size());
    assertEquals(
        verification, ReplicationJson.readVerification(ReplicationJson.write(verification)));
  }

  @Test
  void knowsEveryTypeOfStepAndConflict() {
    assertEquals(
        List.of(SyncStep.class.getPermittedSubclasses()).stream()
            .filter(Class::isRecord)
            .map(Class::getSimpleName)
            .sorted()
            .toList(),
        steps().stream().map(step -> step.getClass().getSimpleName()).distinct().sorted().toList());
    assertEquals(
        Arrays.stream(Conflict.class.getPermittedSubclasses())
            .map(Class::getSimpleName)
            .sorted()
            .toList(),
        conflicts().stream()
            .map(conflict -> conflict.getClass().getSimpleName())
            .sorted()
            .toList());
  }

  @ParameterizedTest
  @MethodSource("steps")
  void stepsComeBackEqual(SyncStep step) {
    assertEquals(step, ReplicationJson.readStep(ReplicationJson.write(step)));
  }

  @ParameterizedTest
  @MethodSource("plans")
  void plansComeBackEqual(SyncPlan plan) {
    assertEquals(plan, ReplicationJson.readPlan(ReplicationJson.write(plan)));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void reportsComeBackEqual(SyncReport report) {
    assertEquals(report, ReplicationJson.readReport(ReplicationJson.write(report)));
  }

  @Test
  void statusesComeBackEqual() {
    SyncStatus status =
        new SyncStatus(
            "p",
            SyncStatus.Health.WARN,
            Optional.of(NOON),
            Optional.of(Duration.ofDays(2)),
            "late");
    assertEquals(status, ReplicationJson.readStatus(ReplicationJson.write(status)));
  }

  @Test
  void namesItsTypesAndFieldsAsDocumented() {
    assertEquals(
        "{\"step\":\"setProperty\",\"side\":\"TARGET\",\"member\":\"child\",\"property\":\"readonly\",\"value\":\"\"}",
        ReplicationJson.write(steps().get(7)));
    assertEquals(
        "{\"pair\":\"p\",\"health\":\"UP\",\"asOf\":\"2026-11-20T12:00:00.123456789Z\",\"lag\":\"PT5M\",\"reason\":\"\"}",
        ReplicationJson.write(
            new SyncStatus(
                "p",
                SyncStatus.Health.UP,
                Optional.of(NOON),
                Optional.of(Duration.ofMinutes(5)),
                "")));
  }

  @Nested
  class StoredState {

    @Test
    void comesBackEqualWithHostileText() {
      PairState state = state("tab\t newline\n quote\" back\\slash $(rm) ; 'x' \u0000 ü 😀 \ud800");
      assertEquals(state, ReplicationJson.readState(ReplicationJson.write(state)));
    }

    @Test
    void isOneLineOfPrintableAscii() {
      String json = ReplicationJson.write(state("a\tb\nc\r ü \u2028"));
      assertTrue(json.chars().allMatch(c -> c >= ' ' && c < 127), json);
    }

    @Test
    void fitsAPropertyOfOldZfsHoweverLongItsMessage() {
      String json = ReplicationJson.write(state("😀 failed ".repeat(500)));
      assertTrue(json.length() <= ReplicationJson.LONGEST_STATE, json);
      assertTrue(json.length() > ReplicationJson.LONGEST_STATE - 30, json);
      assertTrue(ReplicationJson.readState(json).message().startsWith("😀 failed 😀"), json);
    }

    @Test
    void isRefusedWhenItsNamesAloneAreTooLong() {
      Endpoint far = new Endpoint("zfs", "h".repeat(900), FilesystemName.of("tank"));
      PairState state =
          new PairState(
              "p",
              Role.SOURCE,
              1,
              "1",
              far,
              far,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              PairState.Result.SYNCED,
              "",
              0,
              0,
              Map.of());
      assertThrows(IllegalArgumentException.class, () -> ReplicationJson.write(state));
    }

    @Test
    void thatCannotBeReadIsUnexpectedOutput() {
      String message =
          assertThrows(
                  UnexpectedOutputException.class,
                  () -> ReplicationJson.readState("{\"pair\":\n\"p\""))
              .getMessage();
      assertTrue(message.lines().count() == 1, message);
    }

    @Test
    void thatLacksAnyOneFieldIsRefused() {
      Map<String, String> fields = fields(ReplicationJson.write(state("m")));
      assertEquals(14, fields.size());
      for (String name : fields.keySet()) {
        Map<String, String> others = new LinkedHashMap<>(fields);
        others.remove(name);
        assertThrows(
            UnexpectedOutputException.class,
            () -> ReplicationJson.readState(join(others)),
            "without " + name);
      }
    }

    @Test
    void thatHasAFieldOfAnotherTypeIsRefused() {
      Map<String, String> fields = fields(ReplicationJson.write(state("m")));
      Map<String, List<String>> wrong = new LinkedHashMap<>();
      wrong.put("pair", List.of("1", "null", "[]", "\"a b\""));
      wrong.put("role", List.of("0", "\"source\"", "\"\"", "null"));
      wrong.put("epoch", List.of("\"3\"", "0", "3.5", "null", "99999999999999999999"));
      wrong.put("source", List.of("null", "\"zfs:tank\"", "{}", "[]"));
      wrong.put("base", List.of("1", "\"\"", "{}", "true"));
      wrong.put("asOf", List.of("1763640000", "\"yesterday\"", "true", "\"\""));
      wrong.put("bytes", List.of("\"5\"", "true", "null"));
      wrong.put("lineage", List.of("null", "[]", "{\"a\":null}", "\"\""));
      wrong.forEach(
          (name, values) ->
              values.forEach(
                  value -> {
                    Map<String, String> changed = new LinkedHashMap<>(fields);
                    changed.put(name, value);
                    assertThrows(
                        UnexpectedOutputException.class,
                        () -> ReplicationJson.readState(join(changed)),
                        name + "=" + value);
                  }));
    }

    /**
     * The top-level fields with their values as text; good enough for what {@link ReplicationJson}
     * writes.
     */
    private static Map<String, String> fields(String json) {
      Map<String, String> fields = new LinkedHashMap<>();
      String inner = json.substring(1, json.length() - 1);
      int depth = 0;
      int start = 0;
      boolean quoted = false;
      for (int i = 0; i <= inner.length(); i++) {
        char c = i < inner.length() ? inner.charAt(i) : ',';
        quoted ^= c == '"' && inner.charAt(i - (i > 0 ? 1 : 0)) != '\\';
        depth += quoted ? 0 : c == '{' ? 1 : c == '}' ? -1 : 0;
        if (c == ',' && depth == 0 && !quoted) {
          String[] field = inner.substring(start, i).split(":", 2);
          fields.put(field[0].replace("\"", ""), field[1]);
          start = i + 1;
        }
      }
      return fields;
    }

    private static String join(Map<String, String> fields) {
      return "{"
          + String.join(
              ",",
              fields.entrySet().stream()
                  .map(f -> "\"" + f.getKey() + "\":" + f.getValue())
                  .toList())
          + "}";
    }
  }

  @Nested
  class Hostile {

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          " ",
          "null",
          "[]",
          "1",
          "\"prepare\"",
          "{",
          "{}",
          "{\"step\":\"prepare\"}",
          "{\"side\":\"TARGET\"}",
          "{\"step\":null,\"side\":\"TARGET\"}",
          "{\"step\":\"prepare\",\"side\":null}",
          "{\"step\":\"prepare\",\"side\":1}",
          "{\"step\":\"prepare\",\"side\":\"target\"}",
          "{\"step\":\"prepare\",\"side\":\"TARGET\"} x",
          "{\"step\":\"prepare\",\"side\":\"TARGET\"}{}",
          "{\"step\":\"prepare\",\"side\":\"TARGET\",\"side\":\"SOURCE\"}",
          "{\"step\":\"prepare\",\"step\":\"prepare\",\"side\":\"TARGET\"}",
          "{\"step\":\"prepare\",\"side\":\"TARGET\",\"more\":1}",
          "{\"step\":\"explode\",\"side\":\"TARGET\"}",
          "{\"step\":\"Prepare\",\"side\":\"TARGET\"}",
          "{\"step\":\"io.replication4j.SyncStep$Prepare\",\"side\":\"TARGET\"}",
          "{\"@class\":\"io.replication4j.SyncStep$Prepare\",\"side\":\"TARGET\"}",
          "{\"step\":\"java.net.URL\",\"side\":\"TARGET\"}",
          "[\"java.net.URL\",{\"step\":\"prepare\",\"side\":\"TARGET\"}]",
          "{\"step\":\"destroyMember\",\"member\":\"\"}",
          "{\"step\":\"destroyMember\",\"member\":7}",
          "{\"step\":\"destroyMember\",\"member\":null}",
          "{\"step\":\"rollBack\",\"member\":\"\",\"to\":\"-rf\",\"id\":\"1\"}",
          "{\"step\":\"rollBack\",\"member\":\"\",\"to\":\"a\\nb\",\"id\":\"1\"}",
          "{\"step\":\"abortReceive\",\"members\":\"a\"}",
          "{\"step\":\"abortReceive\",\"members\":[null]}",
          "{\"step\":\"abortReceive\",\"members\":[1]}",
          "{\"step\":\"abortReceive\",\"members\":{}}",
          "{\"step\":\"createSnapshot\",\"side\":\"SOURCE\",\"name\":\"a\",\"members\":[],\"recursive\":\"true\"}",
          "{\"step\":\"createSnapshot\",\"side\":\"SOURCE\",\"name\":\"a\",\"members\":[],\"recursive\":1}",
          "{\"step\":\"createSnapshot\",\"side\":\"SOURCE\",\"name\":\"a\",\"members\":[],\"recursive\":null}",
          "{'step':'prepare','side':'TARGET'}",
          "{\"step\":\"prepare\",\"side\":\"TARGET\" /* c */}",
          "{\"step\":\"send\",\"members\":[],\"tree\":false,\"intermediates\":false,\"resumeToken\":null}",
        })
    void stepsAreRefused(String json) {
      assertThrows(IllegalArgumentException.class, () -> ReplicationJson.readStep(json));
    }

    @Test
    void endlessNestingIsRefused() {
      assertThrows(
          IllegalArgumentException.class,
          () -> ReplicationJson.readPlan("{\"plan\":".repeat(100_000)));
      assertThrows(
          IllegalArgumentException.class, () -> ReplicationJson.readPlan("[".repeat(100_000)));
    }

    @Test
    void endlessTextIsRefused() {
      assertThrows(
          IllegalArgumentException.class,
          () -> ReplicationJson.readPlan(" ".repeat((16 << 20) + 1)));
    }

    @Test
    void aPlanOfAnotherKindIsNotAReport() {
      String plan = ReplicationJson.write(plans().get(0));
      assertThrows(IllegalArgumentException.class, () -> ReplicationJson.readReport(plan));
      assertThrows(IllegalArgumentException.class, () -> ReplicationJson.readStep(plan));
    }
  }
}
