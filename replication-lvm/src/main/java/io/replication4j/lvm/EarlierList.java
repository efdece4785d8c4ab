package io.replication4j.lvm;

import io.replication4j.SyncStep.Send;
import io.replication4j.VersionId;
import io.replication4j.spi.PartialReceive;
import java.util.List;
import java.util.Optional;

/**
 * What the source of an increment listed when its stream was begun. A classic snapshot's list grows
 * as long as its origin is written to; what came after the new snapshot was taken is no part of the
 * stream, but cannot be told from the rest. With it, the stream would be another one.
 *
 * @param base whose list it is
 * @param chunks how many there were in the stream
 */
record EarlierList(VersionId base, long chunks) {

  /** Of a store that is being received. */
  static Optional<EarlierList> of(LogicalVolume store) {
    return Tags.value(store.tags(), "base")
        .flatMap(base -> parsed(base + "/" + Tags.value(store.tags(), "exceptions").orElse("")));
  }

  /** What is to be sent again. */
  static Optional<EarlierList> of(Send send) {
    return send.resumeToken().flatMap(EarlierList::parsed);
  }

  /** What the target keeps, if it is that version. */
  static Optional<String> token(PartialReceive partial, Optional<VersionId> version) {
    return Optional.of(partial)
        .filter(p -> p.kept() && p.version().equals(version))
        .flatMap(PartialReceive::token);
  }

  private static Optional<EarlierList> parsed(String token) {
    List<String> parts = List.of(token.split("/", -1));
    return Optional.of(parts)
        .filter(p -> p.size() == 2 && !p.get(0).isEmpty() && p.get(1).matches("\\d{1,18}"))
        .map(p -> new EarlierList(VersionId.of(p.get(0)), Long.parseLong(p.get(1))));
  }

  String token() {
    return base.value() + "/" + chunks;
  }
}
