package io.replication4j;

/**
 * The identity of one version of a filesystem, the same on every host that holds it, whatever it is
 * called there: the guid of a ZFS snapshot (unsigned decimal), the received_uuid, else the uuid of
 * a btrfs snapshot, our own tag of an LVM snapshot. Opaque; only equality means something.
 *
 * @param value never empty, without control characters
 */
public record VersionId(String value) {

  public VersionId {
    Names.requireArgument("version id", value);
  }

  public static VersionId of(String value) {
    return new VersionId(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
