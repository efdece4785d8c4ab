package io.replication4j;

import static java.util.Objects.requireNonNull;

import io.replication4j.spi.StorageBackend;

/** A filesystem on a host. */
public final class Filesystem {

  private final StorageBackend backend;
  private final FilesystemName name;

  private Filesystem(StorageBackend backend, FilesystemName name) {
    this.backend = backend;
    this.name = name;
  }

  /**
   * What the backends call to make one; nothing is asked of the host.
   *
   * @throws IllegalArgumentException if the backend cannot use such a name
   */
  public static Filesystem of(StorageBackend backend, FilesystemName name) {
    requireNonNull(backend, "backend").requireValid(requireNonNull(name, "name"));
    return new Filesystem(backend, name);
  }

  public FilesystemName name() {
    return name;
  }

  public StorageBackend backend() {
    return backend;
  }

  /** Where it is, in words. */
  public Endpoint endpoint() {
    return new Endpoint(backend.scheme(), backend.runner().host(), name);
  }

  @Override
  public String toString() {
    return endpoint().toString();
  }
}
