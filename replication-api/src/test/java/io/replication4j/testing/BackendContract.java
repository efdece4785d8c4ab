package io.replication4j.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.AlreadyExistsException;
import io.replication4j.BusyException;
import io.replication4j.DivergedException;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.StorageException;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.TargetModifiedException;
import io.replication4j.UnsupportedException;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.StorageBackend;
import io.replication4j.spi.StorageBackend.RootedStep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link StorageBackend} must do, on whatever storage: a backend's author extends this,
 * says by {@link #open} where the storage is, and the tests are inherited. What a storage cannot do
 * is not skipped: it must be refused as documented.
 */
public abstract class BackendContract extends StepTest {

  /** Looking at filesystems. */
  @Nested
  class Observing {

    @Test
    void aFilesystemThatDoesNotExistIsAbsent() throws InterruptedException {
      Observation nothing = there.look(to);
      assertEquals(List.of(), nothing.members());
      assertEquals(to, nothing.root());
      assertEquals(Map.of(), nothing.states());
    }

    @Tag(VARIANT)
    @Test
    void answersComeInOrderOfTheQuestions() throws InterruptedException {
      source().create(from);
      FilesystemName missing = source().name("missing");
      List<Observation> answers = here.look(List.of(missing, from, source().name("also missing")));
      assertEquals(List.of(0, 1, 0), answers.stream().map(o -> o.members().size()).toList());
      assertEquals(from, answers.get(1).root());
    }

    @Tag(VARIANT)
    @Test
    void aTreeIsListedParentsFirst() throws InterruptedException {
      createTree("", "b", "b/y", "b/x", "a");
      assertEquals(List.of("", "a", "b", "b/x", "b/y"), here.paths(from));
    }

    @Tag(VARIANT)
    @Test
    void aFilesystemAloneIsListedWithoutItsDescendants() throws InterruptedException {
      createTree("", "a");
      assertEquals(1, here.lookAlone(from).members().size());
    }

    @Tag(VARIANT)
    @Test
    void aNeighbourWithTheSameBeginningIsNoMember() throws InterruptedException {
      createTree("", "a");
      source().create(source().name("data2"));
      assertEquals(List.of("", "a"), here.paths(from));
    }

    @Tag(LOCAL)
    @Test
    void oneListingAnswersForAnyNumberOfFilesystems() throws InterruptedException {
      createTree("", "a", "b", "c", "d", "e", "f", "g");
      here.look(from);
      int before = script.log().size();
      here.look(List.of(from, source().name("missing")));
      assertEquals(
          1,
          script.log().since(before).stream().filter(e -> source().isListing(e.command())).count());
      // a flush, a listing, and where the missing one would be and that nothing is there
      assertTrue(script.log().size() - before <= 5, script.log()::toString);
    }

    @Tag(VARIANT)
    @Test
    void aConnectionThatIsLostIsNotAnAbsentFilesystem() throws InterruptedException {
      assertThrows(
          ConnectionLostException.class,
          () -> lookWith(new Fault.Before(listingNumber(), Fault.Kind.CONNECTION_LOST)));
      assertThrows(
          ConnectionLostException.class,
          () -> lookWith(new Fault.After(listingNumber(), Fault.Kind.CONNECTION_LOST)));
    }

    @Tag(VARIANT)
    @Test
    void aListingThatFailsIsNotAnAbsentFilesystem() throws InterruptedException {
      for (String words :
          List.of(
              "",
              "internal error: out of memory",
              "cannot open 'elsewhere': dataset does not exist")) {
        assertThrows(
            ReplicationException.class,
            () -> lookWith(new Fault.Exit(listingNumber(), 1, words)),
            words);
      }
    }

    private int listingNumber() throws InterruptedException {
      FaultScript undisturbed = FaultScript.of();
      new Host(source(), undisturbed).look(from);
      return undisturbed.log().entries().stream()
          .filter(entry -> source().isListing(entry.command()))
          .findFirst()
          .orElseThrow()
          .number();
    }

    private void lookWith(Fault fault) throws InterruptedException {
      new Host(source(), FaultScript.of(fault)).look(from);
    }
  }

  /** What is said about live data; the planner concludes from it that there is nothing to do. */
  @Nested
  class Live {

    @Tag(VARIANT)
    @Test
    void isIdenticalToASnapshotJustTaken() throws InterruptedException {
      createTree("");
      source().write(from, "file", "one");
      here.snapshot("s1", "");
      assertTrue(here.live(from, "").isIdenticalTo(here.id(from, "", "s1")));
    }

    @Tag(VARIANT)
    @Test
    void isChangedAfterAWrite() throws InterruptedException {
      createTree("", "child");
      source().write(from, "file", "one");
      here.snapshot("s1", "", "child");
      source().write(from, "file", "two");
      assertFalse(here.live(from, "").isIdenticalTo(here.id(from, "", "s1")));
      assertTrue(here.live(from, "child").isIdenticalTo(here.id(from, "child", "s1")));
    }

    @Tag(VARIANT)
    @Test
    void isChangedAfterADeletion() throws InterruptedException {
      createTree("", "child");
      source().write(from.child("child"), "file", "one");
      here.snapshot("s1", "", "child");
      source().delete(from.child("child"), "file");
      assertTrue(here.live(from, "").isIdenticalTo(here.id(from, "", "s1")));
      assertFalse(here.live(from, "child").isIdenticalTo(here.id(from, "child", "s1")));
    }

    @Test
    void isIdenticalToTheNewerOfTwoSnapshotsOnlyAfterAChangeBetween() throws InterruptedException {
      createTree("");
      here.snapshot("s1", "");
      source().write(from, "file", "one");
      here.snapshot("s2", "");
      assertFalse(here.live(from, "").isIdenticalTo(here.id(from, "", "s1")));
      assertTrue(here.live(from, "").isIdenticalTo(here.id(from, "", "s2")));
    }

    @Tag(VARIANT)
    @Test
    void isWhatWasReceivedOnceItIsInstalled() throws InterruptedException {
      createTree("");
      source().write(from, "file", "one");
      here.snapshot("s1", "");
      replicate("s1");
      if (separate()) {
        assertEquals(LiveState.Kind.ABSENT, there.live(to, "").kind());
        there.perform(new SyncStep.InstallCopy("s1", List.of(""), Optional.empty()));
      }
      assertTrue(there.live(to, "").isIdenticalTo(there.id(to, "", "s1")));
      assertEquals(source().content(from), target().content(to));
    }

    @Tag(VARIANT)
    @Test
    void isNotIdenticalOnceAReplicaWasWrittenTo() throws InterruptedException {
      createTree("");
      here.snapshot("s1", "");
      replicate("s1");
      installed("s1", "");
      target().write(to, "own", "change");
      assertFalse(there.live(to, "").isIdenticalTo(there.id(to, "", "s1")));
    }
  }

  /** Taking, renaming and destroying snapshots. */
  @Nested
  class Snapshots {

    @Tag(LOCAL)
    @Test
    void areListedOldestFirstWithIdentitiesOfTheirOwn() throws InterruptedException {
      createTree("");
      for (String name : List.of("z", "y", "x")) {
        here.snapshot(name, "");
      }
      List<Version> versions = here.look(from).member("").orElseThrow().versions();
      assertEquals(List.of("z", "y", "x"), versions.stream().map(Version::name).toList());
      assertEquals(3, versions.stream().map(Version::id).distinct().count());
      assertTrue(Long.compareUnsigned(versions.get(0).order(), versions.get(1).order()) < 0);
      assertTrue(Long.compareUnsigned(versions.get(1).order(), versions.get(2).order()) < 0);
    }

    @Tag(VARIANT)
    @Test
    void ofATreeAreTakenOfEveryMember() throws InterruptedException {
      createTree("", "a", "a/b");
      here.snapshot("s1", "", "a", "a/b");
      assertEquals(List.of("", "a", "a/b"), here.having(from, "s1"));
    }

    @Tag(VARIANT)
    @Test
    void keepWhatWasThere() throws InterruptedException {
      createTree("", "a");
      source().write(from.child("a"), "file", "one");
      Map<String, String> before = source().content(from.child("a"));
      here.snapshot("s1", "", "a");
      source().write(from.child("a"), "file", "two");
      assertEquals(before, source().content(from, "a", "s1"));
    }

    @Test
    void ofAGroupAreTakenOfEveryFilesystem() throws InterruptedException {
      FilesystemName second = source().name("second");
      createTree("", "a");
      source().create(second);
      here.prepare(second);
      here.prepare(from);
      List<RootedStep> steps =
          List.of(
              new RootedStep(
                  from, new SyncStep.CreateSnapshot(Side.SOURCE, "g1", List.of("", "a"), true)),
              new RootedStep(
                  from, new SyncStep.CreateSnapshot(Side.SOURCE, "g2", List.of("", "a"), true)),
              new RootedStep(
                  second, new SyncStep.CreateSnapshot(Side.SOURCE, "g1", List.of(""), false)));
      for (Command command : here.backend.groupSnapshot(steps)) {
        here.backend.runOrFail(command, here.backend.runner());
      }
      assertEquals(List.of("", "a"), here.having(from, "g1"));
      assertEquals(List.of("", "a"), here.having(from, "g2"));
      assertEquals(List.of(""), here.having(second, "g1"));
    }

    @Test
    void ofANameThatIsTakenAreRefused() throws InterruptedException {
      createTree("");
      here.snapshot("s1", "");
      VersionId id = here.id(from, "", "s1");
      assertThrows(AlreadyExistsException.class, () -> here.snapshot("s1", ""));
      assertEquals(id, here.id(from, "", "s1"));
    }

    @Test
    void ofAMissingFilesystemAreNotFound() {
      assertThrows(StorageException.class, () -> here.snapshot("s1", ""));
    }

    @Tag(LOCAL)
    @Test
    void keepTheirIdentityUnderAnotherName() throws InterruptedException {
      createTree("", "a");
      here.snapshot("s1", "", "a");
      VersionId id = here.id(from, "a", "s1");
      here.perform(new SyncStep.RenameSnapshot(Side.SOURCE, "s1", "s2", List.of("", "a"), true));
      assertEquals(id, here.id(from, "a", "s2"));
      assertEquals(List.of(), here.having(from, "s1"));
    }

    @Test
    void areNotRenamedOntoAnother() throws InterruptedException {
      createTree("", "a");
      here.snapshot("s1", "", "a");
      here.snapshot("s2", "", "a");
      VersionId id = here.id(from, "a", "s2");
      assertThrows(
          StorageException.class,
          () ->
              here.perform(
                  new SyncStep.RenameSnapshot(Side.SOURCE, "s1", "s2", List.of("", "a"), true)));
      assertEquals(id, here.id(from, "a", "s2"));
      assertEquals(List.of("", "a"), here.having(from, "s1"));
    }

    @Tag(LOCAL)
    @Test
    void areDestroyedInTheWholeTree() throws InterruptedException {
      createTree("", "a");
      here.snapshot("s1", "", "a");
      here.snapshot("s2", "", "a");
      here.perform(here.destruction("s1", true, "", "a"));
      assertEquals(List.of(), here.having(from, "s1"));
      assertEquals(List.of("", "a"), here.having(from, "s2"));
    }

    @Tag(VARIANT)
    @Test
    void areDestroyedOfOneMemberAlone() throws InterruptedException {
      createTree("", "a");
      here.snapshot("s1", "", "a");
      here.perform(here.destruction("s1", false, "a"));
      assertEquals(List.of(""), here.having(from, "s1"));
    }

    @Test
    void areNotDestroyedTwice() throws InterruptedException {
      createTree("");
      here.snapshot("s1", "");
      SyncStep destroy = here.destruction("s1", false, "");
      here.perform(destroy);
      assertThrows(StorageException.class, () -> here.perform(destroy));
    }

    @Tag(VARIANT)
    @Test
    void takeAsManyCommandsForManyMembersAsForTwo() throws InterruptedException {
      createTree("", "a", "b", "c", "d", "e", "f");
      here.prepare(from);
      List<String> two = List.of("", "a");
      List<String> all = List.of("", "a", "b", "c", "d", "e", "f");
      assertEquals(here.count(snapshotOf(two)), here.count(snapshotOf(all)));
      assertEquals(
          here.count(new SyncStep.RenameSnapshot(Side.SOURCE, "s1", "s2", two, true)),
          here.count(new SyncStep.RenameSnapshot(Side.SOURCE, "s1", "s2", all, true)));
      assertEquals(
          here.count(new SyncStep.DestroySnapshot(Side.SOURCE, "s1", two, true, List.of())),
          here.count(new SyncStep.DestroySnapshot(Side.SOURCE, "s1", all, true, List.of())));
    }

    private SyncStep snapshotOf(List<String> members) {
      return new SyncStep.CreateSnapshot(Side.SOURCE, "s1", members, true);
    }
  }

  /** Sending and receiving. */
  @Nested
  class Transfers {

    @Tag(VARIANT)
    @Test
    void bringTheSameIdentityAndTheSameFiles() throws InterruptedException {
      createTree("");
      source().write(from, "file", "one");
      source().write(from, "a 'file' \"with\" $(odd) ; name", "two\nlines\ttab");
      here.snapshot("s1", "");
      replicate("s1");
      assertEquals(here.id(from, "", "s1"), there.id(to, "", "s1"));
      assertEquals(source().content(from, "", "s1"), target().content(to, "", "s1"));
    }

    @Tag(VARIANT)
    @Test
    void bringAWholeTree() throws InterruptedException {
      createTree("", "a", "a/b");
      source().write(from.child("a/b"), "file", "deep");
      here.snapshot("s1", "", "a", "a/b");
      replicate("s1");
      assertReplica("s1", "", "a", "a/b");
    }

    @Tag(VARIANT)
    @Test
    void bringOnlyWhatChanged() throws InterruptedException {
      createTree("", "a");
      source().write(from, "file", "one");
      source().write(from, "gone", "soon");
      firstRound("", "a");
      source().write(from, "file", "two");
      source().delete(from, "gone");
      source().write(from.child("a"), "new", "file");
      here.snapshot("s2", "", "a");
      replicate("s2", "s1");
      assertReplica("s2", "", "a");
      assertTrue(there.having(to, "s1").contains(""), "the base stays");
    }

    @Tag(VARIANT)
    @Test
    void bringANewChildWithTheIncrement() throws InterruptedException {
      assumeChildren();
      createTree("");
      firstRound("");
      source().create(from.child("new"));
      source().write(from.child("new"), "file", "one");
      here.snapshot("s2", "", "new");
      replicate("s2", "s1");
      assertReplica("s2", "", "new");
    }

    @Tag(VARIANT)
    @Test
    void goOnWhenAChildWasDestroyed() throws InterruptedException {
      createTree("", "gone", "stays");
      firstRound("", "gone", "stays");
      source().destroy(from.child("gone"));
      here.snapshot("s2", "", "stays");
      replicate("s2", "s1");
      assertReplica("s2", "", "stays");
      assertFalse(there.having(to, "s2").contains("gone"));
    }

    @Tag(VARIANT)
    @Test
    void goOnFromTheBaseOfAChildThatWasRenamed() throws InterruptedException {
      createTree("", "old");
      source().write(from.child("old"), "file", "one");
      firstRound("", "old");
      VersionId base = here.id(from, "old", "s1");
      source().rename(from.child("old"), from.child("new"));
      assertTrue(
          here.look(from).member("new").orElseThrow().versions().stream()
              .anyMatch(v -> v.id().equals(base)));
      if (there.backend.features().independentChildren()) {
        there.perform(new SyncStep.RenameMember("old", "new", base));
      }
      source().write(from.child("new"), "file", "two");
      here.snapshot("s2", "", "new");
      List<Send> sends = replicate("s2", "s1");
      assertTrue(
          sends.stream().flatMap(s -> s.members().stream()).allMatch(m -> m.base().isPresent()),
          sends::toString);
      assertReplica("s2", "", "new");
    }

    @Tag(LOCAL)
    @Test
    void carrySnapshotsBetweenWhereTheBackendSendsThem() throws InterruptedException {
      createTree("");
      firstRound("");
      source().write(from, "file", "between");
      here.snapshot("between", "");
      source().write(from, "file", "last");
      here.snapshot("s2", "");
      List<Send> sends = replicate("s2", true, "s1");
      assertReplica("s2", "");
      assertEquals(sends.get(0).intermediates(), there.having(to, "between").contains(""));
    }

    @Test
    void ontoSomethingElseAreRefused() throws InterruptedException {
      createTree("");
      here.snapshot("s1", "");
      replicate("s1");
      Map<String, String> before = target().content(to, "", "s1");
      VersionId id = there.id(to, "", "s1");
      source().write(from, "file", "one");
      here.perform(here.destruction("s1", false, ""));
      here.snapshot("s1", "");
      assertThrows(ReplicationException.class, () -> transfer(fullSend("s1", "")));
      assertEquals(id, there.id(to, "", "s1"));
      assertEquals(before, target().content(to, "", "s1"));
    }

    @Test
    void ontoATargetThatLacksTheBaseAreRefused() throws InterruptedException {
      createTree("");
      firstRound("");
      here.snapshot("s2", "");
      here.snapshot("s3", "");
      assertThrows(
          ReplicationException.class,
          () ->
              transfer(new Send(List.of(member("s3", "s2", "")), false, false, Optional.empty())));
      assertEquals(List.of(), there.having(to, "s3"));
    }

    @Test
    void neverOverwriteWhatTheTargetChanged() throws InterruptedException {
      createTree("");
      firstRound("");
      installed("s1", "");
      target().write(to, "own", "change");
      Map<String, String> changed = target().content(to);
      source().write(from, "file", "two");
      here.snapshot("s2", "");
      if (separate()) {
        replicate("s2", "s1");
        assertThrows(
            DivergedException.class,
            () -> there.perform(new SyncStep.CheckUnmodified("s1", List.of(""), Optional.empty())));
        assertThrows(
            DivergedException.class,
            () -> there.perform(new SyncStep.InstallCopy("s2", List.of(""), Optional.of("s1"))));
      } else {
        ReplicationException refusal =
            assertThrows(ReplicationException.class, () -> replicate("s2", "s1"));
        assertTrue(
            refusal instanceof TargetModifiedException || refusal instanceof DivergedException,
            refusal::toString);
      }
      assertEquals(changed, target().content(to));
    }

    @Test
    void ofAMissingSnapshotFail() throws InterruptedException {
      createTree("");
      here.prepare(from);
      assertThrows(ReplicationException.class, () -> transfer(fullSend("missing", "")));
      assertEquals(List.of(), there.having(to, "missing"));
    }
  }

  /** A stream that broke off. */
  @Nested
  class PartialReceives {

    @Tag(VARIANT)
    @Test
    void showNothingThatWasNotReceivedWhole() throws InterruptedException {
      createTree("");
      source().write(from, "file", "one".repeat(1000));
      here.snapshot("s1", "");
      VersionId id = here.id(from, "", "s1");
      cut("s1");
      assertFalse(
          there.look(to).members().stream()
              .flatMap(m -> m.versions().stream())
              .anyMatch(v -> v.id().equals(id)));
    }

    @Tag(VARIANT)
    @Test
    void areThrownAwayAndTheStreamSentAgain() throws InterruptedException {
      createTree("", "a");
      source().write(from, "file", "one".repeat(1000));
      here.snapshot("s1", "", "a");
      cut("s1");
      abortWhatIsPartial();
      assertTrue(there.look(to).members().stream().allMatch(m -> m.partial().isEmpty()));
      replicate("s1");
      assertReplica("s1", "", "a");
    }

    @Tag(VARIANT)
    @Test
    void ofAnIncrementLeaveTheBaseAlone() throws InterruptedException {
      createTree("");
      firstRound("");
      VersionId base = there.id(to, "", "s1");
      source().write(from, "file", "two".repeat(1000));
      here.snapshot("s2", "");
      cut("s2", "s1");
      assertEquals(base, there.id(to, "", "s1"));
      abortWhatIsPartial();
      replicate("s2", "s1");
      assertReplica("s2", "");
    }

    @Test
    void areResumedWhereTheStorageCan() throws InterruptedException {
      createTree("");
      for (int i = 0; i < 20; i++) {
        source().write(from, "file" + i, "some text ".repeat(20_000));
      }
      here.snapshot("s1", "");
      cut("s1");
      Optional<String> token =
          there
              .look(to)
              .member("")
              .flatMap(ObservedFilesystem::partial)
              .flatMap(partial -> partial.token());
      assertEquals(world().capabilities().resumes(), token.isPresent());
      if (token.isPresent()) {
        assertEquals(
            Optional.of(here.id(from, "", "s1")),
            there
                .look(to)
                .member("")
                .flatMap(ObservedFilesystem::partial)
                .flatMap(partial -> partial.version()));
        transfer(new Send(List.of(member("s1", "")), false, false, token));
        assertReplica("s1", "");
      }
    }

    private void abortWhatIsPartial() throws InterruptedException {
      List<String> partial =
          there.look(to).members().stream()
              .filter(m -> m.partial().isPresent())
              .map(ObservedFilesystem::path)
              .toList();
      if (!partial.isEmpty()) {
        there.perform(new SyncStep.AbortReceive(Side.TARGET, partial));
      }
    }
  }

  /** A target that has changes of its own. */
  @Nested
  class Divergence {

    @Test
    void isRolledBack() throws InterruptedException {
      diverge();
      SyncStep rollBack = new SyncStep.RollBack("", "s1", there.id(to, "", "s1"), List.of());
      if (world().capabilities().rollsBack()) {
        there.perform(rollBack);
        assertEquals(target().content(to, "", "s1"), target().content(to));
        assertTrue(there.live(to, "").isIdenticalTo(there.id(to, "", "s1")));
      } else {
        assertThrows(UnsupportedException.class, () -> there.perform(rollBack));
      }
    }

    @Tag(VARIANT)
    @Test
    void isKeptAsideAndTheBaseStays() throws InterruptedException {
      assumeVersions();
      diverge();
      VersionId base = there.id(to, "", "s1");
      Map<String, String> changed = target().content(to);
      there.perform(
          new SyncStep.KeepAside("", "kept", Optional.of(new Base("", "s1", base, false))));
      assertEquals(changed, target().content(target().aside(to, "", "kept")));
      assertTrue(
          there.look(to).member("").orElseThrow().versions().stream()
              .anyMatch(v -> v.id().equals(base)));
      source().write(from, "file", "two");
      here.snapshot("s2", "");
      replicate("s2", "s1");
      if (separate()) {
        there.perform(new SyncStep.InstallCopy("s2", List.of(""), Optional.of("s1")));
      }
      assertEquals(source().content(from), target().content(to));
      assertEquals(changed, target().content(target().aside(to, "", "kept")));
    }

    @Tag(VARIANT)
    @Test
    void withoutABaseLeavesThePlaceFree() throws InterruptedException {
      target().create(to);
      target().write(to, "own", "data");
      Map<String, String> before = target().content(to);
      there.perform(new SyncStep.KeepAside("", "kept", Optional.empty()));
      assertFalse(target().exists(to));
      assertEquals(before, target().content(target().aside(to, "", "kept")));
      createTree("");
      firstRound("");
      installed("s1", "");
      assertEquals(source().content(from), target().content(to));
    }

    @Tag(LOCAL)
    @Test
    void isKeptAsideByTheCheckWhereCopiesAreSeparate() throws InterruptedException {
      diverge();
      Map<String, String> changed = target().content(to);
      SyncStep check = new SyncStep.CheckUnmodified("s1", List.of(""), Optional.of("kept"));
      if (separate()) {
        there.perform(check);
        assertEquals(changed, target().content(target().aside(to, "", "kept")));
      } else {
        assertThrows(UnsupportedException.class, () -> there.perform(check));
      }
    }

    private void diverge() throws InterruptedException {
      createTree("");
      source().write(from, "file", "one");
      firstRound("");
      installed("s1", "");
      target().write(to, "own", "change");
    }
  }

  /** The copy at the final location. */
  @Nested
  class Copies {

    @Tag(LOCAL)
    @Test
    void areInstalledAndReplacedWhereTheyAreSeparate() throws InterruptedException {
      createTree("", "a", "gone");
      source().write(from.child("a"), "file", "one");
      firstRound("", "a", "gone");
      SyncStep install = new SyncStep.InstallCopy("s1", List.of("", "a", "gone"), Optional.empty());
      if (!separate()) {
        assertThrows(UnsupportedException.class, () -> there.perform(install));
        return;
      }
      there.perform(install);
      assertEquals(
          contents(source(), from, List.of("", "a", "gone")),
          contents(target(), to, List.of("", "a", "gone")));
      source().write(from.child("a"), "file", "two");
      source().destroy(from.child("gone"));
      here.snapshot("s2", "", "a");
      replicate("s2", "s1");
      there.perform(new SyncStep.InstallCopy("s2", List.of("", "a"), Optional.of("s1")));
      assertEquals(
          contents(source(), from, List.of("", "a")), contents(target(), to, List.of("", "a")));
      assertFalse(target().exists(to.child("gone")));
      assertTrue(there.live(to, "a").isIdenticalTo(there.id(to, "a", "s2")));
    }

    @Tag(VARIANT)
    @Test
    void thatWereNotTouchedPassTheCheck() throws InterruptedException {
      createTree("");
      firstRound("");
      installed("s1", "");
      if (separate()) {
        there.perform(new SyncStep.CheckUnmodified("s1", List.of(""), Optional.empty()));
      }
      assertTrue(there.live(to, "").isIdenticalTo(there.id(to, "", "s1")));
    }
  }

  /** Children that are filesystems of their own. */
  @Nested
  class Members {

    @Tag(VARIANT)
    @Test
    void areRenamedWithTheirSnapshotsAndDescendants() throws InterruptedException {
      createTree("", "a", "a/b");
      firstRound("", "a", "a/b");
      SyncStep rename = new SyncStep.RenameMember("a", "z", there.id(to, "a", "s1"));
      if (independent()) {
        VersionId id = there.id(to, "a/b", "s1");
        there.perform(rename);
        assertEquals(List.of("", "z", "z/b"), there.paths(to));
        assertEquals(id, there.id(to, "z/b", "s1"));
      } else {
        assertThrows(UnsupportedException.class, () -> there.perform(rename));
      }
    }

    @Test
    void areNotRenamedOntoAnother() throws InterruptedException {
      createTree("", "a", "b");
      firstRound("", "a", "b");
      Class<? extends ReplicationException> refusal =
          independent() ? StorageException.class : UnsupportedException.class;
      SyncStep rename = new SyncStep.RenameMember("a", "b", there.id(to, "a", "s1"));
      assertThrows(refusal, () -> there.perform(rename));
      assertEquals(List.of("", "a", "b"), there.having(to, "s1"));
    }

    @Tag(VARIANT)
    @Test
    void areDestroyedWithTheirSnapshots() throws InterruptedException {
      createTree("", "a", "a/b");
      firstRound("", "a", "a/b");
      SyncStep destroy = new SyncStep.DestroyMember("a", List.of());
      if (independent()) {
        there.perform(destroy);
        assertEquals(List.of(""), there.paths(to));
      } else {
        assertThrows(UnsupportedException.class, () -> there.perform(destroy));
      }
    }
  }

  /** Holds, bookmarks, properties. */
  @Nested
  class Extras {

    @Test
    void aHeldSnapshotIsNotDestroyed() throws InterruptedException {
      createTree("");
      here.snapshot("s1", "");
      SyncStep hold = new SyncStep.Hold(Side.SOURCE, "s1", "keep", List.of(""), false);
      if (!world().capabilities().holds()) {
        assertThrows(UnsupportedException.class, () -> here.perform(hold));
        return;
      }
      here.perform(hold);
      assertThrows(BusyException.class, () -> here.perform(here.destruction("s1", false, "")));
      assertEquals(List.of(""), here.having(from, "s1"));
      here.perform(new SyncStep.Release(Side.SOURCE, "s1", "keep", List.of(""), false));
      here.perform(here.destruction("s1", false, ""));
      assertEquals(List.of(), here.having(from, "s1"));
    }

    @Test
    void anIncrementStartsFromABookmark() throws InterruptedException {
      createTree("");
      firstRound("");
      VersionId id = here.id(from, "", "s1");
      SyncStep bookmark = new SyncStep.CreateBookmark(Side.SOURCE, "", "s1", "mark");
      if (!world().capabilities().bookmarks()) {
        assertThrows(UnsupportedException.class, () -> here.perform(bookmark));
        return;
      }
      here.perform(bookmark);
      here.perform(here.destruction("s1", false, ""));
      source().write(from, "file", "two");
      here.snapshot("s2", "");
      Base base = new Base("", "mark", id, true);
      MemberSend member =
          new MemberSend("", "s2", Optional.of(here.id(from, "", "s2")), Optional.of(base));
      sendAll(List.of(member), false);
      assertReplica("s2", "");
    }

    @Test
    void aPropertyIsSetAndReadBack() throws InterruptedException {
      createTree("");
      SyncStep set =
          new SyncStep.SetProperty(Side.SOURCE, "", "io.replication4j:test", "a 'value' $(x)");
      if (world().capabilities().properties()) {
        assertEquals(Optional.empty(), here.backend.property(from, "io.replication4j:test"));
        here.perform(set);
        assertEquals(
            Optional.of("a 'value' $(x)"), here.backend.property(from, "io.replication4j:test"));
      } else {
        assertThrows(ReplicationException.class, () -> here.perform(set));
      }
    }
  }

  /** The records of pairs, kept with the data. */
  @Nested
  class PairRecords {

    @Tag(LOCAL)
    @Test
    void comeBackAsTheyWereWhateverTheyHold() throws InterruptedException {
      createTree("");
      here.prepare(from);
      String hostile =
          "{\"a\": \"quote' double\\\" back\\\\slash $(touch x) `id` ; | & * ? ~ %s %n # ! \"}";
      String text = hostile + " ".repeat(10) + "x".repeat(900 - hostile.length() - 10);
      record("p", text);
      assertEquals(Map.of("p", text), here.look(from).states());
    }

    @Tag(LOCAL)
    @Test
    void areReplacedAndKeptApartByPair() throws InterruptedException {
      createTree("");
      here.prepare(from);
      record("p", "{\"n\":1}");
      record(ODD_PAIR, "{\"n\":2}");
      record("p", "{\"n\":3}");
      assertEquals(Map.of("p", "{\"n\":3}", ODD_PAIR, "{\"n\":2}"), here.look(from).states());
    }

    @Tag(VARIANT)
    @Test
    void ofPairsThatWereNotAskedForAreNotGiven() throws InterruptedException {
      createTree("");
      here.prepare(from);
      record("p", "{\"n\":1}");
      record("another", "{\"n\":2}");
      assertEquals(Map.of("p", "{\"n\":1}"), here.look(from).states());
    }

    @Tag(LOCAL)
    @Test
    void areOfTheFilesystemAloneAndTravelWithNoStream() throws InterruptedException {
      createTree("", "child");
      here.prepare(from);
      record("p", "{\"n\":1}");
      firstRound("", "child");
      assertEquals(Map.of(), there.look(to).states());
      assertEquals(Map.of(), here.look(from.child("child")).states());
    }

    private void record(String pair, String text) throws InterruptedException {
      for (Command command : here.backend.record(from, pair, text)) {
        here.backend.runOrFail(command, here.backend.runner());
      }
    }
  }

  /** Names are data, whatever they hold. */
  @Nested
  class OddNames {

    @Tag(VARIANT)
    @ParameterizedTest
    @ValueSource(
        strings = {
          "with space",
          " lead",
          "single'quote",
          "double\"quote",
          "$(touch pwned)",
          "`id`",
          "semi;colon",
          "star*",
          "back\\slash",
          "per%20cent",
          "ümlaut-日本",
          "a&b|c>d",
          "{a,b}",
          "~",
          "#hash",
          "@at",
          "new",
          "-dash/below",
          "[x]",
          "!bang",
          "per%2Fcent"
        })
    void areReplicatedOrRefusedBeforeAnyCommand(String leaf) throws InterruptedException {
      FilesystemName odd = leaf.startsWith("-") ? source().name("x" + leaf) : source().name(leaf);
      FilesystemName copy =
          target().name("to " + odd.value().substring(odd.value().lastIndexOf('/') + 1));
      try {
        here.backend.requireValid(odd);
        there.backend.requireValid(copy);
      } catch (IllegalArgumentException e) {
        assertFalse(world().capabilities().anyName(), () -> "refused: " + leaf);
        assertEquals(0, script.log().size());
        return;
      }
      from = odd;
      to = copy;
      if (leaf.contains("/")) {
        source().create(FilesystemName.of(odd.value().substring(0, odd.value().lastIndexOf('/'))));
      }
      createTree("", "child of it");
      source().write(from.child("child of it"), "file", "one");
      firstRound("", "child of it");
      installed("s1", "", "child of it");
      assertReplica("s1", "", "child of it");
      assertEquals(
          contents(source(), from, List.of("", "child of it")),
          contents(target(), to, List.of("", "child of it")));
    }

    @Test
    void thatNoToolCanTakeAreRefusedWhenConstructed() {
      for (String name : List.of("", "-rf", "a\nb", "a//b", "a/../b", "a\0b")) {
        assertThrows(IllegalArgumentException.class, () -> FilesystemName.of(name), name);
      }
    }
  }
}
