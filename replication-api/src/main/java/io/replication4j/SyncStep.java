package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One change to the storage of one side of a pair (a {@link Send}: of the target). Steps are data:
 * they can be listed, stored as JSON, reordered, dropped, and executed by a plan or one by one by
 * the primitives of {@link Filesystem}.
 *
 * <p>Members are named by their path below the pair's filesystem, the filesystem itself by the
 * empty path. A step that is done already is skipped, so every step can be repeated.
 */
public sealed interface SyncStep {

  /** The side whose storage the step changes. */
  Side side();

  /**
   * Creates what the rotation needs to stand before anything is received or snapshot: missing
   * parents of the filesystem, a directory for snapshots; and finishes putting something aside
   * where that was cut. Discards nothing.
   */
  record Prepare(Side side) implements SyncStep {
    public Prepare {
      requireNonNull(side, "side");
    }
  }

  /**
   * Takes a snapshot called {@code name} of every member. ZFS: one atomic command for the tree
   * ({@code zfs snapshot -r}); btrfs: each subvolume atomic by itself, one right after the other.
   */
  record CreateSnapshot(Side side, String name, List<String> members, boolean recursive)
      implements SyncStep {
    public CreateSnapshot {
      requireNonNull(side, "side");
      Names.requireArgument("snapshot name", name);
      members = List.copyOf(members);
    }
  }

  /** Renames the snapshots of these members, on ZFS with {@code recursive} of all that have one. */
  record RenameSnapshot(Side side, String from, String to, List<String> members, boolean recursive)
      implements SyncStep {
    public RenameSnapshot {
      requireNonNull(side, "side");
      Names.requireArgument("snapshot name", from);
      Names.requireArgument("snapshot name", to);
      members = List.copyOf(members);
    }
  }

  /**
   * Destroys the snapshots of these members, on ZFS with {@code recursive} of all that have one.
   * Only the identities in {@code expected} may fall: the executor looks before it lets the command
   * run.
   */
  record DestroySnapshot(
      Side side, String name, List<String> members, boolean recursive, List<VersionId> expected)
      implements SyncStep {
    public DestroySnapshot {
      requireNonNull(side, "side");
      Names.requireArgument("snapshot name", name);
      members = List.copyOf(members);
      expected = List.copyOf(expected);
    }
  }

  /** Puts a user reference on the snapshots, so that they cannot be destroyed: zfs-hold(8). */
  record Hold(Side side, String name, String tag, List<String> members, boolean recursive)
      implements SyncStep {
    public Hold {
      requireNonNull(side, "side");
      Names.requireArgument("snapshot name", name);
      Names.requireLabel("hold tag", tag);
      members = List.copyOf(members);
    }
  }

  /** Takes a user reference away: zfs-release(8). */
  record Release(Side side, String name, String tag, List<String> members, boolean recursive)
      implements SyncStep {
    public Release {
      requireNonNull(side, "side");
      Names.requireArgument("snapshot name", name);
      Names.requireLabel("hold tag", tag);
      members = List.copyOf(members);
    }
  }

  /** Keeps the place of a snapshot in history after its data is gone: zfs-bookmark(8). */
  record CreateBookmark(Side side, String member, String snapshot, String bookmark)
      implements SyncStep {
    public CreateBookmark {
      requireNonNull(side, "side");
      requireNonNull(member, "member");
      Names.requireArgument("snapshot name", snapshot);
      Names.requireArgument("bookmark name", bookmark);
    }
  }

  /** Sets a property of a filesystem. ZFS: zfs-set(8). */
  record SetProperty(Side side, String member, String property, String value) implements SyncStep {
    public SetProperty {
      requireNonNull(side, "side");
      requireNonNull(member, "member");
      Names.requireArgument("property", property);
      requireNonNull(value, "value");
    }
  }

  /**
   * Moves versions from the source to the target in one stream: a command that sends, one that
   * receives.
   *
   * @param members what the stream carries, parents first
   * @param tree whether the stream is that of a whole tree ({@code zfs send -R})
   * @param intermediates whether snapshots between base and new one travel too
   * @param resumeToken where an interrupted stream goes on, or by what it is made again as it was;
   *     then there is exactly one member
   */
  record Send(
      List<MemberSend> members, boolean tree, boolean intermediates, Optional<String> resumeToken)
      implements SyncStep {
    public Send {
      members = List.copyOf(members);
      if (members.isEmpty()) {
        throw new IllegalArgumentException("a stream of nothing");
      }
      if (resumeToken.isPresent() && members.size() != 1) {
        throw new IllegalArgumentException("a resumed stream has one member: " + members);
      }
    }

    @Override
    public Side side() {
      return Side.TARGET;
    }

    /** Whether nothing in the stream has a base. */
    public boolean isFull() {
      return resumeToken.isEmpty() && members.stream().allMatch(m -> m.base().isEmpty());
    }
  }

  /**
   * One member's part of a {@link Send}.
   *
   * @param path where the member stands on the target
   * @param snapshot the name of the snapshot to send
   * @param id its identity; empty while the plan has still to create it
   * @param base what the increment starts from; empty: everything is sent
   * @param compared whether only the target holds the base: what differs from it is found before
   *     the stream begins, by reading both sides
   */
  record MemberSend(
      String path, String snapshot, Optional<VersionId> id, Optional<Base> base, boolean compared) {
    public MemberSend {
      requireNonNull(path, "path");
      Names.requireArgument("snapshot name", snapshot);
      if (compared && base.isEmpty()) {
        throw new IllegalArgumentException("compared with nothing: " + path);
      }
    }

    /** Of a member whose base, if any, both sides hold. */
    public MemberSend(String path, String snapshot, Optional<VersionId> id, Optional<Base> base) {
      this(path, snapshot, id, base, false);
    }
  }

  /**
   * The newest version that both sides hold; of a member that is compared, the target alone.
   *
   * @param path the member that has it on the source; another than the sent one's after a rename
   * @param bookmark whether the source has only a bookmark of it
   */
  record Base(String path, String name, VersionId id, boolean bookmark) {
    public Base {
      requireNonNull(path, "path");
      Names.requireArgument("base name", name);
      requireNonNull(id, "id");
    }
  }

  /**
   * Throws away a partly received stream: {@code zfs receive -A}, a partial subvolume. Of the
   * source: one from the time when it was the target.
   */
  record AbortReceive(Side side, List<String> members) implements SyncStep {
    public AbortReceive {
      requireNonNull(side, "side");
      members = List.copyOf(members);
    }
  }

  /**
   * Discards what a member of the target has after version {@code to}: changes, and of newer
   * versions those in {@code expected}. The executor looks before it lets the command run.
   */
  record RollBack(String member, String to, VersionId id, List<VersionId> expected)
      implements SyncStep {
    public RollBack {
      requireNonNull(member, "member");
      Names.requireArgument("snapshot name", to);
      requireNonNull(id, "id");
      expected = List.copyOf(expected);
    }

    @Override
    public Side side() {
      return Side.TARGET;
    }
  }

  /**
   * Keeps a changed member of the target under {@code asideName}, with its changes, and puts back
   * what it was at {@code base}; without a base nothing is put back, and its place is free.
   */
  record KeepAside(String member, String asideName, Optional<Base> base) implements SyncStep {
    public KeepAside {
      requireNonNull(member, "member");
      Names.requireArgument("aside name", asideName);
      requireNonNull(base, "base");
    }

    @Override
    public Side side() {
      return Side.TARGET;
    }
  }

  /**
   * Proves that the writable copies at the target differ from {@code name} by access times at most
   * (btrfs: an incremental send without data). If one differs: the sync ends as {@link
   * Conflict.Diverged}, or with {@code asideName} the changed copy is kept under that name and the
   * sync goes on.
   */
  record CheckUnmodified(String name, List<String> members, Optional<String> asideName)
      implements SyncStep {
    public CheckUnmodified {
      Names.requireArgument("snapshot name", name);
      members = List.copyOf(members);
    }

    @Override
    public Side side() {
      return Side.TARGET;
    }
  }

  /**
   * Puts a copy of snapshot {@code name} at the final location, in one atomic exchange where the
   * host can.
   *
   * @param replaces the name of the snapshot that the present copy was made from, so that a change
   *     made until the very last moment is not lost; empty: there is no copy, unless {@code
   *     discards}. What has come there meanwhile is not touched: the sync ends as {@link
   *     Conflict.Diverged}
   * @param discards whether what stands there goes, whatever it holds
   */
  record InstallCopy(String name, List<String> members, Optional<String> replaces, boolean discards)
      implements SyncStep {
    public InstallCopy {
      Names.requireArgument("snapshot name", name);
      members = List.copyOf(members);
      requireNonNull(replaces, "replaces");
      if (discards && replaces.isPresent()) {
        throw new IllegalArgumentException(
            "a copy of " + replaces.get() + " that may be changed, and may not");
      }
    }

    /** Where nothing is discarded. */
    public InstallCopy(String name, List<String> members, Optional<String> replaces) {
      this(name, members, replaces, false);
    }

    @Override
    public Side side() {
      return Side.TARGET;
    }
  }

  /**
   * Renames a member of the target, as its source was renamed.
   *
   * @param id a version that it holds: another member that has its name by now is left alone
   */
  record RenameMember(String from, String to, VersionId id) implements SyncStep {
    public RenameMember {
      requireNonNull(from, "from");
      requireNonNull(to, "to");
      requireNonNull(id, "id");
    }

    @Override
    public Side side() {
      return Side.TARGET;
    }
  }

  /**
   * Destroys a member of the target with its snapshots, as its source was destroyed. Only the
   * versions in {@code expected} may fall with it and what is below it: the executor looks before
   * it lets the command run.
   */
  record DestroyMember(String member, List<VersionId> expected) implements SyncStep {
    public DestroyMember {
      if (member.isEmpty()) {
        throw new IllegalArgumentException("the target itself is never destroyed");
      }
      expected = List.copyOf(expected);
    }

    @Override
    public Side side() {
      return Side.TARGET;
    }
  }

  /**
   * Records the pair's state with the data of one side. The executor fills in what a plan cannot
   * know (identity and time of the snapshot, bytes); {@code lineage} are the stream flags that may
   * never change between increments.
   */
  record RecordState(Side side, String pair, Map<String, String> lineage) implements SyncStep {
    public RecordState {
      requireNonNull(side, "side");
      Names.requireLabel("pair", pair);
      lineage = Map.copyOf(lineage);
    }
  }
}
