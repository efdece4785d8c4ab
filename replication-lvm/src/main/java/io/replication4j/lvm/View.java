package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.lvm.ReportParser.Report;
import io.replication4j.lvm.Tags.Growth;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One volume with what belongs to it, as it was listed. Pure.
 *
 * @param freeBytes of its group; empty: there is no such group
 * @param live the volume itself
 * @param snapshots its snapshots that are versions, those that overflowed included
 * @param incoming what is being received for it, or merged into it
 * @param strays what was to become a snapshot of it, or was one, and is a volume of its own: its
 *     host lost power, or its program was killed, while it was made or removed
 * @param marks the snapshots of its group that have an identity, whatever they are snapshots of
 * @param pools the names of the thin pools of its group
 * @param same of a thin volume, the versions that share all their blocks with it
 * @param isDisproved whether it was found to hold something else than what was merged into it
 */
record View(
    Volume volume,
    Optional<Long> freeBytes,
    Optional<LogicalVolume> live,
    List<LogicalVolume> snapshots,
    List<LogicalVolume> incoming,
    List<LogicalVolume> strays,
    List<LogicalVolume> marks,
    Set<String> pools,
    Set<Volume> same,
    boolean isDisproved) {

  View {
    snapshots = List.copyOf(snapshots);
    incoming = List.copyOf(incoming);
    strays = List.copyOf(strays);
    marks = List.copyOf(marks);
    pools = Set.copyOf(pools);
    same = Set.copyOf(same);
  }

  static View of(Volume volume, Report report) {
    List<LogicalVolume> all = report.volumes();
    Optional<LogicalVolume> live = find(volume, all);
    return new View(
        volume,
        Optional.ofNullable(report.freeBytes().get(volume.group())),
        live,
        all.stream()
            .filter(v -> v.isVersionOf(volume) || isVersionOfRenamed(v, live, all))
            .filter(v -> !isIncoming(v, volume))
            .toList(),
        all.stream().filter(v -> isIncoming(v, volume)).toList(),
        all.stream().filter(v -> v.isStrayOf(volume)).toList(),
        all.stream()
            .filter(v -> v.id().isPresent() && v.origin().isPresent())
            .filter(v -> v.volume().group().equals(volume.group()))
            .toList(),
        all.stream()
            .filter(v -> v.isThinPool() && v.volume().group().equals(volume.group()))
            .map(v -> v.volume().name())
            .collect(Collectors.toSet()),
        Set.of(),
        false);
  }

  private static Optional<LogicalVolume> find(Volume volume, List<LogicalVolume> all) {
    return all.stream().filter(v -> v.volume().equals(volume)).findFirst();
  }

  /** Whether a volume of another name had that version, and is called {@code live} now. */
  private static boolean isVersionOfRenamed(
      LogicalVolume candidate, Optional<LogicalVolume> live, List<LogicalVolume> all) {
    return live.isPresent()
        && candidate.id().isPresent()
        && candidate.volume().group().equals(live.get().volume().group())
        && candidate
            .owner()
            .filter(owner -> owner.uuid().equals(live.get().uuid()))
            .filter(owner -> find(candidate.volume().sibling(owner.name()), all).isEmpty())
            .isPresent();
  }

  /** The versions that are still called after the name that the volume had before. */
  List<LogicalVolume> misnamed() {
    return live.isEmpty()
        ? List.of()
        : snapshots.stream()
            .filter(v -> !v.volume().equals(volume.snapshot(label(v))))
            .filter(v -> !v.merging())
            .toList();
  }

  /**
   * The thin versions of a volume that is not there any more: LVM removes those of a classic volume
   * with it.
   */
  List<LogicalVolume> orphans() {
    return live.isEmpty() && landing().isEmpty() ? snapshots : List.of();
  }

  View disproved() {
    return new View(volume, freeBytes, live, snapshots, incoming, strays, marks, pools, same, true);
  }

  /** After its blocks were compared. */
  View comparedTo(Set<Volume> versions) {
    return new View(
        volume, freeBytes, live, snapshots, incoming, strays, marks, pools, versions, isDisproved);
  }

  /** What has to be compared to know which versions it holds: itself and one of them, each time. */
  List<Volume> comparisons() {
    return isThin()
        ? versions().stream().flatMap(v -> Stream.of(volume, v.volume())).toList()
        : List.of();
  }

  boolean isThin() {
    return live.flatMap(LogicalVolume::pool).isPresent();
  }

  private static boolean isIncoming(LogicalVolume candidate, Volume volume) {
    return candidate.id().isPresent()
        && (candidate.isIncomingFor(volume)
            || (candidate.isSnapshotOf(volume) && candidate.merging()));
  }

  /** The versions whose data can be read. */
  List<LogicalVolume> versions() {
    return snapshots.stream().filter(snapshot -> !snapshot.invalid()).toList();
  }

  /** Those of the volume itself. */
  List<String> tags() {
    return live.map(LogicalVolume::tags).orElse(List.of());
  }

  /** The version that was taken last. */
  Optional<LogicalVolume> newest() {
    return versions().stream()
        .max(Comparator.comparing(v -> Tags.takenAt(v.id().orElseThrow()), Long::compareUnsigned));
  }

  /** The snapshots that overflowed. */
  List<LogicalVolume> lost() {
    return snapshots.stream().filter(LogicalVolume::invalid).toList();
  }

  Optional<LogicalVolume> version(VersionId id) {
    return versions().stream().filter(v -> v.id().equals(Optional.of(id))).findFirst();
  }

  /** Whether that version was received, or is being, and is not merged yet. */
  boolean isIncoming(VersionId id) {
    return incoming.stream().anyMatch(v -> v.id().equals(Optional.of(id)));
  }

  /** What is being received under that name. */
  Optional<LogicalVolume> incoming(Volume name) {
    return incoming.stream().filter(v -> v.volume().equals(name)).findFirst();
  }

  /** Whether the volume holds exactly that version, as far as it reaches. */
  boolean holds(LogicalVolume version) {
    return live.isPresent() && (isGrowingFrom(version) || isUnchangedSince(version));
  }

  private boolean isUnchangedSince(LogicalVolume version) {
    boolean sameLength = version.length() == live.orElseThrow().bytes();
    return (version.isUntouched() || same.contains(version.volume()))
        && (sameLength || growth().filter(g -> isBase(g, version)).isPresent());
  }

  /** Nobody can write to a volume that is not active. */
  private boolean isGrowingFrom(LogicalVolume version) {
    return growing().filter(g -> isBase(g, version)).isPresent();
  }

  private static boolean isBase(Growth growth, LogicalVolume version) {
    return version.id().equals(Optional.of(growth.base()));
  }

  private Optional<Growth> growth() {
    return live.flatMap(volume -> Growth.of(volume.tags()));
  }

  /** The tags that say how large the volume became. */
  List<String> grown() {
    return Tags.having(tags(), "grow");
  }

  /** What the volume was being made larger to when that was cut; it is not active. */
  Optional<Growth> growing() {
    return growth().filter(g -> !live.orElseThrow().active());
  }

  String label(LogicalVolume snapshot) {
    String name = snapshot.volume().name();
    Volume named = snapshot.owner().map(owner -> volume.sibling(owner.name())).orElse(volume);
    int dot = name.indexOf('.');
    boolean isForeign = dot > 0 && !name.startsWith(named.name() + ".");
    return isForeign
        ? volume
            .sibling(name.substring(0, dot))
            .label(name) // the volume was called so, most likely
        : named.label(name);
  }

  /** Whether this volume arrived whole, and a snapshot stands for its version already. */
  boolean isMarked(LogicalVolume image) {
    return live.isEmpty()
        && (image.pool().isPresent()
            ? isWhole(image)
            : image.origin().isEmpty()
                && image.isWhole()
                && marksOf(image).anyMatch(mark -> isOf(mark, image)));
  }

  private Stream<LogicalVolume> marksOf(LogicalVolume image) {
    return marks.stream().filter(mark -> mark.isSnapshotOf(image.volume()));
  }

  /** And not of what had arrived until then. */
  private static boolean isOf(LogicalVolume mark, LogicalVolume image) {
    return mark.id().equals(image.id()) && !mark.invalid() && mark.used() == 0;
  }

  /** Of a thin volume that was received: whether all of it was, and a version stands for it. */
  boolean isWhole(LogicalVolume received) {
    return received.isWhole() && version(received.id().orElseThrow()).isPresent();
  }

  /** What arrived whole and is on its way into the volume; empty: nothing is. */
  Optional<Landing> landing() {
    return Landing.of(this);
  }

  /**
   * What was received in part, or whole, into a volume of its own, and is all that remains: the
   * rest can follow. Not into one of which a snapshot was taken: that would keep what it was.
   */
  Optional<LogicalVolume> kept() {
    return Optional.of(remains())
        .filter(remains -> remains.size() == 1)
        .map(remains -> remains.get(0))
        .filter(v -> v.origin().isEmpty() && v.isIncomingFor(volume))
        .filter(v -> marksOf(v).findAny().isEmpty());
  }

  /** What was received in part, or cannot be used any more. */
  List<LogicalVolume> remains() {
    Optional<Volume> landing = landing().flatMap(Landing::incoming);
    return incoming.stream()
        .filter(v -> !v.merging() && landing.filter(v.volume()::equals).isEmpty())
        .toList();
  }
}
