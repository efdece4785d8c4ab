package io.replication4j.lvm;

import io.replication4j.VersionId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * What we write on logical volumes: {@code r4j.KEY=VALUE}. Tags are letters, digits and {@code _ +
 * . - / = ! : & #}, up to 1024 of them; they change in one commit of the group's metadata. Pure.
 *
 * <ul>
 *   <li>{@code id} on a snapshot: the version that it is, {@code NANOSECONDS-UUID}: when it was
 *       taken, by the source's clock, since 1970.
 *   <li>{@code of} on a version of a thin volume: {@code NAME/UUID} of that volume.
 *   <li>{@code in} on what is being received: the volume that it is for.
 *   <li>{@code base} on what is being received: the version that it changes.
 *   <li>{@code chunk} on a store that is being received: its chunk size in bytes.
 *   <li>{@code bytes} on a store that is being received: how large the volume is in that version.
 *   <li>{@code exceptions} on a store that is being received: how many chunks its stream has.
 *   <li>{@code grow} on a volume: {@code BYTES/BASE}, how large it is becoming for the version that
 *       follows BASE.
 *   <li>{@code digest} on what was received whole: {@link StreamDigest} of the stream.
 *   <li>{@code next} on a volume: {@code ID/LABEL/DIGEST}, the version that is merged into it, or
 *       was.
 *   <li>{@code state} on a volume: {@code PAIR/NUMBER/RECORD}, the record of a pair; the highest
 *       number counts.
 * </ul>
 */
final class Tags {

  private static final String PREFIX = "r4j.";
  private static final long NANOS = 1_000_000_000L;

  private Tags() {}

  static String of(String key, String value) {
    return PREFIX + key + "=" + value;
  }

  static Optional<String> value(List<String> tags, String key) {
    String start = of(key, "");
    return tags.stream()
        .filter(tag -> tag.startsWith(start))
        .map(tag -> tag.substring(start.length()))
        .findFirst();
  }

  /** Those of {@code tags} that have one of these keys. */
  static List<String> having(List<String> tags, String... keys) {
    List<String> starts = List.of(keys).stream().map(key -> of(key, "")).toList();
    return tags.stream().filter(tag -> starts.stream().anyMatch(tag::startsWith)).toList();
  }

  static String id(VersionId id) {
    return of("id", id.value());
  }

  /**
   * The version that a volume is to become.
   *
   * @param label the name of the snapshot that will stand for it
   * @param digest of the stream that brought it; empty: a version that was rolled back to
   */
  record Next(VersionId id, String label, Optional<String> digest) {

    /** Empty also if there is more than one: nobody knows which of them the volume became. */
    static Optional<Next> of(List<String> tags) {
      return value(tags, "next")
          .filter(value -> having(tags, "next").size() == 1)
          .map(value -> value.split("/", -1))
          .filter(parts -> parts.length == 3 && !parts[0].isEmpty())
          .map(
              parts ->
                  new Next(
                      VersionId.of(parts[0]),
                      new Volume("", "").label("." + parts[1]),
                      Optional.of(parts[2]).filter(d -> !d.isEmpty())));
    }

    /** What a volume that was received has as long as it is exactly this. */
    List<String> received() {
      return List.of(Tags.id(id), Tags.of("digest", digest.orElse("")));
    }

    String tag() {
      return Tags.of("next", id.value() + "/" + Volume.encode(label) + "/" + digest.orElse(""));
    }
  }

  /**
   * How large a volume becomes, or became, for the version that is going to be merged into it.
   *
   * @param base the version that it holds until then, as far as that reaches
   */
  record Growth(long bytes, VersionId base) {

    static Optional<Growth> of(List<String> tags) {
      return value(tags, "grow")
          .map(value -> value.split("/", 2))
          .filter(parts -> parts.length == 2 && parts[0].matches("[0-9]{1,18}"))
          .map(parts -> new Growth(Long.parseLong(parts[0]), VersionId.of(parts[1])));
    }

    String tag() {
      return Tags.of("grow", bytes + "/" + base.value());
    }
  }

  /**
   * Whose a version of a thin volume is.
   *
   * @param name the volume's, when the version was taken
   * @param uuid the volume's, by which it is known when it was renamed (lvrename) since; a volume
   *     that was rolled back has another
   */
  record Owner(String name, String uuid) {

    static Optional<Owner> of(List<String> tags) {
      return value(tags, "of")
          .map(value -> value.split("/", 2))
          .map(parts -> new Owner(parts[0], parts.length == 2 ? parts[1] : ""));
    }

    String tag() {
      return Tags.of("of", name + "/" + uuid);
    }
  }

  /** When a version was taken, in nanoseconds since 1970; 0 for an id that is not ours. */
  static long takenAt(VersionId id) {
    String value = id.value();
    int dash = value.indexOf('-');
    boolean ours =
        dash > 0 && dash <= 19 && value.substring(0, dash).chars().allMatch(Character::isDigit);
    return ours ? Long.parseUnsignedLong(value.substring(0, dash)) : 0;
  }

  static Instant instant(long nanoseconds) {
    return Instant.ofEpochSecond(nanoseconds / NANOS, nanoseconds % NANOS);
  }

  /**
   * A pair's record, as it is stored.
   *
   * @param text as it was given
   */
  record Stored(String pair, long number, String text) {

    /** Empty for a tag that is none, or cannot be read: a record only reports. */
    static Optional<Stored> of(String tag) {
      String start = Tags.of("state", "");
      String[] parts = tag.startsWith(start) ? tag.substring(start.length()).split("/", 3) : null;
      if (parts == null || parts.length != 3 || !parts[1].matches("[0-9]{1,18}")) {
        return Optional.empty();
      }
      return unpacked(parts[2]).map(text -> new Stored(parts[0], Long.parseLong(parts[1]), text));
    }

    String tag() {
      return Tags.of("state", pair + "/" + number + "/" + packed(text));
    }
  }

  private static String packed(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes)) {
      deflater.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e); // memory
    }
    return Base64.getEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  private static Optional<String> unpacked(String packed) {
    try (InflaterInputStream inflater =
        new InflaterInputStream(
            new java.io.ByteArrayInputStream(Base64.getDecoder().decode(packed)))) {
      return Optional.of(new String(inflater.readNBytes(1 << 16), StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
