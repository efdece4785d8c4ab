package io.replication4j.zfs;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How streams are made and what becomes of properties on the target. Immutable.
 *
 * <p>{@code raw} and {@code largeBlocks} belong to the lineage: an increment must be sent with the
 * flags that its base was sent with (zfs-send(8)). Both are therefore off unless asked for, and
 * {@link ZfsBackend#lineage} reports them.
 *
 * @param raw {@code zfs send -w}: blocks as they are on disk, encrypted ones without their key. A
 *     host whose zfs lacks it refuses to send
 * @param largeBlocks {@code zfs send -L}: records of more than 128 KiB stay whole. A host whose zfs
 *     lacks it refuses to send
 * @param compressed {@code zfs send -c}: compressed blocks travel compressed; not used where the
 *     source's zfs lacks it
 * @param embedded {@code zfs send -e}: small blocks travel embedded; the target's pool must have
 *     {@code embedded_data}. Not used where the source's zfs lacks it
 * @param sendProperties whether the source's properties travel. The stream of a whole tree ({@code
 *     zfs send -R}) always carries them: without, every dataset is sent by itself
 * @param resumable {@code zfs receive -s}: an interrupted stream leaves what arrived, and a token
 *     to go on from; not used where the target's zfs lacks it
 * @param receivedOverrides properties that a new replica gets on the target whatever the source has
 * @param receivedExcludes properties of the source that a new replica does not take over
 */
public record ZfsOptions(
    boolean raw,
    boolean largeBlocks,
    boolean compressed,
    boolean embedded,
    boolean sendProperties,
    boolean resumable,
    Map<String, String> receivedOverrides,
    Set<String> receivedExcludes) {

  private static final Pattern PROPERTY = Pattern.compile("[a-z0-9][a-z0-9_.:@-]*");

  public ZfsOptions {
    receivedOverrides = Collections.unmodifiableMap(new TreeMap<>(receivedOverrides));
    receivedExcludes = Collections.unmodifiableSet(new LinkedHashSet<>(receivedExcludes));
    receivedOverrides.keySet().forEach(ZfsOptions::requireProperty);
    receivedExcludes.forEach(ZfsOptions::requireProperty);
    for (String property : receivedExcludes) {
      if (receivedOverrides.containsKey(property)) {
        throw new IllegalArgumentException("property both overridden and excluded: " + property);
      }
    }
  }

  private static void requireProperty(String name) {
    if (!PROPERTY.matcher(name).matches()) {
      throw new IllegalArgumentException("not a property name: '" + name + "'");
    }
  }

  /**
   * Compressed, resumable, with properties; replicas are {@code readonly=on}, {@code
   * canmount=noauto}, and do not take over {@code mountpoint}.
   */
  public static ZfsOptions defaults() {
    return builder().build();
  }

  /** A builder that starts from {@link #defaults}. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.raw = raw;
    builder.largeBlocks = largeBlocks;
    builder.compressed = compressed;
    builder.embedded = embedded;
    builder.sendProperties = sendProperties;
    builder.resumable = resumable;
    builder.overrides.clear();
    builder.overrides.putAll(receivedOverrides);
    builder.excludes.clear();
    builder.excludes.addAll(receivedExcludes);
    return builder;
  }

  /** Collects {@link ZfsOptions}; not thread-safe. */
  public static final class Builder {

    private boolean raw;
    private boolean largeBlocks;
    private boolean compressed = true;
    private boolean embedded;
    private boolean sendProperties = true;
    private boolean resumable = true;
    private final Map<String, String> overrides =
        new LinkedHashMap<>(Map.of("readonly", "on", "canmount", "noauto"));
    private final Set<String> excludes = new LinkedHashSet<>(Set.of("mountpoint"));

    private Builder() {}

    /** Default off. Choose before the first sync: it may not change within a lineage. */
    public Builder raw(boolean on) {
      this.raw = on;
      return this;
    }

    /** Default off. Choose before the first sync: it may not change within a lineage. */
    public Builder largeBlocks(boolean on) {
      this.largeBlocks = on;
      return this;
    }

    /** Default on. */
    public Builder compressed(boolean on) {
      this.compressed = on;
      return this;
    }

    /** Default off. */
    public Builder embedded(boolean on) {
      this.embedded = on;
      return this;
    }

    /** Default on. */
    public Builder sendProperties(boolean on) {
      this.sendProperties = on;
      return this;
    }

    /** Default on. */
    public Builder resumable(boolean on) {
      this.resumable = on;
      return this;
    }

    /** A property that new replicas get, and are no longer kept from taking over. */
    public Builder override(String property, String value) {
      requireProperty(property);
      excludes.remove(property);
      overrides.put(property, requireNonNull(value, "value"));
      return this;
    }

    /** A property that new replicas do not take over, nor get from an earlier {@link #override}. */
    public Builder exclude(String property) {
      requireProperty(property);
      overrides.remove(property);
      excludes.add(property);
      return this;
    }

    /** A property that new replicas take over as the source sends it. */
    public Builder takeOver(String property) {
      requireProperty(property);
      overrides.remove(property);
      excludes.remove(property);
      return this;
    }

    public ZfsOptions build() {
      return new ZfsOptions(
          raw, largeBlocks, compressed, embedded, sendProperties, resumable, overrides, excludes);
    }
  }
}
