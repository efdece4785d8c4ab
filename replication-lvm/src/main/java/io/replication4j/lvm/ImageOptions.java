package io.replication4j.lvm;

import io.replication4j.FilesystemName;

/**
 * How an {@link ImageBackend} writes on its host. Immutable.
 *
 * @param atomic whether an increment is received whole beside the image before the first byte of it
 *     is written there
 * @param deviceDirectory where, for images that are devices, is kept what they hold and what is
 *     received for them: an absolute path, on a filesystem that survives a restart. It is made if
 *     it is not there. Of a file all that lies beside it
 */
public record ImageOptions(boolean atomic, String deviceDirectory) {

  /** Throws {@link IllegalArgumentException} for a directory that is not absolute. */
  public ImageOptions {
    requireDirectory(deviceDirectory);
  }

  private static void requireDirectory(String directory) {
    if (!FilesystemName.of(directory).value().startsWith("/") || directory.equals("/")) {
      throw new IllegalArgumentException("not the absolute path of a directory: " + directory);
    }
  }

  /** Atomic; {@code /var/lib/replication4j}. */
  public static ImageOptions defaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects {@link ImageOptions}; not thread-safe. */
  public static final class Builder {

    private boolean atomic = true;
    private String deviceDirectory = "/var/lib/replication4j";

    private Builder() {}

    /**
     * Increments are written into the image while they arrive: half the writing, and no room beside
     * it; but whatever ends one early leaves an image between two versions, which only a comparison
     * ({@code OnBrokenChain.COMPARE}) or a full copy mends.
     */
    public Builder nonAtomic() {
      this.atomic = false;
      return this;
    }

    /**
     * Default {@code /var/lib/replication4j}. Throws {@link IllegalArgumentException} if it is not
     * absolute.
     */
    public Builder deviceDirectory(String directory) {
      requireDirectory(directory);
      this.deviceDirectory = directory;
      return this;
    }

    public ImageOptions build() {
      return new ImageOptions(atomic, deviceDirectory);
    }
  }
}
