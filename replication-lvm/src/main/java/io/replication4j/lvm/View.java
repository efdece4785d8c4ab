package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.lvm.ReportParser.Report;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One volume with what belongs to it, as it was listed. Pure.
 *
 * @param freeBytes of its group; empty: there is no such group
 * @param live the volume itself
 * @param snapshots its snapshots that are versions, those that overflowed included
 * @param incoming what is being received for it, or merged into it
 * @param origins the volumes of its group that have snapshots with an identity
 * @param isDisproved whether it was found to hold something else than what was merged into it
 */
record View(
    Volume volume,
    Optional<Long> freeBytes,
    Optional<LogicalVolume> live,
    List<LogicalVolume> snapshots,
    List<LogicalVolume> incoming,
    List<Volume> origins,
    boolean isDisproved) {

  View {
    snapshots = List.copyOf(snapshots);
    incoming = List.copyOf(incoming);
    origins = List.copyOf(origins);
  }

  static View of(Volume volume, Report report) {
    List<LogicalVolume> all = report.volumes();
    return new View(
        volume,
        Optional.ofNullable(report.freeBytes().get(volume.group())),
        all.stream().filter(v -> v.volume().equals(volume)).findFirst(),
        all.stream()
            .filter(v -> v.isSnapshotOf(volume) && v.id().isPresent() && !isIncoming(v, volume))
            .toList(),
        all.stream().filter(v -> isIncoming(v, volume)).toList(),
        all.stream()
            .filter(v -> v.id().isPresent() && v.volume().group().equals(volume.group()))
            .flatMap(v -> v.origin().map(volume::sibling).stream())
            .toList(),
        false);
  }

  View disproved() {
    return new View(volume, freeBytes, live, snapshots, incoming, origins, true);
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

  String label(LogicalVolume snapshot) {
    return volume.label(snapshot.volume().name());
  }

  /** Whether this whole volume was received, and a snapshot stands for its version already. */
  boolean isMarked(LogicalVolume image) {
    return live.isEmpty() && image.origin().isEmpty() && origins.contains(image.volume());
  }

  /** What arrived whole and is on its way into the volume; empty: nothing is. */
  Optional<Landing> landing() {
    return Landing.of(this);
  }

  /** What was received in part, or cannot be used any more. */
  List<LogicalVolume> remains() {
    Optional<Volume> landing = landing().flatMap(Landing::incoming);
    return incoming.stream()
        .filter(v -> !v.merging() && landing.filter(v.volume()::equals).isEmpty())
        .toList();
  }
}
