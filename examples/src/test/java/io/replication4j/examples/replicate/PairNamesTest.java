package io.replication4j.examples.replicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class PairNamesTest {

  private static final Address SOURCE = Address.parse("zfs:tank/data");
  private static final Address NEAR = Address.parse("zfs:backup/data");
  private static final Address FAR = Address.parse("zfs://dr/backup/data");

  @Test
  void isTheJobIfThatWasNamedAndHasOneTarget() {
    assertEquals("nightly", PairNames.of(Optional.of("nightly"), true, SOURCE, NEAR));
  }

  @Test
  void isTheSameInEveryRun() {
    assertEquals("replicate-d5150bea58", PairNames.of(Optional.empty(), true, SOURCE, NEAR));
  }

  @Test
  void isNeverThatOfAnotherTarget() {
    assertNotEquals(
        PairNames.of(Optional.empty(), true, SOURCE, NEAR), PairNames.of(Optional.empty(), true, SOURCE, FAR));
    assertNotEquals(
        PairNames.of(Optional.of("job"), false, SOURCE, NEAR),
        PairNames.of(Optional.of("job"), false, SOURCE, FAR));
  }

  @Test
  void doesNotDependOnHowManyTargetsThereAreIfNoJobWasNamed() {
    assertEquals(
        PairNames.of(Optional.empty(), true, SOURCE, NEAR), PairNames.of(Optional.empty(), false, SOURCE, NEAR));
  }

  @Test
  void beginsWithTheJob() {
    assertTrue(PairNames.of(Optional.of("job"), false, SOURCE, NEAR).startsWith("job-"));
  }
}
