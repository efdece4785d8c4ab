package io.replication4j.internal;

import io.replication4j.Bookmark;
import io.replication4j.FilesystemName;
import io.replication4j.Side;
import io.replication4j.Snapshot;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.Version;
import io.replication4j.VersionId;
import io.replication4j.spi.LiveState;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObservedFilesystem;
import io.replication4j.spi.PartialReceive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Histories in one line, for tests of the planner: {@code "@sent1 @other2 *; c: @sent3"}. One part
 * per member, the first without a path; {@code @name} a snapshot, {@code #name} a bookmark, the
 * number its identity and its order; {@code *} live data that differs from the newest snapshot,
 * {@code ?4} a copy made from 4 and touched since, {@code =4} an untouched copy of 4, {@code !}
 * something foreign, {@code -} no live data; {@code ~5} a resumable partial receive of 5, {@code ~}
 * one that cannot be resumed. Without a mark, live data equals the newest snapshot.
 */
final class Shorthand {

  private Shorthand() {}

  static Observation observed(String root, String text) {
    List<ObservedFilesystem> members = new ArrayList<>();
    if (!text.isEmpty()) {
      for (String part : text.split("; ")) {
        members.add(member(root, part));
      }
    }
    return new Observation(
        FilesystemName.of(root), members, "id-" + root, Map.of(), true, Optional.empty());
  }

  private static ObservedFilesystem member(String root, String part) {
    int colon = part.indexOf(':');
    String path = colon < 0 ? "" : part.substring(0, colon);
    FilesystemName name = FilesystemName.of(root).child(path);
    List<Version> versions = new ArrayList<>();
    Optional<LiveState> live = Optional.empty();
    Optional<PartialReceive> partial = Optional.empty();
    for (String word : part.substring(colon + 1).strip().split(" +")) {
      String rest = word.isEmpty() ? "" : word.substring(1);
      switch (word.isEmpty() ? ' ' : word.charAt(0)) {
        case '@' -> versions.add(snapshot(name, rest));
        case '#' -> versions.add(bookmark(name, rest));
        case '*' -> live = Optional.of(LiveState.changed());
        case '?' -> live = Optional.of(LiveState.unproven(id(rest)));
        case '=' -> live = Optional.of(LiveState.identicalTo(id(rest)));
        case '!' -> live = Optional.of(LiveState.foreign());
        case '-' -> live = Optional.of(LiveState.absent());
        case '~' -> partial = Optional.of(partial(rest));
        case ' ' -> {}
        default -> throw new IllegalArgumentException(part);
      }
    }
    return new ObservedFilesystem(
        path, versions, live.orElseGet(() -> equalToNewest(versions)), partial);
  }

  private static LiveState equalToNewest(List<Version> versions) {
    List<Version> snapshots = versions.stream().filter(v -> v instanceof Snapshot).toList();
    return snapshots.isEmpty()
        ? LiveState.changed()
        : LiveState.identicalTo(snapshots.get(snapshots.size() - 1).id());
  }

  private static PartialReceive partial(String id) {
    return id.isEmpty()
        ? new PartialReceive(Optional.empty(), Optional.empty())
        : new PartialReceive(Optional.of(id(id)), Optional.of("token" + id));
  }

  private static Snapshot snapshot(FilesystemName fs, String word) {
    String number = word.replaceAll("^.*?(\\d+)$", "$1");
    return new Snapshot(
        fs,
        word.substring(0, word.length() - number.length()),
        id(number),
        Long.parseLong(number),
        Optional.empty());
  }

  private static Bookmark bookmark(FilesystemName fs, String word) {
    Snapshot s = snapshot(fs, word);
    return new Bookmark(fs, s.name(), s.id(), s.order(), s.createdAt());
  }

  private static VersionId id(String number) {
    return VersionId.of(number);
  }

  /** One line per step, without records. */
  static String text(List<SyncStep> steps) {
    return steps.stream()
        .filter(step -> !(step instanceof SyncStep.RecordState))
        .map(Shorthand::text)
        .collect(Collectors.joining("\n"));
  }

  private static String text(SyncStep step) {
    String side = step.side() == Side.SOURCE ? "source: " : "target: ";
    if (step instanceof SyncStep.CreateSnapshot s) {
      return side + "snapshot " + s.name() + paths(s.members());
    } else if (step instanceof SyncStep.Send s) {
      return "send"
          + (s.tree() ? " tree" : "")
          + (s.resumeToken().isPresent() ? " resumed" : "")
          + s.members().stream().map(Shorthand::text).collect(Collectors.joining(","));
    } else if (step instanceof SyncStep.RenameSnapshot s) {
      return side + "rename " + s.from() + " " + s.to() + paths(s.members());
    } else if (step instanceof SyncStep.DestroySnapshot s) {
      return side + "destroy " + s.name() + paths(s.members()) + " " + s.expected();
    } else if (step instanceof SyncStep.AbortReceive s) {
      return side + "abort" + paths(s.members());
    } else if (step instanceof SyncStep.SetProperty s) {
      return side + "set '" + s.member() + "' " + s.property() + "=" + s.value();
    } else if (step instanceof SyncStep.RollBack s) {
      return side + "roll back '" + s.member() + "' to " + s.id();
    } else if (step instanceof SyncStep.KeepAside s) {
      return side
          + "keep '"
          + s.member()
          + "' as "
          + s.asideName()
          + s.base().map(b -> " from " + b.id()).orElse("");
    } else if (step instanceof SyncStep.CheckUnmodified s) {
      return side + "check " + s.name() + paths(s.members());
    } else if (step instanceof SyncStep.InstallCopy s) {
      String over =
          s.discards() ? " over anything" : s.replaces().map(r -> " over " + r).orElse("");
      return side + "install " + s.name() + paths(s.members()) + over;
    } else if (step instanceof SyncStep.RenameMember s) {
      return side + "move " + s.from() + " " + s.to();
    } else if (step instanceof SyncStep.DestroyMember s) {
      return side + "destroy member " + s.member();
    }
    return step.toString();
  }

  private static String text(MemberSend m) {
    String path = m.path().isEmpty() ? "" : m.path() + ":";
    String base =
        m.base().map(b -> (b.bookmark() ? "#" : "@") + b.name() + b.id() + "->").orElse("");
    return " " + path + base + "@" + m.snapshot() + m.id().map(VersionId::value).orElse("");
  }

  private static String paths(List<String> paths) {
    return paths.equals(List.of("")) ? "" : " " + paths;
  }
}
